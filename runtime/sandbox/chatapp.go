package sandbox

import (
	"fmt"
	"regexp"
	"slices"
)

// chatAppEndpoints are applets and the versions of the client program (CHAT-ADMIN).
func chatAppEndpoints() []endpoint {
	return []endpoint{
		{path: "/applet/add", run: handle(appletAdd)},
		{path: "/applet/del", run: handle(appletDelete)},
		{path: "/applet/update", run: handle(appletUpdate)},
		{path: "/applet/search", reads: true, run: handle(appletSearch)},
		{path: "/application/add_version", run: handle(versionAdd)},
		{path: "/application/update_version", run: handle(versionUpdate)},
		{path: "/application/delete_version", run: handle(versionDelete)},
		{path: "/application/latest_version", access: noToken, reads: true, run: handle(versionLatest)},
		{path: "/application/page_versions", access: noToken, reads: true, run: handle(versionPage)},
	}
}

// applet is AppletInfo.
type applet struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	AppID      string `json:"appID"`
	Icon       string `json:"icon"`
	URL        string `json:"url"`
	MD5        string `json:"md5"`
	Size       int64  `json:"size"`
	Version    string `json:"version"`
	Priority   uint32 `json:"priority"`
	Status     uint32 `json:"status"` // 1 on the shelf, 2 off
	CreateTime int64  `json:"createTime"`
}

var md5Form = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

type appletAddReq struct{ applet }

func (r appletAddReq) check() error {
	return first(
		required("name", r.Name), required("appID", r.AppID), required("icon", r.Icon), required("url", r.URL),
		requiredIf(!md5Form.MatchString(r.MD5), "md5"), requiredIf(r.Size <= 0, "size"), required("version", r.Version),
		requiredIf(r.Status != 1 && r.Status != 2, "status"),
	)
}

func appletAdd(c *call, req appletAddReq) (any, error) {
	if req.ID == "" {
		req.ID = c.newID(c.chat.applets.has)
	} else if c.chat.applets.has(req.ID) {
		return nil, duplicateKeyError("id")
	}
	if req.CreateTime == 0 {
		req.CreateTime = c.nowMilli()
	}
	c.chat.applets.put(req.ID, &req.applet)
	return nil, nil
}

type appletDeleteReq struct{ AppletIDs []string }

func (r appletDeleteReq) check() error { return requiredIf(len(r.AppletIDs) == 0, "appletIds") }

func appletDelete(c *call, req appletDeleteReq) (any, error) {
	for _, id := range req.AppletIDs {
		c.chat.applets.delete(id)
	}
	return nil, nil
}

type appletUpdateReq struct {
	ID                                   string
	Name, AppID, Icon, URL, MD5, Version *string
	Size                                 *int64
	Priority, Status                     *uint32
}

func (r appletUpdateReq) check() error { return required("id", r.ID) }

func appletUpdate(c *call, req appletUpdateReq) (any, error) {
	a, ok := c.chat.applets.get(req.ID)
	if !ok {
		return nil, notFound("applet not found")
	}
	set(&a.Name, req.Name)
	set(&a.AppID, req.AppID)
	set(&a.Icon, req.Icon)
	set(&a.URL, req.URL)
	set(&a.MD5, req.MD5)
	set(&a.Version, req.Version)
	set(&a.Size, req.Size)
	set(&a.Priority, req.Priority)
	set(&a.Status, req.Status)
	return nil, nil
}

func appletSearch(c *call, req keywordSearch) (any, error) {
	var rows []applet
	for _, a := range c.chat.applets.all() {
		if hasKeyword(req.Keyword, a.Name, a.ID, a.AppID) {
			rows = append(rows, *a)
		}
	}
	return struct {
		Total   int      `json:"total"`
		Applets []applet `json:"applets"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}

// appVersion is ApplicationVersion; its id is a MongoDB object id.
type appVersion struct {
	ID         string `json:"id"`
	Platform   string `json:"platform"`
	Version    string `json:"version"`
	URL        string `json:"url"`
	Text       string `json:"text"`
	Force      bool   `json:"force"`
	Latest     bool   `json:"latest"`
	Hot        bool   `json:"hot"`
	CreateTime int64  `json:"createTime"`
}

var objectIDForm = regexp.MustCompile(`^[0-9a-f]{24}$`)

func checkObjectIDs(ids ...string) error {
	for _, id := range ids {
		if !objectIDForm.MatchString(id) {
			return argsError("invalid id " + id)
		}
	}
	return nil
}

// newObjectID is 24 hex digits that begin with the time, as MongoDB makes them.
func (st *state) newObjectID() string {
	return fmt.Sprintf("%08x%016x", uint32(st.nowMilli()/1000), st.rnd.Uint64())
}

func versionAdd(c *call, req appVersion) (any, error) {
	for _, v := range c.chat.versions.all() {
		if v.Platform == req.Platform && v.Version == req.Version {
			return nil, duplicateKeyError("platform, version")
		}
	}
	req.ID, req.CreateTime = c.newObjectID(), c.nowMilli()
	c.chat.versions.put(req.ID, &req)
	return nil, nil
}

type versionUpdateReq struct {
	ID                           string
	Platform, Version, URL, Text *string
	Force, Latest, Hot           *bool
}

func (r versionUpdateReq) check() error { return checkObjectIDs(r.ID) }

func versionUpdate(c *call, req versionUpdateReq) (any, error) {
	v, ok := c.chat.versions.get(req.ID)
	if !ok {
		return nil, notFound("version not found")
	}
	set(&v.Platform, req.Platform)
	set(&v.Version, req.Version)
	set(&v.URL, req.URL)
	set(&v.Text, req.Text)
	set(&v.Force, req.Force)
	set(&v.Latest, req.Latest)
	set(&v.Hot, req.Hot)
	return nil, nil
}

type versionDeleteReq struct{ ID []string }

func (r versionDeleteReq) check() error { return checkObjectIDs(r.ID...) }

func versionDelete(c *call, req versionDeleteReq) (any, error) {
	for _, id := range req.ID {
		c.chat.versions.delete(id)
	}
	return nil, nil
}

type versionLatestReq struct{ Platform, Version string }

// versionLatest answers null when there is none.
func versionLatest(c *call, req versionLatestReq) (any, error) {
	var answer struct {
		Version *appVersion `json:"version"`
	}
	for _, v := range c.chat.versions.all() {
		if v.Platform == req.Platform && v.Latest {
			found := *v
			answer.Version = &found
		}
	}
	return answer, nil
}

type versionPageReq struct {
	chatPaged
	Platform []string
}

func versionPage(c *call, req versionPageReq) (any, error) {
	var rows []appVersion
	for _, v := range c.chat.versions.all() {
		if len(req.Platform) == 0 || slices.Contains(req.Platform, v.Platform) {
			rows = append(rows, *v)
		}
	}
	slices.Reverse(rows) // newest first
	return struct {
		Total    int          `json:"total"`
		Versions []appVersion `json:"versions"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}
