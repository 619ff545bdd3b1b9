package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Content types with a rule of their own elsewhere.
const (
	contentAtText         = 106
	contentRevoke         = 111
	contentReadReceipt    = 112
	contentTyping         = 113
	contentMarkdown       = 118
	contentOANotification = 1400
)

const maxAtUsers = 1000

// contentRule is a field of a message's content: a dotted path, and whether it is a
// number. All of these fields are required and may not be "" or 0.
type contentRule struct {
	path   string
	number bool
}

func textsRequired(paths ...string) []contentRule {
	var out []contentRule
	for _, p := range paths {
		out = append(out, contentRule{path: p})
	}
	return out
}

func numbersRequired(paths ...string) []contentRule {
	var out []contentRule
	for _, p := range paths {
		out = append(out, contentRule{p, true})
	}
	return out
}

func pictureRules() []contentRule {
	var out []contentRule
	for _, part := range []string{"sourcePicture.", "bigPicture.", "snapshotPicture."} {
		out = append(out, textsRequired(part+"type", part+"url")...)
		out = append(out, numbersRequired(part+"width", part+"height")...)
	}
	return out
}

// contentRules are the rules of a content type, if it is one that REST accepts
// (SERVER-BEHAVIOUR §7).
func contentRules(contentType int32) ([]contentRule, bool) {
	switch contentType {
	case 101, contentMarkdown:
		return textsRequired("content"), true
	case 102:
		return pictureRules(), true
	case 103:
		return append(textsRequired("sourceUrl"), numbersRequired("duration")...), true
	case 104:
		return append(textsRequired("videoUrl", "videoType", "snapshotUrl"),
			numbersRequired("videoSize", "duration", "snapshotWidth", "snapshotHeight")...), true
	case 105:
		return append(textsRequired("sourceUrl", "fileName"), numbersRequired("fileSize")...), true
	case contentAtText, 114:
		return nil, true
	case 110:
		return textsRequired("data"), true
	case contentOANotification:
		return append(textsRequired("notificationName", "text"), numbersRequired("notificationType")...), true
	}
	return nil, false
}

// checkContent answers 1001 for an unknown type, and an error without a code for a
// content that fails the rules of its type.
func checkContent(contentType int32, content map[string]any) error {
	rules, ok := contentRules(contentType)
	if !ok {
		return argsError("unsupported content type")
	}
	if err := checkRules(rules, content); err != nil {
		return err
	}
	switch contentType {
	case contentAtText:
		list, ok := field(content, "atUserList").([]any)
		if !ok || len(list) > maxAtUsers {
			return badContent("atUserList")
		}
	case contentOANotification:
		return checkOANotification(content)
	}
	return nil
}

func checkOANotification(content map[string]any) error {
	if mix := field(content, "mixType"); mix != nil {
		if n, ok := weakNumber(mix); !ok || n < 0 || n > 5 {
			return badContent("mixType")
		}
	}
	for name, contentType := range map[string]int32{"pictureElem": 102, "soundElem": 103, "videoElem": 104, "fileElem": 105} {
		elem := field(content, name)
		if elem == nil {
			continue
		}
		object, ok := elem.(map[string]any)
		if !ok {
			return badContent(name)
		}
		if err := checkContent(contentType, object); err != nil {
			return err
		}
	}
	return nil
}

func checkRules(rules []contentRule, content map[string]any) error {
	for _, r := range rules {
		v := field(content, r.path)
		if r.number {
			if n, ok := weakNumber(v); !ok || n == 0 {
				return badContent(r.path)
			}
			continue
		}
		if s, ok := weakText(v); !ok || s == "" {
			return badContent(r.path)
		}
	}
	return nil
}

func badContent(path string) error {
	return uncodedError(fmt.Sprintf("validation error: %s failed on the rule of its type", path))
}

// field follows a dotted path into objects; names match whatever their case.
func field(content map[string]any, path string) any {
	name, rest, nested := strings.Cut(path, ".")
	v, ok := content[name]
	for k := range content {
		if !ok && strings.EqualFold(k, name) {
			v, ok = content[k], true
		}
	}
	if !nested {
		return v
	}
	object, _ := v.(map[string]any)
	return field(object, rest)
}

// weakNumber and weakText take one for the other where it fits, as the real server does.
func weakNumber(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case bool:
		if x {
			return 1, true
		}
		return 0, true
	case string:
		n, err := strconv.ParseFloat(x, 64)
		return n, err == nil
	}
	return 0, false
}

func weakText(v any) (string, bool) {
	switch x := v.(type) {
	case string:
		return x, true
	case float64, bool:
		text, err := json.Marshal(x)
		return string(text), err == nil
	}
	return "", false
}

// texts are the texts of a list.
func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
