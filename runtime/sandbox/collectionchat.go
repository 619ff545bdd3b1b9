package sandbox

import (
	"iter"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// chatCollections are those of the chat server (CHAT-ADMIN, "Collections"), which caches nothing. What the sandbox doesn't
// keep of them is empty: where a user registered, who changed a password, when.
func chatCollections() []*collection {
	list := []*collection{
		chatAccounts(), chatAttributes(), chatCredentials(), chatRegisters(), chatVisits(), chatAdmins(), chatBlocks(), ipRules(), userIPRules(),
		invitationCodes(), applets(), appVersions(),
	}
	list = append(list,
		defaults("register_add_friend", "user_id", func(st *state) *table[string, int64] { return st.chat.defaultUsers }),
		defaults("register_add_group", "group_id", func(st *state) *table[string, int64] { return st.chat.defaultGroups }))
	return append(list, chatConfigs())
}

func never() *date { return new(date) }

// chatRows are the chat server's users. A document of one collection alone makes a user, and the last one that goes takes it.
func chatRows() rows[chatUser] {
	return rows[chatUser]{
		find:   func(st *state, id []string) *chatUser { return rowAt(st.chat.users, id[0]) },
		all:    func(st *state) iter.Seq[*chatUser] { return values(st.chat.users) },
		put:    func(st *state, u *chatUser) { st.chat.users.put(u.UserID, u) },
		remove: func(st *state, u *chatUser) { st.chat.users.delete(u.UserID) },
		after:  (*state).listLoginNames,
	}
}

// listLoginNames makes the login names anew.
func (st *state) listLoginNames() {
	clear(st.chat.loginNames)
	for u := range values(st.chat.users) {
		for _, n := range u.names() {
			st.chat.loginNames[n] = u.UserID
		}
	}
}

func chatAccounts() *collection {
	return collectionOf("account", 1, form[chatUser]{
		{"user_id", func(u *chatUser) any { return &u.UserID }},
		{"password", func(u *chatUser) any { return &u.Password }},
		{"create_time", func(*chatUser) any { return never() }},
		{"change_time", func(*chatUser) any { return never() }},
		{"operator_user_id", func(*chatUser) any { return new(string) }},
	}, chatRows(), collection{indexes: []index{unique("user_id")}})
}

func chatAttributes() *collection {
	return collectionOf("attribute", 1, form[chatUser]{
		{"user_id", func(u *chatUser) any { return &u.UserID }},
		{"account", func(u *chatUser) any { return &u.Account }},
		{"phone_number", func(u *chatUser) any { return &u.PhoneNumber }},
		{"area_code", func(u *chatUser) any { return &u.AreaCode }},
		{"email", func(u *chatUser) any { return &u.Email }},
		{"nickname", func(u *chatUser) any { return &u.Nickname }},
		{"face_url", func(u *chatUser) any { return &u.FaceURL }},
		{"gender", func(u *chatUser) any { return &u.Gender }},
		{"create_time", func(*chatUser) any { return never() }},
		{"change_time", func(*chatUser) any { return never() }},
		{"birth_time", func(u *chatUser) any { return (*date)(&u.Birth) }},
		{"level", func(u *chatUser) any { return &u.Level }},
		{"allow_vibration", func(u *chatUser) any { return &u.AllowVibration }},
		{"allow_beep", func(u *chatUser) any { return &u.AllowBeep }},
		{"allow_add_friend", func(u *chatUser) any { return &u.AllowAddFriend }},
		{"global_recv_msg_opt", func(u *chatUser) any { return &u.GlobalRecvMsgOpt }},
		{"register_type", func(u *chatUser) any { return &u.RegisterType }},
	}, chatRows(), collection{indexes: []index{unique("user_id")}})
}

func chatRegisters() *collection {
	empty := func(*chatUser) any { return new(string) }
	return collectionOf("register", 1, form[chatUser]{
		{"user_id", func(u *chatUser) any { return &u.UserID }},
		{"device_id", empty}, {"ip", empty}, {"platform", empty}, {"account_type", empty}, {"mode", empty},
		{"create_time", func(*chatUser) any { return never() }},
	}, chatRows(), collection{indexes: []index{unique("user_id")}})
}

// chatCredentials are the login names. They follow from the attributes: what is written here alone has no effect.
func chatCredentials() *collection {
	id := func(userID string, kind loginKind) string { return joined(userID, strconv.Itoa(int(kind))) }
	return &collection{
		name: "credential", indexes: []index{unique("user_id", "type"), unique("account")},
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for u := range values(st.chat.users) {
					if !yield(u) {
						return
					}
				}
			}
		},
		ids: func(thing any) []string {
			u, ok := thing.(*chatUser)
			if !ok {
				return nil
			}
			return []string{id(u.UserID, byAccount), id(u.UserID, byPhone), id(u.UserID, byEmail)}
		},
		doc: func(st *state, want string) bson.Raw {
			u := rowAt(st.chat.users, parts(want)[0])
			if u == nil {
				return nil
			}
			for _, n := range u.names() {
				if id(u.UserID, n.kind) != want {
					continue
				}
				start, d := bsoncore.AppendDocumentStart(nil)
				d = bsoncore.AppendStringElement(d, "user_id", u.UserID)
				d = bsoncore.AppendStringElement(d, "account", n.value)
				d = bsoncore.AppendInt32Element(d, "type", int32(n.kind)) //nolint:gosec // 0 to 2
				d = bsoncore.AppendBooleanElement(d, "allow_change", true)
				return finished(d, start)
			}
			return nil
		},
		apply: func(_ *state, docs []bson.Raw, _ *gates) (ids []string) {
			for _, d := range docs {
				kind, _ := d.Lookup("type").AsInt64OK()
				ids = append(ids, id(textOf(d, "user_id"), loginKind(kind)))
			}
			return ids
		},
	}
}

