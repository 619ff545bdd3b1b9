package user

import (
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// fetcher gets one page, from 1, and the server's total.
type fetcher[T any] func(number, size int) (total int64, rows []T, err error)

// paged yields the rows of all pages. A server that gives the same page again ends in an error, and a sum that differs
// from the server's total in a warning.
func paged[T any](env *bindings.Env, what string, size int, id func(T) string, fetch fetcher[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		var seen int64
		before := ""
		for number := 1; ; number++ {
			total, rows, err := fetch(number, size)
			if err != nil {
				yield(zero, err)
				return
			}
			if len(rows) > 0 && number > 1 && id(rows[0]) == before {
				yield(zero, fault.New(fault.API, "the server repeats itself: page %d of %s begins with %s like the page before",
					number, what, before))
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			seen += int64(len(rows))
			if len(rows) > 0 {
				before = id(rows[0])
			}
			if len(rows) == 0 || seen >= total {
				if seen != total {
					warn(env, "the server counts %d %s and listed %d", total, what, seen)
				}
				return
			}
		}
	}
}

// first ends a stream after n rows; 0 is no end.
func first[T any](rows iter.Seq2[T, error], n int64) iter.Seq2[T, error] {
	if n <= 0 {
		return rows
	}
	return func(yield func(T, error) bool) {
		left := n
		for row, err := range rows {
			if !yield(row, err) || err != nil {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

func warn(env *bindings.Env, format string, args ...any) {
	if env.Warn != nil {
		env.Warn(format, args...)
	}
}
