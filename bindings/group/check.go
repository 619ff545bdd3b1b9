package group

import "github.com/openimsdk/imctl/bindings/fault"

// checkRange checks an optional setting that knows 0 to highest.
func checkRange(field string, v *int64, highest int64) error {
	if v != nil && (*v < 0 || *v > highest) {
		return fault.New(fault.Usage, "%s: want 0 to %d, got %d", field, highest, *v)
	}
	return nil
}
