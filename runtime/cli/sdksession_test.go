package cli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// kick lets the admin end somebody's session, whose token is then worth nothing.
func (w *sdkTest) kick(t *testing.T, name string, open sdkOpener) {
	u := open(t, name+"_kicked")
	w.register(t, u)
	token := w.token(t, u.id)
	u.login(t, token)
	w.wants(t, 0, "user", "logout", u.id, "--yes")
	u.wait(t, 10*time.Second, "OnKickedOffline", nil)
	t.Logf("%s: OnKickedOffline after the admin ended the session", u.id)

	late := open(t, u.id)
	_ = late.tryLogin(t, token)
	late.wait(t, 10*time.Second, "OnKickedOffline", nil)
	t.Logf("%s: OnKickedOffline at a login with the token of that session", u.id)
	open(t, u.id).login(t, w.token(t, u.id))
}

// expired logs in with a token whose time is over, and with one that is none.
func (w *sdkTest) expired(t *testing.T, name string, open sdkOpener) {
	first := open(t, name+"_late")
	w.register(t, first)
	old, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"UserID": first.id, "PlatformID": 5, "exp": time.Now().Add(-time.Minute).Unix(), "iat": time.Now().Add(-time.Hour).Unix(),
	}).SignedString([]byte(w.server.Secret))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ token, event string }{
		{old, "OnUserTokenExpired"}, {old[:len(old)-6] + "AAAAAA", "OnUserTokenInvalid"},
	} {
		u := open(t, first.id)
		_ = u.tryLogin(t, c.token)
		u.wait(t, 10*time.Second, c.event, nil)
		t.Logf("%s: %s", u.id, c.event)
	}
}

// idle logs users in and returns the test that looks, when more than two of the server's limits of 30 s have passed,
// whether they are still there. Nothing keeps them but pings: the server's to the browser, the SDK's own in Node.
func (w *sdkTest) idle(t *testing.T, users []*sdkUser) func(*testing.T) {
	t.Helper()
	for _, u := range users {
		u.login(t, w.token(t, u.id))
	}
	begun, before := time.Now(), []string{users[0].story(), users[1].story()}
	return func(t *testing.T) {
		time.Sleep(time.Until(begun.Add(65 * time.Second)))
		for i, u := range users {
			if after := u.story(); after != before[i] {
				t.Errorf("%s: more events: %s", u.id, strings.TrimPrefix(after, before[i]+", "))
				continue
			}
			t.Logf("%s: no event in %v, so no OnConnecting", u.id, time.Since(begun).Round(time.Second))
		}
		w.delivers(t, users[0], users[1], 1)
		w.delivers(t, users[1], users[0], 2)
	}
}
