package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

func (r *replay) call(rec record) error {
	var body any
	if len(rec.Body) > 0 {
		if err := decodeExact(rec.Body, &body); err != nil {
			return err
		}
	}
	fields, _ := body.(map[string]any)
	request, isProtobuf := fields["protobuf"]
	var text []byte
	var err error
	if isProtobuf {
		text, err = encodeMessage(sdkType(rec.Path, "Req"), request)
	} else {
		r.keepVersions(rec, fields)
		text, err = json.Marshal(body)
	}
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(r.t.Context(), rec.Method, r.ready.API+rec.Path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	for k, v := range rec.Headers {
		if list, ok := v.([]any); ok {
			v = list[0]
		}
		if k != "Content-Length" && k != "Accept-Encoding" {
			req.Header.Set(k, fmt.Sprint(v))
		}
	}
	if req.Header.Get("Token") != "" {
		req.Header.Set("Token", r.token(rec.User, r.platform[rec.User]))
	}
	resp, err := r.admin.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if origin := resp.Header.Get("Access-Control-Allow-Origin"); origin != "*" || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d, origin %q", resp.StatusCode, origin)
	}
	if rec.Method == http.MethodOptions {
		r.preflights++
		if resp.Header.Get("Access-Control-Allow-Headers") != "*" || resp.Header.Get("Access-Control-Allow-Methods") != "*" {
			return fmt.Errorf("headers %v", resp.Header)
		}
		return nil
	}
	r.called++
	return r.checkAnswer(rec, answer, isProtobuf)
}

func sdkType(path, suffix string) string {
	return map[string]string{
		"/jssdk/get_conversations":        "jssdk.GetConversations",
		"/jssdk/get_active_conversations": "jssdk.GetActiveConversations",
	}[path] + suffix
}

// keepVersions asks with the version that the sandbox gave, where the client did so
// with the stub's.
func (r *replay) keepVersions(rec record, fields map[string]any) {
	keep := func(key string, m map[string]any) {
		if m["versionID"] == "" || m["versionID"] == nil {
			return
		}
		for _, k := range []string{"version", "versionID"} {
			if v, ok := dig(r.versions[key], k); ok {
				m[k] = v
			}
		}
	}
	keep(rec.User+rec.Path, fields)
	list, _ := fields["reqList"].([]any)
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			keep(rec.User+rec.Path+fmt.Sprint(m["groupID"]), m)
		}
	}
}

func (r *replay) checkAnswer(rec record, answer []byte, isProtobuf bool) error {
	var env struct {
		ErrCode int
		ErrMsg  string
		Data    any
	}
	if err := decodeExact(answer, &env); err != nil {
		return err
	}
	if env.ErrCode != 0 {
		return fmt.Errorf("errCode %d %s", env.ErrCode, env.ErrMsg)
	}
	if isProtobuf {
		data, err := fromBase64(env.Data)
		if err != nil {
			return err
		}
		got, err := decodeMessage(sdkType(rec.Path, "Resp"), data)
		if err != nil {
			return err
		}
		list, _ := dig(got, "conversations")
		for _, c := range list.([]any) {
			last, _ := dig(c, "lastMsg.content")
			id, _ := dig(c, "conversation.conversationID")
			if last == "" || id == "" {
				return fmt.Errorf("conversation %s", brief(c))
			}
		}
		return nil
	}
	r.versions[rec.User+rec.Path] = env.Data
	if list, _ := dig(env.Data, "respList"); list != nil {
		for id, one := range list.(map[string]any) {
			r.versions[rec.User+rec.Path+id] = one
		}
	}
	recorded, _ := dig(rec.Resp, "data")
	if err := hasKeys(recorded, env.Data); err != nil {
		return fmt.Errorf("%w in %.300s", err, answer)
	}
	for _, k := range []string{"userIDs", "groupIDs"} { // who the friends, groups and members are
		want, ok := dig(recorded, k)
		if !ok {
			continue
		}
		got, _ := dig(env.Data, k)
		if err := (matcher{}).match(k, want, got, true); err != nil {
			return err
		}
	}
	return nil
}

// hasKeys tells whether an answer has all the keys of the recorded one, with which the
// client was content.
func hasKeys(recorded, got any) error {
	switch w := recorded.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s instead of an object", brief(got))
		}
		for k := range w {
			v, ok := g[k]
			if !ok && k != "updateTime" {
				return fmt.Errorf("no %s", k)
			}
			if err := hasKeys(w[k], v); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok && got != nil {
			return fmt.Errorf("%s instead of a list", brief(got))
		}
		if len(w) > 0 && len(g) > 0 {
			return hasKeys(w[0], g[0])
		}
	}
	return nil
}
