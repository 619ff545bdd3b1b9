package target

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Sandbox is the name of the built-in context; no other may have it.
const Sandbox = "sandbox"

// Context is one deployment: where its parts are, where their secrets come from, and what guards it. Secrets are
// never in it, only references to them.
type Context struct {
	Name        string        `yaml:"name"`
	API         string        `yaml:"api,omitempty"`     // http://host:10002
	Gateway     string        `yaml:"gateway,omitempty"` // ws://host:10001
	Admin       string        `yaml:"admin,omitempty"`   // the user that imctl acts as
	Secret      SecretRef     `yaml:"secret,omitempty"`  // the server's share.secret
	Chat        Chat          `yaml:"chat,omitempty"`
	Mongo       Mongo         `yaml:"mongo,omitempty"`
	Redis       Redis         `yaml:"redis,omitempty"`
	Kafka       Kafka         `yaml:"kafka,omitempty"`
	ObjectStore ObjectStore   `yaml:"object_store,omitempty"`
	Etcd        Etcd          `yaml:"etcd,omitempty"`
	Prometheus  string        `yaml:"prometheus,omitempty"` // URL of a Prometheus server
	Logs        string        `yaml:"logs,omitempty"`       // where logs are read from
	Deployment  string        `yaml:"deployment,omitempty"` // how the services are run
	Timeout     time.Duration `yaml:"timeout,omitempty"`    // for one call
	Protected   bool          `yaml:"protected,omitempty"`  // writes need --context NAME on the command line
	ReadOnly    bool          `yaml:"read_only,omitempty"`
	MaxObjects  int           `yaml:"max_objects,omitempty"` // the most that one operation may change; 0 is no limit
}

// Chat is the chat server, OpenIM's account service.
type Chat struct {
	Admin    string    `yaml:"admin,omitempty"`   // http://host:10009
	API      string    `yaml:"api,omitempty"`     // http://host:10008
	Account  string    `yaml:"account,omitempty"` // of an administrator of the chat server
	Password SecretRef `yaml:"password,omitempty"`
}

// Mongo is the MongoDB of the deployment: a URI without a password, or addresses.
type Mongo struct {
	URI        string    `yaml:"uri,omitempty"`
	Addresses  []string  `yaml:"addresses,omitempty"`
	Database   string    `yaml:"database,omitempty"`
	Username   string    `yaml:"username,omitempty"`
	AuthSource string    `yaml:"auth_source,omitempty"`
	Password   SecretRef `yaml:"password,omitempty"`
}

// Redis is the Redis of the deployment. In sentinel mode the addresses are those of the sentinels.
type Redis struct {
	Addresses  []string  `yaml:"addresses,omitempty"`
	Username   string    `yaml:"username,omitempty"`
	DB         int       `yaml:"db,omitempty"`
	Mode       string    `yaml:"mode,omitempty"` // standalone, cluster, sentinel
	MasterName string    `yaml:"master_name,omitempty"`
	Password   SecretRef `yaml:"password,omitempty"`
}

// Kafka is the Kafka of the deployment.
type Kafka struct {
	Addresses []string  `yaml:"addresses,omitempty"`
	Username  string    `yaml:"username,omitempty"`
	Password  SecretRef `yaml:"password,omitempty"`
	Topics    Topics    `yaml:"topics,omitempty"`
	Groups    Topics    `yaml:"groups,omitempty"` // the consumer group of each topic
}

// Topics has a name for each of the ways that a message takes through Kafka.
type Topics struct {
	ToRedis       string `yaml:"to_redis,omitempty"`
	ToMongo       string `yaml:"to_mongo,omitempty"`
	ToPush        string `yaml:"to_push,omitempty"`
	ToOfflinePush string `yaml:"to_offline_push,omitempty"`
}

// ObjectStore is where file bodies are kept.
type ObjectStore struct {
	Endpoint        string    `yaml:"endpoint,omitempty"`
	Bucket          string    `yaml:"bucket,omitempty"`
	AccessKeyID     string    `yaml:"access_key_id,omitempty"`
	SecretAccessKey SecretRef `yaml:"secret_access_key,omitempty"`
}

// Etcd is the registry of the services.
type Etcd struct {
	Addresses     []string  `yaml:"addresses,omitempty"`
	RootDirectory string    `yaml:"root_directory,omitempty"`
	Username      string    `yaml:"username,omitempty"`
	Password      SecretRef `yaml:"password,omitempty"`
}

