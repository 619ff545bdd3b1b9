package target

import (
	"strconv"
	"strings"
)

// Setting is one setting of the context in force: a secret shows only where it comes from.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

// textSetting is a setting that flags and environment variables can override.
type textSetting struct {
	name string
	at   func(*Context) *string
	flag string // the flag's name
	from func(Overrides) string
	env  string
}

func textSettings() []textSetting {
	return []textSetting{
		{"api", func(c *Context) *string { return &c.API }, "--server", func(o Overrides) string { return o.Server }, "IMCTL_SERVER"},
		{"gateway", func(c *Context) *string { return &c.Gateway }, "--gateway", func(o Overrides) string { return o.Gateway }, "IMCTL_GATEWAY"},
		{"admin", func(c *Context) *string { return &c.Admin }, "--admin", func(o Overrides) string { return o.Admin }, "IMCTL_ADMIN"},
		{"chat.admin", func(c *Context) *string { return &c.Chat.Admin }, "--chat-admin", func(o Overrides) string { return o.ChatAdmin }, "IMCTL_CHAT_ADMIN"},
		{"chat.api", func(c *Context) *string { return &c.Chat.API }, "--chat-api", func(o Overrides) string { return o.ChatAPI }, "IMCTL_CHAT_API"},
		{"chat.account", func(c *Context) *string { return &c.Chat.Account }, "--chat-account", func(o Overrides) string { return o.ChatAccount }, "IMCTL_CHAT_ACCOUNT"},
	}
}

// secretSetting is a secret; some can be given by a flag that names a file or by an environment variable.
type secretSetting struct {
	name    string
	at      func(*Context) *SecretRef
	flag    string
	from    func(Overrides) string
	env     string // holds the secret
	envFile string // names a file that does
}

func secretSettings() []secretSetting {
	none := func(Overrides) string { return "" }
	return []secretSetting{
		{"secret", func(c *Context) *SecretRef { return &c.Secret }, "--secret-file", func(o Overrides) string { return o.SecretFile }, "IMCTL_SECRET", "IMCTL_SECRET_FILE"},
		{"chat.password", func(c *Context) *SecretRef { return &c.Chat.Password }, "", none, "IMCTL_CHAT_PASSWORD", ""},
		{"mongo.password", func(c *Context) *SecretRef { return &c.Mongo.Password }, "", none, "", ""},
		{"redis.password", func(c *Context) *SecretRef { return &c.Redis.Password }, "", none, "", ""},
		{"kafka.password", func(c *Context) *SecretRef { return &c.Kafka.Password }, "", none, "", ""},
		{"object_store.secret_access_key", func(c *Context) *SecretRef { return &c.ObjectStore.SecretAccessKey }, "", none, "", ""},
		{"etcd.password", func(c *Context) *SecretRef { return &c.Etcd.Password }, "", none, "", ""},
	}
}

// Settings lists what is in force, with where each value comes from: always the settings that every context has, and
// of the rest those that are set.
func (t *Target) Settings() []Setting {
	c := &t.Context
	list := strings.Join
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	flag := func(b bool) string {
		if !b {
			return ""
		}
		return "true"
	}
	timeout := ""
	if c.Timeout > 0 {
		timeout = c.Timeout.String()
	}
	mongoURI, _ := splitPassword(c.Mongo.URI)
	rows := [][2]string{
		{"context", c.Name}, {"api", c.API}, {"gateway", c.Gateway}, {"admin", c.Admin}, {"secret", ""},
		{"timeout", timeout}, {"protected", flag(c.Protected)}, {"read_only", flag(c.ReadOnly)}, {"max_objects", number(c.MaxObjects)},
		{"chat.admin", c.Chat.Admin}, {"chat.api", c.Chat.API}, {"chat.account", c.Chat.Account}, {"chat.password", ""},
		{"mongo.uri", mongoURI}, {"mongo.addresses", list(c.Mongo.Addresses, ",")}, {"mongo.database", c.Mongo.Database},
		{"mongo.username", c.Mongo.Username}, {"mongo.auth_source", c.Mongo.AuthSource}, {"mongo.password", ""},
		{"redis.addresses", list(c.Redis.Addresses, ",")}, {"redis.username", c.Redis.Username}, {"redis.db", number(c.Redis.DB)},
		{"redis.mode", c.Redis.Mode}, {"redis.master_name", c.Redis.MasterName}, {"redis.password", ""},
		{"kafka.addresses", list(c.Kafka.Addresses, ",")}, {"kafka.username", c.Kafka.Username}, {"kafka.password", ""},
		{"kafka.topics.to_redis", c.Kafka.Topics.ToRedis}, {"kafka.topics.to_mongo", c.Kafka.Topics.ToMongo},
		{"kafka.topics.to_push", c.Kafka.Topics.ToPush}, {"kafka.topics.to_offline_push", c.Kafka.Topics.ToOfflinePush},
		{"kafka.groups.to_redis", c.Kafka.Groups.ToRedis}, {"kafka.groups.to_mongo", c.Kafka.Groups.ToMongo},
		{"kafka.groups.to_push", c.Kafka.Groups.ToPush}, {"kafka.groups.to_offline_push", c.Kafka.Groups.ToOfflinePush},
		{"object_store.endpoint", c.ObjectStore.Endpoint}, {"object_store.bucket", c.ObjectStore.Bucket},
		{"object_store.access_key_id", c.ObjectStore.AccessKeyID}, {"object_store.secret_access_key", ""},
		{"etcd.addresses", list(c.Etcd.Addresses, ",")}, {"etcd.root_directory", c.Etcd.RootDirectory},
		{"etcd.username", c.Etcd.Username}, {"etcd.password", ""},
		{"prometheus", c.Prometheus}, {"logs", c.Logs}, {"deployment", c.Deployment},
	}
	secrets := map[string]*SecretRef{}
	for _, s := range secretSettings() {
		secrets[s.name] = s.at(c)
	}
	var out []Setting
	for i, row := range rows {
		s := Setting{Name: row[0], Value: row[1], Source: t.Source(row[0])}
		if ref, ok := secrets[s.Name]; ok && !ref.IsZero() {
			s.Value = ref.Source()
		}
		if s.Value == "" {
			if i >= 5 {
				continue
			}
			s.Value, s.Source = "not set", ""
			if t.Sandbox && s.Name != "context" {
				s.Value = "set when the sandbox starts"
			}
		}
		out = append(out, s)
	}
	return out
}

// Source says where the value of a setting comes from: a flag, an environment variable, the context, or a default.
func (t *Target) Source(name string) string {
	if source := t.sources[name]; source != "" {
		return source
	}
	if t.Sandbox {
		return "sandbox"
	}
	return "context " + t.Name
}
