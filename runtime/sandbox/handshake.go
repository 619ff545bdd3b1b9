package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
)

// handshake is what a client says when it opens a WebSocket (SERVER-BEHAVIOUR §9).
type handshake struct {
	encoding
	token, userID, operationID string
	platformID                 int32
	wantsAnswer                bool // a TEXT envelope first: isMsgResp, sendResponse
}

// The values of sdkType.
const (
	sdkGo = "go"
	sdkJS = "js"
)

const gzipName = "gzip"

// parseHandshake takes the query form, or on newer servers all arguments in one as `v`.
// The background flag is read and dropped, as on the real server.
func parseHandshake(r *http.Request, generation string) (handshake, error) {
	query := r.URL.Query()
	if query.Has("v") && generation != Generation383 {
		return parseV(query.Get("v"), r)
	}
	h := handshake{token: query.Get("token"), userID: query.Get("sendID"), operationID: query.Get("operationID")}
	h.wantsAnswer, _ = strconv.ParseBool(query.Get("isMsgResp")) // anything else is no
	platform, err := strconv.ParseInt(query.Get("platformID"), 10, 32)
	if err != nil {
		return h, fail(codeConnArgs, "platformID is not int")
	}
	h.platformID = int32(platform)
	if err := h.complete(query.Get("compression"), query.Get("sdkType"), r); err != nil {
		return h, err
	}
	if _, err := strconv.ParseBool(query.Get("isBackground")); err != nil {
		return h, uncodedError(err.Error())
	}
	return h, nil
}

func parseV(v string, r *http.Request) (handshake, error) {
	var in struct {
		Token        string `json:"token"`
		UserID       string `json:"userID"`
		PlatformID   int32  `json:"platformID"`
		OperationID  string `json:"operationID"`
		Compression  string `json:"compression"`
		SDKType      string `json:"sdkType"`
		SendResponse bool   `json:"sendResponse"`
		Background   bool   `json:"background"`
		SDKVersion   string `json:"sdkVersion"`
	}
	text, err := base64.RawURLEncoding.DecodeString(v)
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil {
		return handshake{}, fail(codeConnArgs, "v: "+err.Error())
	}
	h := handshake{
		token: in.Token, userID: in.UserID, operationID: in.OperationID, platformID: in.PlatformID, wantsAnswer: in.SendResponse,
	}
	return h, h.complete(in.Compression, in.SDKType, r)
}

// complete checks what both forms have in common.
func (h *handshake) complete(compression, sdkType string, r *http.Request) error {
	for _, arg := range []struct{ name, value string }{
		{"token", h.token}, {"sendID", h.userID}, {"operationID", h.operationID},
	} {
		if arg.value == "" {
			return fail(codeConnArgs, arg.name+" is empty")
		}
	}
	if platformNames[h.platformID] == "" {
		return fail(codeConnArgs, "platformID is invalid")
	}
	switch sdkType {
	case "", sdkGo:
	case sdkJS:
		h.js = true
	default:
		return fail(codeConnArgs, "sdkType is not go or js")
	}
	h.gzip = compression == gzipName || r.Header.Get("compression") == gzipName
	return nil
}
