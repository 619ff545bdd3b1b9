package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The area third (SERVER-BEHAVIOUR §6): push tokens, badges, logs that clients
// uploaded, and the GET calls for Prometheus. Object storage is in object.go.
func thirdEndpoints() []endpoint {
	list := []endpoint{
		{path: "/third/fcm_update_token", run: handle(updateFCMToken)},
		{path: "/third/set_app_badge", run: handle(setAppBadge)},
		{path: "/third/logs/upload", run: handle(uploadLogs)},
		{path: "/third/logs/search", access: adminOnly, reads: true, run: handle(searchLogs)},
		{path: "/third/logs/delete", access: adminOnly, run: handle(deleteLogs)},
		{method: http.MethodGet, path: "/third/prometheus", run: handleRaw(toGrafana)},
	}
	for _, part := range []string{
		"api", "user", "group", "msg", "friend", "conversation", "third", "auth", "push", "msg_gateway", "msg_transfer",
	} {
		list = append(list, endpoint{method: http.MethodGet, path: "/prometheus_discovery/" + part, run: handleRaw(noTargets)})
	}
	return list
}

type fcmReq struct {
	PlatformID        int32
	FcmToken, Account string
	ExpireTime        int64 // seconds
}

func (r fcmReq) check() error {
	return first(checkPlatform(r.PlatformID), required("fcmToken", r.FcmToken), required("account", r.Account))
}

func fcmKey(account string, platformID int32) string {
	return fmt.Sprintf("FCM_TOKEN:%s:%d", account, platformID)
}

// updateFCMToken keeps the token in Redis only (DATA-MODEL); any caller may set any account's.
func updateFCMToken(c *call, req fcmReq) (any, error) {
	key := fcmKey(req.Account, req.PlatformID)
	if err := c.redis.Set(key, req.FcmToken); err != nil {
		return nil, err
	}
	if req.ExpireTime > 0 {
		c.redis.SetTTL(key, time.Duration(req.ExpireTime)*time.Second)
	}
	return nil, nil
}

type badgeReq struct {
	UserID         string
	AppUnreadCount int32
}

func (r badgeReq) check() error { return required("userID", r.UserID) }

func setAppBadge(c *call, req badgeReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	return nil, c.redis.Set("USER_BADGE_UNREAD_COUNT_SUM:"+req.UserID, strconv.Itoa(int(req.AppUnreadCount)))
}

type uploadReq struct {
	Platform int32
	FileURLs []struct {
		Filename string
		URL      string
	}
	AppFramework, Version, Ex string
}

// uploadLogs files the logs under the caller; no file at all is a database error.
func uploadLogs(c *call, req uploadReq) (any, error) {
	if len(req.FileURLs) == 0 {
		return nil, uncodedError("must provide at least one element in input slice")
	}
	for _, f := range req.FileURLs {
		l := &clientLog{
			logID: c.newID(c.logs.has), userID: c.userID, platform: platformNames[req.Platform], url: f.URL, filename: f.Filename,
			ex: req.Ex, version: req.Version, appFramework: req.AppFramework, createTime: c.nowMilli(),
		}
		c.logs.put(l.logID, l)
	}
	return nil, nil
}

type searchLogsReq struct {
	Keyword            string
	StartTime, EndTime int64 // ms
	Pagination         *pagination
}

// searchLogs lists the newest first. The keyword is an expression on the user's id,
// and the pagination isn't checked.
func searchLogs(c *call, req searchLogsReq) (any, error) {
	type row struct {
		UserID     string `json:"userID"`
		Platform   string `json:"platform"`
		URL        string `json:"url"`
		CreateTime int64  `json:"createTime"`
		Nickname   string `json:"nickname"`
		LogID      string `json:"logID"`
		Filename   string `json:"filename"`
		SystemType string `json:"systemType"` // never set
		Ex         string `json:"ex"`
		Version    string `json:"version"`
	}
	if req.StartTime > req.EndTime {
		return nil, argsError("startTime>endTime")
	}
	anyTime := req.StartTime == 0 && req.EndTime == 0
	re, err := caseSensitive(req.Keyword)
	if err != nil {
		return nil, err
	}
	var found []*clientLog
	for _, l := range c.logs.all() {
		if (anyTime || l.createTime >= req.StartTime && l.createTime <= req.EndTime) && re.MatchString(l.userID) {
			found = append(found, l)
		}
	}
	slices.Reverse(found)
	var rows []row
	for _, l := range pageOf(found, req.Pagination) {
		r := row{
			UserID: l.userID, Platform: l.platform, URL: l.url, CreateTime: l.createTime, LogID: l.logID,
			Filename: l.filename, Ex: l.ex, Version: l.version,
		}
		if u, ok := c.users.get(l.userID); ok {
			r.Nickname = u.Nickname
		}
		rows = append(rows, r)
	}
	return struct {
		LogsInfos []row `json:"logsInfos"`
		Total     int   `json:"total"`
	}{rows, len(found)}, nil
}

type deleteLogsReq struct{ LogIDs []string }

// deleteLogs deletes all or none.
func deleteLogs(c *call, req deleteLogsReq) (any, error) {
	for _, id := range req.LogIDs {
		if !c.logs.has(id) {
			return nil, notFound("logIDs not found")
		}
	}
	for _, id := range req.LogIDs {
		c.logs.delete(id)
	}
	return nil, nil
}

// toGrafana redirects to the configured address; as shipped that is empty, which comes
// out as the folder of the path.
func toGrafana(*call) (any, error) {
	return rawAnswer{status: http.StatusFound, header: map[string]string{"Location": "/third/"}}, nil
}

// noTargets is the answer without a registry of services.
func noTargets(*call) (any, error) {
	return rawAnswer{status: http.StatusOK, contentType: "application/json; charset=utf-8", body: "[]"}, nil
}
