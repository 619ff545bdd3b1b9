package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// TestSDKProtobuf has the answers of /jssdk in protobuf tell the same as in JSON.
func TestSDKProtobuf(t *testing.T) {
	t.Parallel()
	g := startGatewayTest(t, Config{})
	g.asAdmin("/friend/import_friend", map[string]any{"ownerUserID": "a", "friendUserIDs": []string{"b"}})
	g.asAdmin("/group/create_group", map[string]any{"groupInfo": map[string]any{"groupID": "g", "groupName": "G", "groupType": 2}, "ownerUserID": "b", "memberUserIDs": []string{"a"}})
	g.asAdmin("/conversation/set_conversations", map[string]any{"userIDs": []string{"a"}, "conversation": map[string]any{
		"conversationID": "si_a_b", "conversationType": 1, "userID": "b", "isPinned": true, "ex": "e", "recvMsgOpt": 2, "burnDuration": 5}})
	g.fill("si_a_b", 3)
	ask := func(path, contentType string, body []byte) any {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.ready.API+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("operationID", "op")
		req.Header.Set("token", g.token("a", "5"))
		resp, err := g.admin.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		var env struct {
			ErrCode int
			Data    any
		}
		if err := decodeExact(text, &env); err != nil || env.ErrCode != 0 {
			t.Fatalf("%s: %s %v", path, text, err)
		}
		return env.Data
	}
	for path, fields := range map[string]map[string]any{
		"/jssdk/get_active_conversations": {"count": 20},
		"/jssdk/get_conversations":        {"ownerUserID": "a", "conversationIDs": []any{"sg_g", "si_a_b"}},
	} {
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		want := ask(path, "application/json", text)
		request, err := encodeMessage(sdkType(path, "Req"), fields)
		if err != nil {
			t.Fatal(err)
		}
		data, err := fromBase64(ask(path, "application/x-protobuf", request))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeMessage(sdkType(path, "Resp"), data)
		if err != nil {
			t.Fatal(err)
		}
		list, _ := dig(want, "conversations")
		for _, c := range list.([]any) { // content is base64 in JSON
			last := c.(map[string]any)["lastMsg"].(map[string]any)
			content, err := fromBase64(last["content"])
			if err != nil {
				t.Fatal(err)
			}
			last["content"] = string(content)
		}
		if len(list.([]any)) != 2 {
			t.Fatalf("%s: %s", path, brief(want))
		}
		if err := alike(got, want); err != nil {
			t.Errorf("%s: %v\n%s\n%s", path, err, brief(got), brief(want))
		}
	}
}