// checkName tells whether a context may have this name: it becomes the name of files.
func checkName(name string) error {
	if name == Sandbox {
		return fault.New(fault.Usage, "the name %q is reserved for the built-in context", name)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`).MatchString(name) {
		return fault.New(fault.Usage, "%q can't be the name of a context", name).
			WithHint("a name has letters, digits, '.', '_' and '-', starts with a letter or digit, and is at most 63 long")
	}
	return nil
}

// Check tells what is wrong with the settings, naming the setting and its value.
func (c *Context) Check() error { return c.check(func(string) string { return "" }) }

// check is Check; from adds to the name of a setting where its value comes from.
func (c *Context) check(from func(string) string) error {
	urls := []struct {
		name, value string
		schemes     []string
	}{
		{"api", c.API, []string{"http", "https"}},
		{"gateway", c.Gateway, []string{"ws", "wss"}},
		{"chat.admin", c.Chat.Admin, []string{"http", "https"}},
		{"chat.api", c.Chat.API, []string{"http", "https"}},
		{"prometheus", c.Prometheus, []string{"http", "https"}},
	}
	for _, u := range urls {
		if err := checkURL(u.name+from(u.name), u.value, u.schemes); err != nil {
			return err
		}
	}
	if err := checkMongoURI(c.Mongo.URI); err != nil {
		return err
	}
	for _, list := range []struct {
		name   string
		values []string
	}{
		{"mongo.addresses", c.Mongo.Addresses}, {"redis.addresses", c.Redis.Addresses},
		{"kafka.addresses", c.Kafka.Addresses}, {"etcd.addresses", c.Etcd.Addresses},
	} {
		for _, address := range list.values {
			if err := checkAddress(list.name, address); err != nil {
				return err
			}
		}
	}
	modes := []string{"standalone", "cluster", "sentinel"}
	if c.Redis.Mode != "" && !slices.Contains(modes, c.Redis.Mode) {
		return fault.New(fault.Usage, "redis.mode: no mode %q%s", c.Redis.Mode, fault.DidYouMean(c.Redis.Mode, modes)).
			WithHint("modes: %s", strings.Join(modes, ", "))
	}
	if c.Timeout < 0 {
		return fault.New(fault.Usage, "timeout%s: %v is less than nothing", from("timeout"), c.Timeout)
	}
	if c.MaxObjects < 0 {
		return fault.New(fault.Usage, "max_objects: %d is less than nothing", c.MaxObjects)
	}
	for _, s := range secretSettings() {
		if err := s.at(c).check(s.name); err != nil {
			return err
		}
	}
	return nil
}

func checkURL(name, text string, schemes []string) error {
	if text == "" {
		return nil
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return fault.New(fault.Usage, "%s: %q has no scheme; did you mean %s://%s?", name, redact(text), schemes[0], redact(text))
	}
	if !slices.Contains(schemes, scheme) {
		return fault.New(fault.Usage, "%s: %q starts with %s; did you mean %s://%s?", name, redact(text), scheme, schemes[0], redact(rest))
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return fault.New(fault.Usage, "%s: %q is not an address", name, redact(text)).
			WithHint("write it as %s://host:port", schemes[0])
	case u.Hostname() == "":
		return fault.New(fault.Usage, "%s: %q names no host", name, redact(text)).WithHint("write it as %s://host:port", schemes[0])
	case u.User != nil:
		return fault.New(fault.Usage, "%s: %q holds a user; leave it out", name, redact(text)).
			WithHint("secrets have settings of their own, which name where they come from")
	case u.RawQuery != "" || u.Fragment != "":
		return fault.New(fault.Usage, "%s: %q has a query; leave it out", name, redact(text))
	}
	return nil
}

// redact takes out what stands before an @, which may be a password, and what follows a question mark.
func redact(text string) string {
	text, _, _ = strings.Cut(text, "?")
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "", text
	} else {
		scheme += "://"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = "…" + rest[i:]
	}
	return scheme + rest
}

func checkMongoURI(uri string) error {
	if uri == "" {
		return nil
	}
	if !strings.HasPrefix(uri, "mongodb://") && !strings.HasPrefix(uri, "mongodb+srv://") {
		return fault.New(fault.Usage, "mongo.uri: %q does not start with mongodb://; did you mean mongodb://%s?", redact(uri), redact(uri))
	}
	if _, password := splitPassword(uri); password != "" {
		return fault.New(fault.Usage, "mongo.uri: %q holds a password; leave it out", redact(uri)).
			WithHint("mongo.password says where the password comes from: {env: NAME}, {file: PATH} or {command: …}")
	}
	return nil
}

func checkAddress(name, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" || strings.Contains(address, "/") {
		return fault.New(fault.Usage, "%s: %q is not host:port", name, redact(address))
	}
	return nil
}
