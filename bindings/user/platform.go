package user

import (
	"strconv"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

// adminPlatform is the platform of admin tokens; no user can have one of it (SERVER-BEHAVIOUR §3).
const adminPlatform = 10

// platforms names the platform ids from 1 (SERVER-BEHAVIOUR §3).
func platforms() []string {
	return []string{"ios", "android", "windows", "osx", "web", "miniweb", "linux", "androidpad", "ipad", "admin", "harmonyos", "bot"}
}

func platformName(id int32) string {
	if names := platforms(); id >= 1 && int(id) <= len(names) {
		return names[id-1]
	}
	return "platform " + strconv.Itoa(int(id))
}

func platformNames(ids []int32) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = platformName(id)
	}
	return out
}

// platformOf reads a platform given by id or by name; 0 when neither is given.
func platformOf(id int32, name string) (int32, error) {
	names := platforms()
	switch {
	case id != 0 && name != "":
		return 0, usage("platformID and platform name the same thing: give one of them")
	case id < 0 || int(id) > len(names):
		return 0, usage("platformID %d: want 1 to %d", id, len(names))
	case name == "":
		return id, nil
	}
	for i, n := range names {
		if n == strings.ToLower(name) || name == strconv.Itoa(i+1) {
			return int32(i + 1), nil
		}
	}
	return 0, usage("platform %q is not one of %s%s", name, strings.Join(names, ", "), fault.DidYouMean(name, names))
}
