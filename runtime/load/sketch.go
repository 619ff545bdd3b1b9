package load

import (
	"encoding/json"
	"math"
	"math/bits"
	"slices"
)

// sketch counts values with two digits: enough for a point of a chart, and small. Two of them add exactly.
type sketch map[int64]int64

// sketchBits is how many leading bits of a value a sketch keeps: an error of at most 0.8 %.
const sketchBits = 7

func (s sketch) add(v int64) {
	if shift := bits.Len64(uint64(v)) - sketchBits; shift > 0 {
		v = v>>shift<<shift + 1<<(shift-1) // the middle of those that look alike
	}
	s[v]++
}

func (s sketch) merge(o sketch) {
	for v, n := range o {
		s[v] += n
	}
}

func (s sketch) total() (n int64) {
	for _, c := range s {
		n += c
	}
	return n
}

// quantiles are the values at percents, which go up, in the unit of the trend.
func (s sketch) quantiles(percents ...float64) []float64 {
	out := make([]float64, len(percents))
	total := s.total()
	if total == 0 {
		return out
	}
	seen, at := int64(0), 0
	for _, v := range s.sorted() {
		seen += s[v]
		for at < len(percents) && seen >= max(int64(math.Ceil(percents[at]/100*float64(total)-1e-9)), 1) {
			out[at] = float64(v) / perUnit
			at++
		}
	}
	return out
}

func (s sketch) sorted() []int64 {
	all := make([]int64, 0, len(s))
	for v := range s {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// MarshalJSON writes value and count, value and count, ….
func (s sketch) MarshalJSON() ([]byte, error) {
	pairs := make([]int64, 0, 2*len(s))
	for _, v := range s.sorted() {
		pairs = append(pairs, v, s[v])
	}
	return json.Marshal(pairs)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *sketch) UnmarshalJSON(text []byte) error {
	var pairs []int64
	if err := json.Unmarshal(text, &pairs); err != nil {
		return err
	}
	*s = sketch{}
	for i := 0; i+1 < len(pairs); i += 2 {
		(*s)[pairs[i]] += pairs[i+1]
	}
	return nil
}