// visitForm has the fields that the sandbox doesn't keep empty.
var visitForm = form[visit]{
	{"user_id", func(v *visit) any { return &v.userID }},
	{"ip", func(*visit) any { return new(string) }},
	{"device_id", func(*visit) any { return new(string) }},
	{"platform", func(*visit) any { return new(string) }},
	{"login_time", func(v *visit) any { return (*date)(&v.time) }},
}

func chatVisits() *collection {
	return &collection{
		name: "user_login_record",
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for i := range st.chat.visits {
					if !yield(visitAt(i)) {
						return
					}
				}
			}
		},
		ids: func(thing any) []string {
			if i, ok := thing.(visitAt); ok {
				return []string{strconv.Itoa(int(i))}
			}
			return nil
		},
		doc: func(st *state, id string) bson.Raw {
			if i, err := strconv.Atoi(id); err == nil && i < len(st.chat.visits) {
				return visitForm.encode(&st.chat.visits[i])
			}
			return nil
		},
		apply: func(st *state, docs []bson.Raw, _ *gates) (ids []string) {
			st.chat.visits = nil
			for i, d := range docs {
				var v visit
				visitForm.decode(d, &v)
				st.chat.visits = append(st.chat.visits, v)
				ids = append(ids, strconv.Itoa(i))
			}
			return ids
		},
	}
}

// chatAdmins go by the user id, since the account can be changed.
func chatAdmins() *collection {
	return collectionOf("admin", 1, form[chatAdmin]{
		{"user_id", func(a *chatAdmin) any { return &a.UserID }},
		{"account", func(a *chatAdmin) any { return &a.Account }},
		{"password", func(a *chatAdmin) any { return &a.Password }},
		{"face_url", func(a *chatAdmin) any { return &a.FaceURL }},
		{"nickname", func(a *chatAdmin) any { return &a.Nickname }},
		{"level", func(a *chatAdmin) any { return &a.Level }},
		{"create_time", func(a *chatAdmin) any { return (*date)(&a.CreateTime) }},
	}, rows[chatAdmin]{
		find: func(st *state, id []string) *chatAdmin {
			a, _ := st.adminByID(id[0]) // nil when there is none
			return a
		},
		all:    func(st *state) iter.Seq[*chatAdmin] { return values(st.chat.admins) },
		put:    func(st *state, a *chatAdmin) { st.chat.admins.put(a.Account, a) },
		remove: func(st *state, a *chatAdmin) { st.chat.admins.delete(a.Account) },
		after: func(st *state) { // an account may be another now
			for _, account := range keys(st.chat.admins) {
				if a, _ := st.chat.admins.get(account); a.Account != account {
					st.chat.admins.delete(account)
				}
			}
		},
	}, collection{indexes: []index{unique("account")}})
}

// keyed is a row of a table that doesn't know its key, with it.
type keyed[V any] struct {
	key   string
	value V
}

