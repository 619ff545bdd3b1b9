package user

import "iter"

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
