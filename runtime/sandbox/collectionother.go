package sandbox

import (
	"iter"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

var commandForm = form[userCommand]{
	{"userID", func(c *userCommand) any { return &c.userID }},
	{"type", func(c *userCommand) any { return &c.Type }},
	{"uuid", func(c *userCommand) any { return &c.UUID }},
	{"createTime", func(c *userCommand) any { return &c.CreateTime }},
	{"value", func(c *userCommand) any { return &c.Value }},
	{"ex", func(c *userCommand) any { return &c.Ex }},
}

// userCommands are not unique; they go by the order of their making here.
func userCommands() *collection {
	id := func(cmd *userCommand) string { return joined(cmd.userID, strconv.FormatInt(cmd.n, 10)) }
	return &collection{
		name: "userCommands",
		things: func(st *state) iter.Seq[any] {
			return func(yield func(any) bool) {
				for _, userID := range sortedKeys(st.commands) {
					for _, cmd := range st.commands[userID] {
						if !yield(cmd) {
							return
						}
					}
				}
			}
		},
		ids: func(thing any) []string {
			if cmd, ok := thing.(*userCommand); ok {
				return []string{id(cmd)}
			}
			return nil
		},
		doc: func(st *state, want string) bson.Raw {
			for _, cmd := range st.commands[parts(want)[0]] {
				if id(cmd) == want {
					return commandForm.encode(cmd)
				}
			}
			return nil
		},
		apply: func(st *state, docs []bson.Raw, _ *gates) (ids []string) {
			clear(st.commands)
			for _, d := range docs {
				cmd := &userCommand{}
				commandForm.decode(d, cmd)
				st.addUserCommand(cmd)
				ids = append(ids, id(cmd))
			}
			return ids
		},
	}
}

// clientSetting is a row of "config".
type clientSetting struct{ key, userID, value string }

func clientConfigs() *collection {
	c := collectionOf("config", 2, form[clientSetting]{
		{"key", func(s *clientSetting) any { return &s.key }},
		{"user_id", func(s *clientSetting) any { return &s.userID }},
		{"value", func(s *clientSetting) any { return &s.value }},
	}, rows[clientSetting]{
		find: func(st *state, id []string) *clientSetting {
			if value, ok := st.clientConfig.get(clientConfigKey{userID: id[1], key: id[0]}); ok {
				return &clientSetting{id[0], id[1], value}
			}
			return nil
		},
		all: func(st *state) iter.Seq[*clientSetting] {
			return func(yield func(*clientSetting) bool) {
				for k, value := range st.clientConfig.all() {
					if !yield(&clientSetting{k.key, k.userID, value}) {
						return
					}
				}
			}
		},
		put: func(st *state, s *clientSetting) {
			st.clientConfig.put(clientConfigKey{userID: s.userID, key: s.key}, s.value)
		},
		remove: func(st *state, s *clientSetting) {
			st.clientConfig.delete(clientConfigKey{userID: s.userID, key: s.key})
		},
	}, collection{
		indexes: []index{unique("key", "user_id")},
		cached: &cached{
			prefixes: []string{"CLIENT_CONFIG"},
			list: func(id []string) string {
				if id[1] == "" {
					return "CLIENT_CONFIG"
				}
				return "CLIENT_CONFIG:" + id[1]
			},
			members: func(st *state, id []string) []string {
				var out []string
				for k := range st.clientConfig.all() {
					if k.userID == id[1] {
						out = append(out, k.key)
					}
				}
				return out
			},
		},
	})
	c.things = keyThings(func(st *state) *table[clientConfigKey, string] { return st.clientConfig })
	c.ids = func(thing any) []string {
		if k, ok := thing.(clientConfigKey); ok {
			return []string{joined(k.key, k.userID)}
		}
		return nil
	}
	return c
}

// keyThings are the keys of a table whose rows are noted by them.
func keyThings[K comparable, V any](t func(*state) *table[K, V]) func(*state) iter.Seq[any] {
	return func(st *state) iter.Seq[any] {
		return func(yield func(any) bool) {
			for _, k := range keys(t(st)) {
				if !yield(k) {
					return
				}
			}
		}
	}
}

// objects are never any: the sandbox has no object storage.
func objects() *collection {
	return &collection{
		name: "s3", indexes: []index{unique("name"), plain("create_time"), plain("key")},
		things: func(*state) iter.Seq[any] { return func(func(any) bool) {} },
		ids:    func(any) []string { return nil },
		doc:    func(*state, string) bson.Raw { return nil },
		apply:  func(_ *state, docs []bson.Raw, _ *gates) []string { return make([]string, len(docs)) },
	}
}
