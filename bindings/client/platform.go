package client

import "strconv"

// The platforms by their ids 1 to 12 (SERVER-BEHAVIOUR §3), without admin (10), as which nobody connects.
const platforms = "ios,android,windows,osx,web,miniweb,linux,androidpad,ipad,harmonyos,bot"

const platformWeb = 5

func platformID(name string) int {
	ids := map[string]int{
		"ios": 1, "android": 2, "windows": 3, "osx": 4, "web": platformWeb, "miniweb": 6, "linux": 7, "androidpad": 8, "ipad": 9,
		"harmonyos": 11, "bot": 12,
	}
	return ids[name]
}

func platformNames(ids []int64) []string {
	names := [...]string{"", "ios", "android", "windows", "osx", "web", "miniweb", "linux", "androidpad", "ipad", "admin", "harmonyos", "bot"}
	out := make([]string, len(ids))
	for i, id := range ids {
		if id > 0 && id < int64(len(names)) {
			out[i] = names[id]
		} else {
			out[i] = strconv.FormatInt(id, 10)
		}
	}
	return out
}
