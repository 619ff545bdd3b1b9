package group

import (
	"strings"
	"unicode"

	"github.com/openimsdk/imctl/bindings/fault"
)

// checkID refuses an id that no account or group can have, before anything is sent.
func checkID(field, id string) error {
	switch {
	case strings.TrimSpace(id) == "":
		return fault.New(fault.Usage, "%s is blank", field)
	case strings.TrimSpace(id) != id:
		return fault.New(fault.Usage, "%s: %q has white space around it; did you mean %q?", field, id, strings.TrimSpace(id))
	case strings.ContainsFunc(id, unicode.IsControl):
		return fault.New(fault.Usage, "%s: %q holds a control character", field, id)
	}
	return nil
}

// checkIDs checks a list of ids and leaves out repeats; an empty list is refused.
func checkIDs(field string, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, fault.New(fault.Usage, "%s is an empty list", field).WithHint("nothing was sent")
	}
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for i, id := range ids {
		if err := checkID(field+"["+itoa(i+1)+"]", id); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}

// checkRange checks an optional setting that knows 0 to highest.
func checkRange(field string, v *int64, highest int64) error {
	if v != nil && (*v < 0 || *v > highest) {
		return fault.New(fault.Usage, "%s: want 0 to %d, got %d", field, highest, *v)
	}
	return nil
}
