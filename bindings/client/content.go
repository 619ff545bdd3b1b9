package client

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// textOf is the text of a message: of text, @text, markdown and custom messages.
func textOf(contentType int32, content []byte) string {
	switch contentType {
	case typeText, typeMarkdown:
		return gjson.GetBytes(content, "content").String()
	case typeAtText:
		return gjson.GetBytes(content, "text").String()
	case typeCustom:
		return gjson.GetBytes(content, "data").String()
	case typeTyping:
		return gjson.GetBytes(content, "msgTips").String()
	}
	return ""
}

// Content is what a message holds: exactly one of its parts.
type Content struct {
	Text    string        `json:"text" arg:"3" help:"a text"`
	Data    string        `json:"data" help:"a custom message: data of the application, in a string"`
	Content *value.Object `json:"content" help:"the content as OpenIM has it, with contentType"`
	Type    int64         `json:"contentType" min:"1" help:"the type of content: 101 text, 102 picture, 110 custom …"`
}

func (p Content) build() (contentType int32, content []byte, err error) {
	given := 0
	for _, has := range []bool{p.Text != "", p.Data != "", p.Content != nil} {
		if has {
			given++
		}
	}
	if given != 1 {
		return 0, nil, fault.New(fault.Usage, "want exactly one of text, data and content, got %d", given)
	}
	contentType = int32(p.Type)
	switch {
	case p.Text != "":
		if contentType == 0 {
			contentType = typeText
		}
		content, err = json.Marshal(map[string]string{"content": p.Text})
	case p.Data != "":
		contentType = typeCustom
		content, err = json.Marshal(map[string]string{"data": p.Data, "description": "", "extension": ""})
	default:
		if contentType == 0 {
			return 0, nil, fault.New(fault.Usage, "missing field contentType: the type of the content")
		}
		content, err = value.Marshal(p.Content)
	}
	return contentType, content, err
}
