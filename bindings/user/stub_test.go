package user

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// refusal is a stub's error answer, in the server's envelope.
type refusal struct {
	code     int
	msg, dlt string
}

func (r refusal) Error() string { return r.msg }

// stub is an OpenIM deployment of which only some endpoints exist; a call to any other fails the test. One server
// plays the message server and, on paths with a prefix of their own, the chat server's two APIs.
type stub struct {
	t   *testing.T
	srv *httptest.Server

	mu    sync.Mutex
	serve map[string]func(body *value.Object) (any, error)
	calls []call
}

type call struct {
	path string
	body *value.Object
	op   string // the operationID header
}

func newStub(t *testing.T) *stub {
	s := &stub{t: t, serve: map[string]func(*value.Object) (any, error){}}
	s.on("/auth/get_admin_token", func(*value.Object) (any, error) {
		return value.NewObject("token", "admin-token", "expireTimeSeconds", int64(7776000)), nil
	})
	s.on("/chatadmin/account/login", func(*value.Object) (any, error) {
		return value.NewObject("adminToken", "chat-token", "adminUserID", "imAdmin", "imToken", "", "imUserID", ""), nil
	})
	s.srv = httptest.NewServer(s)
	t.Cleanup(s.srv.Close)
	return s
}

func (s *stub) on(path string, fn func(*value.Object) (any, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve[path] = fn
}

// gives answers path with fixed data; nil data is an answer without data.
func (s *stub) gives(path string, data any) {
	s.on(path, func(*value.Object) (any, error) { return data, nil })
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	parsed, err := value.Parse(raw)
	body, isObject := parsed.(*value.Object)
	if err != nil || !isObject {
		s.t.Errorf("%s: the body is no object: %s", r.URL.Path, raw)
	}
	s.mu.Lock()
	fn := s.serve[r.URL.Path]
	s.calls = append(s.calls, call{r.URL.Path, body, r.Header.Get("operationID")})
	s.mu.Unlock()
	if fn == nil {
		s.t.Errorf("unexpected call %s %s", r.URL.Path, raw)
		w.WriteHeader(http.StatusNotFound)
		return
	}
	data, err := fn(body)
	envelope := value.NewObject("errCode", int64(0), "errMsg", "", "errDlt", "")
	if err != nil {
		no := err.(refusal)
		envelope = value.NewObject("errCode", int64(no.code), "errMsg", no.msg, "errDlt", no.dlt)
	} else if data != nil {
		envelope.Set("data", data)
	}
	out, _ := value.Marshal(envelope)
	_, _ = w.Write(out)
}

// sent lists the bodies that path got.
func (s *stub) sent(path string) []*value.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*value.Object
	for _, c := range s.calls {
		if c.path == path {
			out = append(out, c.body)
		}
	}
	return out
}

// writes lists the paths that got a call which changes something.
func (s *stub) writes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, c := range s.calls {
		path := strings.TrimPrefix(strings.TrimPrefix(c.path, "/chatadmin"), "/chatapi")
		if path != "/auth/get_admin_token" && path != "/account/login" && openim.Writes(path) {
			out = append(out, c.path)
		}
	}
	return out
}

func (s *stub) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// world is an Env for tests with all that it was told.
type world struct {
	*bindings.Env
	t        *testing.T
	warnings []string
	dir      string
	mu       sync.Mutex
}

func newWorld(t *testing.T, s *stub, chat bool) *world {
	secret := openim.Secret{Get: func(context.Context) (string, error) { return "openIM123", nil }}
	cfg := openim.Config{Context: "test", API: openim.Setting{Value: s.srv.URL}, AdminUserID: "imAdmin", Secret: secret}
	if chat {
		cfg.ChatAdmin = openim.Setting{Value: s.srv.URL + "/chatadmin"}
		cfg.ChatAPI = openim.Setting{Value: s.srv.URL + "/chatapi"}
		cfg.ChatAccount, cfg.ChatPassword = "chatAdmin", secret
	}
	client := openim.New(cfg)
	t.Cleanup(client.Close)
	w := &world{t: t, dir: t.TempDir()}
	w.Env = &bindings.Env{
		API: client, Target: bindings.Target{Name: "test", Admin: "imAdmin"}, Now: time.Now, StateDir: filepath.Join(w.dir, "state"),
		Stdin: strings.NewReader(""),
		Open: func(name string) (io.ReadCloser, error) {
			return os.Open(w.path(name))
		},
		Create: func(name string) (bindings.File, error) {
			f, err := os.CreateTemp(w.dir, "new")
			return &newFile{f, w.path(name), false}, err
		},
		Warn: func(format string, args ...any) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.warnings = append(w.warnings, fmt.Sprintf(format, args...))
		},
		Audit: func(bindings.Record) error { return nil },
	}
	return w
}

// newFile appears under its name when it is committed.
type newFile struct {
	*os.File
	name string
	done bool
}

func (f *newFile) Commit() error {
	f.done = true
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.File.Name(), f.name)
}

func (f *newFile) Discard() {
	if !f.done {
		_ = f.Close()
		_ = os.Remove(f.File.Name())
	}
}

// path places relative names of files in the test's folder.
func (w *world) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.dir, name)
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// run calls an operation as every surface does: fields are bound, then the operation is invoked. Rows of a stream come
// back as a list.
func (w *world) run(name, fields string) (any, *fault.Error) {
	return w.runIn(context.Background(), name, fields)
}

