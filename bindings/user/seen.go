package user

import "hash/maphash"

// seen remembers the ids of a file, to find repeated ones, in some 20 bytes an id: a 64-bit hash with random seed as
// the key, 32 bits of another hash to tell ids of the same key apart, and the row. Two different ids are taken for one
// with a chance of one in 2^96 for each pair, which is below that of a memory fault.
type seen struct {
	one, two maphash.Seed
	rows     map[uint64]seenRow
}

type seenRow struct{ check, row uint32 }

func newSeen() *seen {
	return &seen{maphash.MakeSeed(), maphash.MakeSeed(), map[uint64]seenRow{}}
}

// add remembers an id and returns the row that had it before, or 0.
func (s *seen) add(id string, row int64) int64 {
	key, check := maphash.String(s.one, id), uint32(maphash.String(s.two, id))
	if before, there := s.rows[key]; there && before.check == check {
		return int64(before.row)
	}
	s.rows[key] = seenRow{check, uint32(row)}
	return 0
}