// keyedRows are those of such a table.
func keyedRows[V any](t func(*state) *table[string, V]) rows[keyed[V]] {
	return rows[keyed[V]]{
		find: func(st *state, id []string) *keyed[V] {
			if v, ok := t(st).get(id[0]); ok {
				return &keyed[V]{id[0], v}
			}
			return nil
		},
		all: func(st *state) iter.Seq[*keyed[V]] {
			return func(yield func(*keyed[V]) bool) {
				for k, v := range t(st).all() {
					if !yield(&keyed[V]{k, v}) {
						return
					}
				}
			}
		},
		put:    func(st *state, r *keyed[V]) { t(st).put(r.key, r.value) },
		remove: func(st *state, r *keyed[V]) { t(st).delete(r.key) },
	}
}

// byKey has the rows of a collection noted by their keys.
func byKey[V any](c *collection, t func(*state) *table[string, V]) *collection {
	c.things = keyThings(t)
	c.ids = func(thing any) []string {
		if k, ok := thing.(string); ok {
			return []string{k}
		}
		return nil
	}
	return c
}

// made gives a row its value when it is read.
func made[V any](r *keyed[*V]) *V {
	if r.value == nil {
		r.value = new(V)
	}
	return r.value
}

func chatBlocks() *collection {
	t := func(st *state) *table[string, *chatBlock] { return st.chat.blocked }
	return byKey(collectionOf("forbidden_account", 1, form[keyed[*chatBlock]]{
		{"user_id", func(r *keyed[*chatBlock]) any { return &r.key }},
		{"reason", func(r *keyed[*chatBlock]) any { return &made(r).reason }},
		{"operator_user_id", func(r *keyed[*chatBlock]) any { return &made(r).opUserID }},
		{"create_time", func(r *keyed[*chatBlock]) any { return (*date)(&made(r).createTime) }},
	}, keyedRows(t), collection{indexes: []index{unique("user_id")}}), t)
}

func invitationCodes() *collection {
	t := func(st *state) *table[string, *invitation] { return st.chat.invitations }
	return byKey(collectionOf("invitation_register", 1, form[keyed[*invitation]]{
		{"invitation_code", func(r *keyed[*invitation]) any { return &r.key }},
		{"used_by_user_id", func(r *keyed[*invitation]) any { return &made(r).usedUserID }},
		{"create_time", func(r *keyed[*invitation]) any { return (*date)(&made(r).createTime) }},
	}, keyedRows(t), collection{indexes: []index{unique("invitation_code")}}), t)
}

func defaults(name, key string, t func(*state) *table[string, int64]) *collection {
	return byKey(collectionOf(name, 1, form[keyed[int64]]{
		{key, func(r *keyed[int64]) any { return &r.key }},
		{"create_time", func(r *keyed[int64]) any { return (*date)(&r.value) }},
	}, keyedRows(t), collection{indexes: []index{unique(key)}}), t)
}

func chatConfigs() *collection {
	t := func(st *state) *table[string, string] { return st.chat.config }
	return byKey(collectionOf("client_config", 1, form[keyed[string]]{
		{"key", func(r *keyed[string]) any { return &r.key }},
		{"value", func(r *keyed[string]) any { return &r.value }},
	}, keyedRows(t), collection{indexes: []index{unique("key")}}), t)
}

func ipRules() *collection {
	return collectionOf("ip_forbidden", 1, form[ipRule]{
		{"ip", func(r *ipRule) any { return &r.IP }},
		{"limit_register", func(r *ipRule) any { return &r.LimitRegister }},
		{"limit_login", func(r *ipRule) any { return &r.LimitLogin }},
		{"create_time", func(r *ipRule) any { return (*date)(&r.CreateTime) }},
	}, rows[ipRule]{
		find:   func(st *state, id []string) *ipRule { return rowAt(st.chat.ipRules, id[0]) },
		all:    func(st *state) iter.Seq[*ipRule] { return values(st.chat.ipRules) },
		put:    func(st *state, r *ipRule) { st.chat.ipRules.put(r.IP, r) },
		remove: func(st *state, r *ipRule) { st.chat.ipRules.delete(r.IP) },
	}, collection{indexes: []index{unique("ip")}})
}

// userIPRule is an address that a user may log in from.
type userIPRule struct {
	userIP
	createTime int64 // ms
}

