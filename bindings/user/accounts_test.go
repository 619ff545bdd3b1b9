package user

import (
	"slices"
	"sync"

	"github.com/openimsdk/imctl/bindings/value"
)

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
