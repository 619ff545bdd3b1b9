package cli

import (
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// parseBytes reads a size: 512MiB, 2GiB, 1000000; 0 is no limit.
func parseBytes(text string) (uint64, error) {
	number, shift := text, 0
	for unit, s := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30, "KB": 10, "MB": 20, "GB": 30} {
		if n, ok := strings.CutSuffix(text, unit); ok {
			number, shift = n, s
		}
	}
	var n uint64
	plain := value.ParseNumber(strings.TrimSpace(number))
	if i, ok := plain.(int64); ok && i >= 0 && i < 1<<30 || ok && shift == 0 && i >= 0 {
		n = uint64(i) << shift
		return n, nil
	}
	return 0, fault.New(fault.Usage, "--max-memory: %q is no size", text).WithHint("write 512MiB, 2GiB, or 0 for no limit")
}