func userIPRules() *collection {
	c := collectionOf("limit_user_login_ip", 2, form[userIPRule]{
		{"user_id", func(r *userIPRule) any { return &r.UserID }},
		{"ip", func(r *userIPRule) any { return &r.IP }},
		{"create_time", func(r *userIPRule) any { return (*date)(&r.createTime) }},
	}, rows[userIPRule]{
		find: func(st *state, id []string) *userIPRule {
			at := userIP{id[0], id[1]}
			if added, ok := st.chat.userIPs.get(at); ok {
				return &userIPRule{at, added}
			}
			return nil
		},
		all: func(st *state) iter.Seq[*userIPRule] {
			return func(yield func(*userIPRule) bool) {
				for at, added := range st.chat.userIPs.all() {
					if !yield(&userIPRule{at, added}) {
						return
					}
				}
			}
		},
		put:    func(st *state, r *userIPRule) { st.chat.userIPs.put(r.userIP, r.createTime) },
		remove: func(st *state, r *userIPRule) { st.chat.userIPs.delete(r.userIP) },
	}, collection{indexes: []index{unique("user_id", "ip")}})
	c.things = keyThings(func(st *state) *table[userIP, int64] { return st.chat.userIPs })
	c.ids = func(thing any) []string {
		if at, ok := thing.(userIP); ok {
			return []string{joined(at.UserID, at.IP)}
		}
		return nil
	}
	return c
}

func applets() *collection {
	return collectionOf("applet", 1, form[applet]{
		{"id", func(a *applet) any { return &a.ID }},
		{"name", func(a *applet) any { return &a.Name }},
		{"app_id", func(a *applet) any { return &a.AppID }},
		{"icon", func(a *applet) any { return &a.Icon }},
		{"url", func(a *applet) any { return &a.URL }},
		{"md5", func(a *applet) any { return &a.MD5 }},
		{"size", func(a *applet) any { return &a.Size }},
		{"version", func(a *applet) any { return &a.Version }},
		{"priority", func(a *applet) any { return &a.Priority }},
		{"status", func(a *applet) any { return &a.Status }},
		{"create_time", func(a *applet) any { return (*date)(&a.CreateTime) }},
	}, rows[applet]{
		find:   func(st *state, id []string) *applet { return rowAt(st.chat.applets, id[0]) },
		all:    func(st *state) iter.Seq[*applet] { return values(st.chat.applets) },
		put:    func(st *state, a *applet) { st.chat.applets.put(a.ID, a) },
		remove: func(st *state, a *applet) { st.chat.applets.delete(a.ID) },
	}, collection{indexes: []index{unique("id")}})
}

// versionForm is without the id, which is the _id of the document.
var versionForm = form[appVersion]{
	{"platform", func(v *appVersion) any { return &v.Platform }},
	{"version", func(v *appVersion) any { return &v.Version }},
	{"url", func(v *appVersion) any { return &v.URL }},
	{"text", func(v *appVersion) any { return &v.Text }},
	{"hot", func(v *appVersion) any { return &v.Hot }},
	{"force", func(v *appVersion) any { return &v.Force }},
	{"latest", func(v *appVersion) any { return &v.Latest }},
	{"create_time", func(v *appVersion) any { return (*date)(&v.CreateTime) }},
}

func appVersions() *collection {
	return &collection{
		name: "application", indexes: []index{unique("platform", "version")},
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for v := range values(st.chat.versions) {
					if !yield(v) {
						return
					}
				}
			}
		},
		ids: func(thing any) []string {
			if v, ok := thing.(*appVersion); ok {
				return []string{v.ID}
			}
			return nil
		},
		object: func(_ *state, id string) *bson.ObjectID {
			object, err := bson.ObjectIDFromHex(id)
			if err != nil {
				return nil
			}
			return &object
		},
		doc: func(st *state, id string) bson.Raw {
			if v := rowAt(st.chat.versions, id); v != nil {
				return versionForm.encode(v)
			}
			return nil
		},
		apply: func(st *state, docs []bson.Raw, _ *gates) (ids []string) {
			for _, id := range keys(st.chat.versions) {
				st.chat.versions.delete(id)
			}
			for _, d := range docs {
				object, _ := d.Lookup("_id").ObjectIDOK()
				v := &appVersion{ID: object.Hex()}
				versionForm.decode(d, v)
				st.chat.versions.put(v.ID, v)
				ids = append(ids, v.ID)
			}
			return ids
		},
	}
}
