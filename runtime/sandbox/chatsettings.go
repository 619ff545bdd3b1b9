package sandbox

import (
	"maps"
	"slices"
	"strings"
)

// chatSettingsEndpoints are invitation codes and settings for clients (CHAT-ADMIN).
func chatSettingsEndpoints() []endpoint {
	return []endpoint{
		{path: "/invitation_code/add", run: handle(invitationAdd)},
		{path: "/invitation_code/gen", run: handle(invitationGenerate)},
		{path: "/invitation_code/del", run: handle(invitationDelete)},
		{path: "/invitation_code/search", reads: true, run: handle(invitationSearch)},
		{path: "/client_config/get", reads: true, run: handle(chatConfigGet)},
		{path: "/client_config/set", run: handle(chatConfigSet)},
		{path: "/client_config/del", run: handle(chatConfigDelete)},
	}
}

type invitation struct {
	createTime int64 // ms
	usedUserID string
}

type codesReq struct{ Codes []string }

func (r codesReq) check() error { return checkIDs("codes", r.Codes) }

func invitationAdd(c *call, req codesReq) (any, error) {
	if slices.ContainsFunc(req.Codes, c.chat.invitations.has) {
		return nil, argsError("code exists")
	}
	for _, code := range req.Codes {
		c.chat.invitations.put(code, &invitation{createTime: c.nowMilli()})
	}
	return nil, nil
}

type invitationGenerateReq struct {
	Len, Num int32
	Chars    string
}

func (r invitationGenerateReq) check() error {
	return first(
		requiredIf(r.Len <= 0, "len"),
		requiredIf(r.Num <= 0, "num"),
		required("chars", r.Chars),
	)
}

func invitationGenerate(c *call, req invitationGenerateReq) (any, error) {
	const tries = 100 // a code; there may be too few different ones
	for range req.Num {
		made := false
		for range tries {
			var code strings.Builder
			for range req.Len {
				code.WriteByte(req.Chars[c.rnd.IntN(len(req.Chars))])
			}
			if made = !c.chat.invitations.has(code.String()); made {
				c.chat.invitations.put(code.String(), &invitation{createTime: c.nowMilli()})
				break
			}
		}
		if !made {
			return nil, uncodedError("no unused code found")
		}
	}
	return nil, nil
}

func invitationDelete(c *call, req codesReq) (any, error) {
	for _, code := range req.Codes {
		if !c.chat.invitations.has(code) {
			return nil, notFound("no such code: " + code)
		}
	}
	for _, code := range req.Codes {
		c.chat.invitations.delete(code)
	}
	return nil, nil
}

type invitationSearchReq struct {
	keywordSearch
	Status         int32 // 0 all, 1 used, 2 unused
	UserIDs, Codes []string
}

func (r invitationSearchReq) check() error {
	if r.Status < 0 || r.Status > 2 {
		return argsError("status is invalid")
	}
	return r.chatPaged.check()
}

func invitationSearch(c *call, req invitationSearchReq) (any, error) {
	type row struct {
		InvitationCode string          `json:"invitationCode"`
		CreateTime     int64           `json:"createTime"`
		UsedUserID     string          `json:"usedUserID"`
		UsedUser       *chatPublicInfo `json:"usedUser"`
	}
	var rows []row
	for code, inv := range c.chat.invitations.all() {
		switch {
		case req.Status == 1 && inv.usedUserID == "", req.Status == 2 && inv.usedUserID != "":
		case len(req.Codes) > 0 && !slices.Contains(req.Codes, code):
		case len(req.UserIDs) > 0 && !slices.Contains(req.UserIDs, inv.usedUserID):
		case !hasKeyword(req.Keyword, code, inv.usedUserID):
		default:
			rows = append(rows, row{code, inv.createTime, inv.usedUserID, c.publicInfo(inv.usedUserID)})
		}
	}
	return struct {
		Total int   `json:"total"`
		List  []row `json:"list"`
	}{len(rows), pageOf(rows, req.Pagination)}, nil
}

func chatConfigGet(c *call, _ nothing) (any, error) {
	config := make(map[string]string, c.chat.config.len())
	for k, v := range c.chat.config.all() {
		config[k] = v
	}
	return struct {
		Config map[string]string `json:"config,omitempty"`
	}{config}, nil
}

type chatConfigSetReq struct{ Config map[string]string }

func (r chatConfigSetReq) check() error { return requiredIf(len(r.Config) == 0, "config") }

func chatConfigSet(c *call, req chatConfigSetReq) (any, error) {
	for _, k := range slices.Sorted(maps.Keys(req.Config)) {
		c.chat.config.put(k, req.Config[k])
	}
	return nil, nil
}

type chatConfigDeleteReq struct{ Keys []string }

func chatConfigDelete(c *call, req chatConfigDeleteReq) (any, error) {
	for _, k := range req.Keys {
		c.chat.config.delete(k)
	}
	return nil, nil
}
