package message

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// Content is what a message says: exactly one of text, markdown, image, custom, content.
type Content struct {
	Text        string          `json:"text" help:"a text message; with atUserList one that names members"`
	AtUserList  []string        `json:"atUserList" help:"the members whom a text in a group names, at most 1000"`
	Markdown    string          `json:"markdown" help:"a markdown message"`
	Image       string          `json:"image" help:"a picture message: the address of the picture"`
	Width       int64           `json:"width" default:"480" min:"1" help:"width of the image in pixels"`
	Height      int64           `json:"height" default:"480" min:"1" help:"height of the image in pixels"`
	Custom      json.RawMessage `json:"custom" help:"a custom message: a string as it is, other data as JSON"`
	Description string          `json:"description" help:"description of a custom message"`
	Extension   string          `json:"extension" help:"extension of a custom message"`
	Content     *value.Object   `json:"content" help:"any other content, as the server wants it; needs contentType"`
	ContentType int64           `json:"contentType" help:"type of content: 103 voice, 104 video, 105 file, 114 quote, 1400 OA notification …"`
}

// build makes the content type and object to send.
func (c Content) build(toGroup bool) (int64, *value.Object, error) {
	given := c.given()
	switch {
	case len(given) == 0:
		return 0, nil, fault.New(fault.Usage, "no content: give one of text, markdown, image, custom, content")
	case len(given) > 1:
		return 0, nil, fault.New(fault.Usage, "two contents: %s; a message has one", strings.Join(given, " and "))
	case c.Content == nil && c.ContentType != 0:
		return 0, nil, fault.New(fault.Usage, "contentType goes with content; %s has its own", given[0])
	case len(c.AtUserList) > 0 && (c.Text == "" || !toGroup):
		return 0, nil, fault.New(fault.Usage, "atUserList goes with text, in a group")
	case len(c.AtUserList) > 1000:
		return 0, nil, fault.New(fault.Usage, "atUserList has %d ids; the server takes 1000", len(c.AtUserList))
	case (c.Description != "" || c.Extension != "") && given[0] != "custom":
		return 0, nil, fault.New(fault.Usage, "description and extension go with custom")
	}
	switch given[0] {
	case "text":
		if len(c.AtUserList) > 0 {
			return typeAtText, value.NewObject("text", c.Text, "atUserList", c.AtUserList), nil
		}
		return typeText, value.NewObject("content", c.Text), nil
	case "markdown":
		return typeMarkdown, value.NewObject("content", c.Markdown), nil
	case "image":
		return typePicture, c.picture(), nil
	case "custom":
		return c.custom()
	}
	if !openim.Sendable(c.ContentType) {
		return 0, nil, fault.New(fault.Usage, "contentType: %d is not one that the server takes here", c.ContentType).
			WithHint("it takes 101 text, 102 picture, 103 voice, 104 video, 105 file, 106 at text, 110 custom, 114 quote, 118 markdown, 1400 OA notification")
	}
	return c.ContentType, c.Content, nil
}

func (c Content) given() []string {
	var out []string
	for _, g := range []struct {
		name string
		is   bool
	}{
		{"text", c.Text != ""}, {"markdown", c.Markdown != ""}, {"image", c.Image != ""},
		{"custom", len(c.Custom) > 0 && string(c.Custom) != "null"}, {"content", c.Content != nil},
	} {
		if g.is {
			out = append(out, g.name)
		}
	}
	return out
}

// picture fills all three pictures that the server asks for with the one there is.
func (c Content) picture() *value.Object {
	kind := strings.TrimPrefix(path.Ext(strings.SplitN(c.Image, "?", 2)[0]), ".")
	if kind == "" {
		kind = "jpeg"
	}
	one := value.NewObject("uuid", "", "type", kind, "size", int64(0), "width", c.Width, "height", c.Height, "url", c.Image)
	return value.NewObject("sourcePath", "", "sourcePicture", one, "bigPicture", one, "snapshotPicture", one)
}

func (c Content) custom() (int64, *value.Object, error) {
	data := string(c.Custom)
	if plain, err := value.Parse(c.Custom); err == nil {
		if s, ok := plain.(string); ok {
			data = s
		}
	}
	if data == "" {
		return 0, nil, fault.New(fault.Usage, "custom is an empty string; the server wants data")
	}
	return typeCustom, value.NewObject("data", data, "description", c.Description, "extension", c.Extension), nil
}

// text is the readable part of a stored message's content: the text of a text or markdown message, the data of a
// custom one, the address of a picture, else "".
func text(contentType int64, content string) string {
	plain, err := value.Parse([]byte(content))
	o, ok := plain.(*value.Object)
	if err != nil || !ok {
		return ""
	}
	at := func(o *value.Object, key string) string {
		v, _ := o.Get(key)
		s, _ := v.(string)
		return s
	}
	switch contentType {
	case typeText, typeMarkdown:
		return at(o, "content")
	case typeAtText, typeOA, 114:
		return at(o, "text")
	case typeCustom:
		return at(o, "data")
	case typePicture:
		if v, _ := o.Get("sourcePicture"); v != nil {
			if source, ok := v.(*value.Object); ok {
				return at(source, "url")
			}
		}
	}
	return ""
}
