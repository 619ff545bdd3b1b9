package openim

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/openimsdk/imctl/bindings/fault"
)

func chatConfig(s *stub) Config {
	cfg := config(s.URL)
	cfg.ChatAdmin, cfg.ChatAPI = Setting{s.URL + "/chat", "the file"}, Setting{s.URL + "/api", "the file"}
	cfg.ChatAccount, cfg.ChatPassword = "chatAdmin", secretText("chatAdmin")
	return cfg
}

func TestChat(t *testing.T) {
	refusals := 1
	var login map[string]string
	var logins int
	var tokens []string
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.URL.Path+"="+r.Header.Get("token"))
		switch r.URL.Path {
		case "/chat/account/login":
			logins++
			json.NewDecoder(r.Body).Decode(&login)
			good(w, `{"adminToken":"chat-token","imToken":"im-token","imUserID":"imAdmin"}`)
		case "/chat/account/add_user":
		case "/chat/block/search":
			if refusals--; refusals >= 0 {
				refuse(w, 1507, "TokenNotExistError", "")
				return
			}
			good(w, `{"total":0}`)
		default:
			good(w, "1")
		}
	})
	c := client(t, chatConfig(s))
	if !c.HasChat() {
		t.Error("no chat")
	}
	if _, err := c.Chat(t.Context(), "/block/search", nil); err != nil {
		t.Fatal(err)
	}
	if login["account"] != "chatAdmin" || login["password"] != "625031fc4e4f2de6b187e6bfa3697784" || login["version"] == "" || logins != 2 {
		t.Errorf("%v, %d logins", login, logins)
	}
	if _, err := c.ChatAPI(t.Context(), "/user/find/full", nil); err != nil {
		t.Fatal(err)
	}
	_, err := c.Chat(t.Context(), "/account/add_user", nil)
	failed(t, err, fault.API, "empty body", "/user/import/json")
	if _, err := c.Call(t.Context(), "/user/get_users", nil); err != nil {
		t.Fatal(err)
	}
	if s.logins.Load() != 0 { // the chat login brought the token along
		t.Errorf("%d logins at the message server", s.logins.Load())
	}
	want := []string{"/chat/account/login=", "/chat/block/search=chat-token", "/chat/account/login=", "/chat/block/search=chat-token",
		"/api/user/find/full=chat-token", "/chat/account/add_user=chat-token", "/user/get_users=im-token"}
	if len(tokens) != len(want) {
		t.Fatalf("%q", tokens)
	}
	for i := range want {
		if tokens[i] != want[i] {
			t.Errorf("call %d: %s, want %s", i, tokens[i], want[i])
		}
	}
}

// With a chat server the message server's secret need not be known.
func TestChatLoginServesTheMessageServer(t *testing.T) {
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/chat/account/login" {
			good(w, `{"adminToken":"chat-token","imToken":"im-token","imUserID":"imAdmin"}`)
			return
		}
		io.WriteString(w, `{"errCode":0,"data":"`+r.Header.Get("token")+`"}`)
	})
	cfg := chatConfig(s)
	cfg.Secret = Secret{}
	c := client(t, cfg)
	for range 2 {
		if ans, err := c.Call(t.Context(), "/user/get_users", nil); err != nil || string(ans.Data) != `"im-token"` {
			t.Error(ans, err)
		}
		if ans, err := c.Chat(t.Context(), "/block/search", nil); err != nil || string(ans.Data) != `"chat-token"` {
			t.Error(ans, err)
		}
	}
	if s.calls.Load() != 5 {
		t.Errorf("%d calls, want one login and four", s.calls.Load())
	}
}

func TestChatErrors(t *testing.T) {
	code := 20001
	s := newStub(t, func(_ int64, w http.ResponseWriter, r *http.Request) { refuse(w, code, "x", "") })
	_, err := client(t, chatConfig(s)).Chat(t.Context(), "/block/search", nil)
	failed(t, err, fault.Auth, "chatAdmin", "the variable IMCTL_SECRET")
	code = 20002
	_, err = client(t, chatConfig(s)).Chat(t.Context(), "/block/search", nil)
	failed(t, err, fault.Auth, "no admin account chatAdmin")
	_, err = client(t, config(s.URL)).Chat(t.Context(), "/block/search", nil)
	failed(t, err, fault.Unsupported, "no chat server")
	cfg := chatConfig(s)
	cfg.ChatAccount = ""
	_, err = client(t, cfg).Chat(t.Context(), "/block/search", nil)
	failed(t, err, fault.Auth)
	cfg = chatConfig(s)
	cfg.ChatAPI = Setting{}
	_, err = client(t, cfg).ChatAPI(t.Context(), "/user/find/full", nil)
	failed(t, err, fault.Auth, "chat API")
}
