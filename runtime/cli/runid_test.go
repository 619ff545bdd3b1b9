package cli

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestUniqueNames draws names in parallel, in runs of the same moment and of later ones.
func TestUniqueNames(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]{16}_[a-z0-9]+$`) // what account and group ids may hold (SERVER-BEHAVIOUR §6)
	now := time.Now()
	var mu sync.Mutex
	seen := map[string]bool{}
	var all sync.WaitGroup
	for range 50 {
		a := &app{run: newRunID(now)}
		for range 4 {
			all.Go(func() {
				for range 20 {
					name, err := a.unique()
					mu.Lock()
					if err != nil || seen[name] || !form.MatchString(name) {
						t.Errorf("drew %q, %v; twice: %v", name, err, seen[name])
					}
					seen[name] = true
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	var runs []string
	for _, later := range []time.Duration{0, time.Second, time.Hour, 24 * 365 * time.Hour} {
		runs = append(runs, newRunID(now.Add(later)).text)
	}
	if !slices.IsSorted(runs) {
		t.Errorf("the journals of %v are not in the order of their time", runs)
	}
}
