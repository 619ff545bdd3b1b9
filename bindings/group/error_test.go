package group

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openimsdk/imctl/bindings/bindingtest"
)

// TestErrorIsReadable: a refusal that came with HTTP 200 names the operation, the code, both texts and the request.
func TestErrorIsReadable(t *testing.T) {
	var id string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/auth/get_admin_token" {
			io.WriteString(w, `{"errCode":0,"data":{"token":"t"}}`)
			return
		}
		id = r.Header.Get("operationID")
		io.WriteString(w, `{"errCode":1202,"errMsg":"GroupIDExisted","errDlt":"group id taken"}`)
	}))
	defer server.Close()
	e := bindingtest.Env(t, nil, nil)
	e.API = bindingtest.Client(t, server.URL)
	_, err := bindingtest.Invoke(t.Context(), t, Area(), e, "create", `{"ownerUserID":"u1","groupID":"g1"}`)
	if err == nil || err.Op != "group.create" || err.Code != 1202 || err.OperationID != id || id == "" {
		t.Fatalf("%+v, operationID %q", err, id)
	}
	for _, part := range []string{"group.create", "1202", "GroupIDExisted", "group id taken", id} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err.Error())
		}
	}
}
