package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Object storage is switched off: names are checked, and what would need the storage
// fails as on a real server so configured (SERVER-BEHAVIOUR §6, third).
func objectEndpoints() []endpoint {
	return []endpoint{
		{path: "/object/part_limit", reads: true, run: handle(storageCall)},
		{path: "/object/part_size", reads: true, run: handle(storageCall)},
		{path: "/object/auth_sign", reads: true, run: handle(storageCall)},
		{path: "/object/initiate_multipart_upload", reads: true, run: handle(namedStorageCall)},
		{path: "/object/complete_multipart_upload", reads: true, run: handle(namedStorageCall)},
		{path: "/object/initiate_form_data", reads: true, run: handle(initiateForm)},
		{path: "/object/complete_form_data", reads: true, run: handle(completeForm)},
		{path: "/object/access_url", reads: true, run: handle(accessURL)},
		{method: http.MethodGet, path: "/object/*", run: handleRaw(getObject)},
	}
}

const maxObjectName = 1024 // bytes

func storageOff() error { return uncodedError("s3 disabled") }

// objectName refuses names that don't begin with the user's own id, but for admins.
func (c *call) objectName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return missingParameter("name")
	case strings.HasPrefix(name, "/"):
		return argsError("name cannot start with `/`")
	case len(name) > maxObjectName:
		return argsError("object name cannot be longer than 1024 characters")
	case !utf8.ValidString(name):
		return argsError("object name with non UTF-8 strings are not supported")
	case !c.admin && !strings.HasPrefix(name, c.userID+"/"):
		return noPermission("name must start with `" + c.userID + "/`")
	}
	return nil
}

func storageCall(*call, nothing) (any, error) { return nil, storageOff() }

type objectReq struct {
	Name string
	Size int64
}

func namedStorageCall(c *call, req objectReq) (any, error) {
	return nil, first(c.objectName(req.Name), storageOff())
}

func initiateForm(c *call, req objectReq) (any, error) {
	return nil, first(
		required("name", req.Name),
		requiredIf(req.Size <= 0, "size"),
		c.objectName(req.Name),
		storageOff(),
	)
}

type completeFormReq struct{ ID string }

func completeForm(c *call, req completeFormReq) (any, error) {
	if req.ID == "" {
		return nil, missingParameter("id")
	}
	text, err := base64.RawStdEncoding.DecodeString(req.ID)
	if err != nil {
		return nil, argsError("invalid id " + err.Error())
	}
	var meta struct{ Name string }
	if err := json.Unmarshal(text, &meta); err != nil {
		return nil, argsError("invalid id " + err.Error())
	}
	return nil, first(c.objectName(meta.Name), storageOff())
}

// accessURL finds nothing: nothing could be stored.
func accessURL(*call, objectReq) (any, error) { return nil, notFound("object not found") }

func getObject(*call) (any, error) {
	return rawAnswer{status: http.StatusNotFound, contentType: "text/plain; charset=utf-8", body: "object not found"}, nil
}
