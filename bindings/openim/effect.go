package openim

import "strings"

// Writes tells whether a POST to path changes anything on the server, its chat server included. The names follow
// rules; what they don't fit is listed. An unknown path counts as one that writes.
func Writes(path string) bool {
	switch path {
	case "/user/account_check", "/user/process_user_command_get", "/user/process_user_command_get_all",
		"/msg/newest_seq", "/object/part_limit", "/object/part_size", "/object/auth_sign", "/object/access_url", "/object/*name",
		"/third/prometheus",
		"/account/login", "/account/info", "/application/latest_version", "/application/page_versions":
		return false
	case "/auth/get_user_token":
		// It may end the user's sessions on that platform, but what it gives is needed for reads too: the operations
		// that use it decide.
		return false
	case "/auth/get_admin_token": // retires the earlier tokens of that admin (SERVER-BEHAVIOUR §3)
		return true
	}
	if strings.HasPrefix(path, "/statistics/") || strings.HasPrefix(path, "/statistic/") || strings.HasPrefix(path, "/prometheus_discovery/") {
		return false
	}
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	for _, prefix := range []string{"get_", "search_", "is_", "check_", "page_", "pull_", "parse_"} {
		if strings.HasPrefix(last, prefix) {
			return false
		}
	}
	switch last {
	case "get", "search", "find": // /third/logs/search and the chat server's form: /block/search, /default/user/find
		return false
	case "full", "public": // the chat server's /user/find/full, /user/search/public
		return len(parts) < 2 || parts[len(parts)-2] != "find" && parts[len(parts)-2] != "search"
	}
	return true
}

// knownPath tells whether path is in a part of the API that the server has: then a 404 means that it lacks this one
// endpoint, not that another service answered.
func knownPath(at *endpoint, path string) bool {
	if at.chat {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "user", "friend", "group", "auth", "third", "object", "msg", "conversation", "statistics", "jssdk", "config",
		"restart", "prometheus_discovery":
		return true
	}
	return false
}
