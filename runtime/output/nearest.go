package output

import (
	"slices"

	"github.com/openimsdk/imctl/bindings/fault"
)

// nearestFirst is the names with those that the given one most likely meant in front.
func nearestFirst(name string, among []string) []string {
	rest := slices.Clone(among)
	var sorted []string
	for {
		nearest := fault.Nearest(name, rest)
		i := slices.Index(rest, nearest)
		if nearest == "" || i < 0 {
			return append(sorted, rest...)
		}
		sorted, rest = append(sorted, nearest), slices.Delete(rest, i, i+1)
	}
}
