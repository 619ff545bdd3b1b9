package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
)

// testClient talks to a sandbox as a program would.
type testClient struct {
	t     testing.TB
	http  *http.Client
	base  string
	token string
}

// newTestClient is logged in as the IM admin.
func newTestClient(t testing.TB, s *Server) *testClient {
	t.Helper()
	c := &testClient{t: t, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, base: s.Ready().API}
	t.Cleanup(c.http.CloseIdleConnections)
	var got struct{ Token string }
	c.call("/auth/get_admin_token", map[string]any{"secret": s.Ready().Secret, "userID": s.Ready().Admin}, &got)
	c.token = got.Token
	return c
}

// try makes a call and gives HTTP status and errCode back.
func (c *testClient) try(path string, req, data any) (status, errCode int, err error) {
	body, err := json.Marshal(req)
	if err != nil {
		return 0, 0, err
	}
	r, err := http.NewRequest(http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	r.Header.Set("operationID", "test")
	r.Header.Set("token", c.token)
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	env := struct {
		ErrCode int
		Data    any
	}{Data: data}
	err = json.NewDecoder(resp.Body).Decode(&env)
	return resp.StatusCode, env.ErrCode, err
}

// call makes a call that must succeed.
func (c *testClient) call(path string, req, data any) {
	c.t.Helper()
	if status, code, err := c.try(path, req, data); err != nil || status != http.StatusOK || code != 0 {
		c.t.Fatalf("%s: HTTP %d, errCode %d, %v", path, status, code, err)
	}
}

func (c *testClient) register(ids ...string) {
	c.t.Helper()
	var users []map[string]any
	for _, id := range ids {
		users = append(users, map[string]any{"userID": id, "nickname": id})
	}
	c.call("/user/user_register", map[string]any{"users": users}, nil)
}

func (c *testClient) userToken(userID string, platformID int) string {
	c.t.Helper()
	var got struct{ Token string }
	c.call("/auth/get_user_token", map[string]any{"userID": userID, "platformID": platformID}, &got)
	return got.Token
}

// codeOf is the errCode of a harmless call with a token.
func (c *testClient) codeOf(token string) int {
	c.t.Helper()
	other := *c
	other.token = token
	_, code, err := other.try("/msg/get_server_time", map[string]any{}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return code
}
