package output

import (
	"cmp"
	"slices"
	"strings"
)

// byDistance is the names with those most like the given one first.
func byDistance(name string, among []string) []string {
	sorted := slices.Clone(among)
	distances := make(map[string]int, len(among))
	for _, other := range among {
		distances[other] = distance(strings.ToLower(name), strings.ToLower(other))
	}
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return sorted
}

// distance counts the letters to insert, delete, replace or swap to make one word of the other.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			replace := last[j-1]
			if x[i-1] != y[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
