package friend

import (
	"context"
	"iter"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

const pageSize = 500

// page is one page of a list: its rows and the total that the server gives with it.
type page[T any] func(ctx context.Context, number, size int64) (rows []T, total int64, err error)

func pagination(number, size int64) *value.Object {
	return value.NewObject("pageNumber", number, "showNumber", size)
}

// pages streams all pages of a list. Rows that a shift between two calls repeats are left out; a server that brings
// nothing new, or more than it says there is, ends in an error. A count that differs from the total is a warning.
func pages[T any](ctx context.Context, env *bindings.Env, what string, key func(T) string, next page[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		last := map[string]bool{}
		var seen int64
		for number := int64(1); ; number++ {
			rows, total, err := next(ctx, number, pageSize)
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
			if len(rows) > 0 && news == 0 || seen > 2*total+pageSize {
				yield(zero, fault.New(fault.API, "the server repeats itself: page %d of the %s brings nothing new (total %d, listed %d)",
					number, what, total, seen))
				return
			}
			if len(rows) == 0 || number*pageSize >= total && len(rows) < pageSize {
				if seen != total {
					warn(env, "the server counts %d %s, and %d were listed", total, what, seen)
				}
				return
			}
			last = fresh
		}
	}
}

func warn(env *bindings.Env, format string, args ...any) {
	if env.Warn != nil {
		env.Warn(format, args...)
	}
}
