package bindings

import (
	"fmt"
	"iter"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// PageSize is how many rows a list asks for at a time, where nothing speaks for another number.
const PageSize = 500

// Page gets one page of a list, counted from 1: its rows and the total that the server gives with it. A total below 0
// says that the server gives none that holds.
type Page[T any] func(number, size int64) (rows []T, total int64, err error)

// Pagination is the part of a request that says which page is wanted.
func Pagination(number, size int64) *value.Object {
	return value.NewObject("pageNumber", number, "showNumber", size)
}

// Pages streams all pages of a list; what names its rows in messages, key tells them apart. Rows that a shift between
// two calls repeats are left out; a server that brings nothing new, or more than it says there is, ends in an error. A
// count that differs from the total is a warning.
func Pages[T any](env *Env, what string, size int64, key func(T) string, page Page[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		last := map[string]bool{}
		var seen int64
		for number := int64(1); ; number++ {
			rows, total, err := page(number, size)
			if err != nil {
				yield(zero, err)
				return
			}
			fresh := make(map[string]bool, len(rows))
			news := 0
			for _, r := range rows {
				k := key(r)
				if !last[k] && !fresh[k] {
					news++
					if !yield(r, nil) {
						return
					}
				}
				fresh[k] = true
			}
			seen += int64(news)
			if len(rows) > 0 && news == 0 || total >= 0 && seen > 2*total+size {
				yield(zero, repeats(what, number, total, seen))
				return
			}
			if n := int64(len(rows)); n == 0 || seen >= total && n < size || seen == total {
				if total >= 0 && seen != total {
					env.Warning("the server counts %d %s, and %d were listed", total, what, seen)
				}
				return
			}
			last = fresh
		}
	}
}

func repeats(what string, number, total, seen int64) *fault.Error {
	counted := ""
	if total >= 0 {
		counted = fmt.Sprintf(" (total %d, listed %d)", total, seen)
	}
	return fault.New(fault.API, "the server repeats itself: page %d of the %s brings nothing new%s", number, what, counted)
}

// Only streams the rows that are wanted. Where there are no rows at all it asks none, unless that is nil, for the error
// to end in: the server answers with an empty list also for what does not exist.
func Only[T any](rows iter.Seq2[T, error], wanted func(T) bool, none func() error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		any := false
		for r, err := range rows {
			any = true
			if err == nil && !wanted(r) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		if any || none == nil {
			return
		}
		if err := none(); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// Fails is a stream that is nothing but an error.
func Fails[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// Holds tells whether text holds part, whatever the case: the filter of lists that the server can't filter.
func Holds(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
