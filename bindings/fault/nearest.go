package fault

import "strings"

// Nearest returns the candidate that name most likely meant, or "" when none is close. Case and the marks "_", "-"
// and "." count little.
func Nearest(name string, candidates []string) string {
	best, bestCost := "", 0
	folded := fold(name)
	for _, c := range candidates {
		f := fold(c)
		cost := distance(folded, f)
		limit := max(len(folded), len(f))/3 + 1
		if strings.HasPrefix(f, folded) && len(folded) >= 2 || strings.HasPrefix(folded, f) && len(f) >= 3 {
			cost = min(cost, limit)
		}
		if cost <= limit && (best == "" || cost < bestCost) {
			best, bestCost = c, cost
		}
	}
	return best
}

// DidYouMean is the end of an error text: "; did you mean X?", or "" when nothing is close.
func DidYouMean(name string, candidates []string) string {
	if n := Nearest(name, candidates); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

func fold(s string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(s))
}

// distance is the number of edits (insert, delete, replace, swap of neighbours) between a and b.
func distance(a, b string) int {
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