func (w *world) runIn(ctx context.Context, name, fields string) (any, *fault.Error) {
	w.t.Helper()
	op, ok := Area().Find(name)
	if !ok {
		w.t.Fatalf("no operation user.%s", name)
	}
	parsed, err := value.Parse([]byte(fields))
	if err != nil {
		w.t.Fatal(err)
	}
	params, err := op.Bind(parsed.(*value.Object))
	if err != nil {
		return nil, fault.From(err)
	}
	res, err := op.Invoke(ctx, w.Env, params)
	rows, stream := res.(bindings.Rows)
	if !stream {
		return value.From(res), fault.From(err)
	}
	list := value.List{}
	for row, err := range rows {
		if err != nil {
			return list, fault.From(err)
		}
		list = append(list, value.From(row))
	}
	return list, nil
}

// want runs an operation that must succeed and compares the result, as JSON, with what is expected.
func (w *world) want(name, fields, expected string) {
	w.t.Helper()
	res, err := w.run(name, fields)
	if err != nil {
		w.t.Fatalf("user.%s%s: %v", name, fields, err)
	}
	sameJSON(w.t, text(res), expected)
}

// refused runs an operation that must fail with a kind and a text.
func (w *world) refused(name, fields string, kind fault.Kind, parts ...string) *fault.Error {
	w.t.Helper()
	_, err := w.run(name, fields)
	if err == nil {
		w.t.Fatalf("user.%s%s succeeded, want an error of kind %s", name, fields, kind)
	}
	whole := err.Error() + " | " + err.Hint
	if err.Kind != kind {
		w.t.Errorf("user.%s%s: kind %s, want %s: %s", name, fields, err.Kind, kind, whole)
	}
	for _, part := range parts {
		if !strings.Contains(whole, part) {
			w.t.Errorf("user.%s%s: %q is missing in %q", name, fields, part, whole)
		}
	}
	return err
}

func text(v any) string {
	out, err := value.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := json.Compact(&a, []byte(got)); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Compact(&b, []byte(want)); err != nil {
		t.Fatalf("%v in %s", err, want)
	}
	if a.String() != b.String() {
		t.Errorf("got  %s\nwant %s", a.String(), b.String())
	}
}

func texts(v any) []string {
	var out []string
	for _, e := range v.(value.List) {
		out = append(out, e.(string))
	}
	return out
}

// accounts is a small message server's store behind /user/user_register, /user/account_check and /user/get_users_info.
type accounts struct {
	mu    sync.Mutex
	byID  map[string]*value.Object
	order []string
}

func newAccounts(s *stub, ids ...string) *accounts {
	a := &accounts{byID: map[string]*value.Object{}}
	for _, id := range ids {
		a.put(value.NewObject("userID", id, "nickname", "N "+id))
	}
	s.on("/user/user_register", a.register)
	s.on("/user/account_check", a.check)
	s.on("/user/get_users_info", a.info)
	s.on("/user/get_users", a.page)
	s.on("/user/update_user_info_ex", a.update)
	return a
}

func (a *accounts) put(u *value.Object) {
	id := member(u, "userID").(string)
	a.byID[id] = u
	a.order = append(a.order, id)
}

func (a *accounts) register(body *value.Object) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := map[string]bool{}
	users := member(body, "users").(value.List)
	for _, u := range users {
		id, _ := member(u.(*value.Object), "userID").(string)
		if flaw(id) != "" || seen[id] {
			return nil, refusal{1001, "ArgsError", "userID is legal"}
		}
		seen[id] = true
		if a.byID[id] != nil {
			return nil, refusal{1102, "RegisteredAlreadyError", "userID registered already"}
		}
	}
	for _, u := range users {
		a.put(u.(*value.Object))
	}
	return nil, nil
}

func (a *accounts) check(body *value.Object) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := texts(member(body, "checkUserIDs"))
	if len(distinct(ids)) != len(ids) {
		return nil, refusal{1001, "ArgsError", "userID is repeated"}
	}
	rows := value.List{}
	for _, id := range ids {
		status := int64(0)
		if a.byID[id] != nil {
			status = 1
		}
		rows = append(rows, value.NewObject("userID", id, "accountStatus", status))
	}
	return value.NewObject("results", rows), nil
}

func (a *accounts) info(body *value.Object) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	rows := value.List{}
	for _, id := range texts(member(body, "userIDs")) {
		if u := a.byID[id]; u != nil {
			rows = append(rows, u)
		}
	}
	return value.NewObject("usersInfo", rows), nil
}

func (a *accounts) page(body *value.Object) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := member(body, "pagination").(*value.Object)
	number, size := member(p, "pageNumber").(int64), member(p, "showNumber").(int64)
	rows := value.List{}
	for i := (number - 1) * size; i < min(number*size, int64(len(a.order))); i++ {
		rows = append(rows, a.byID[a.order[i]])
	}
	return value.NewObject("total", int64(len(a.order)), "users", rows), nil
}

func (a *accounts) update(body *value.Object) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	info := member(body, "userInfo").(*value.Object)
	u := a.byID[member(info, "userID").(string)]
	if u == nil {
		return nil, refusal{1004, "RecordNotFoundError", ""}
	}
	for _, k := range info.Keys() {
		v, _ := info.Get(k)
		u.Set(k, v)
	}
	return nil, nil
}

func (a *accounts) ids() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.order)
}
