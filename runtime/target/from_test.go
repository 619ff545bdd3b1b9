package target

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openimsdk/imctl/bindings/fault"
)

const serverConfig = `
-- share.yml --
secret: openIM123
imAdminUser:
  userIDs: [imAdmin, second]
  nicknames: [superAdmin, x]
-- openim-api.yml --
api:
  listenIP: 0.0.0.0
  # several instances
  ports: [ 10002, 10003 ]
prometheus:
  enable: true
  ports:
  grafanaURL: http://127.0.0.1:13000/
-- openim-msggateway.yml --
listenIP: 10.0.0.7
longConnSvr:
  ports: [ 10001 ]
-- mongodb.yml --
uri:
address: [localhost:37017]
database: openim_v3
username: openIM
password: openIM123
authSource: openim_v3
-- redis.yml --
address: [localhost:16379]
username:
password: openIM123
redisMode: "standalone"
db: 2
-- kafka.yml --
username:
password:
address: [localhost:19094]
toRedisTopic: toRedis
toMongoTopic: toMongo
toPushTopic: toPush
toOfflinePushTopic: toOfflinePush
toRedisGroupID: redis
toMongoGroupID: mongo
toPushGroupID: push
toOfflinePushGroupID: offlinePush
-- minio.yml --
bucket: openim
accessKeyID: root
secretAccessKey: openIM123
internalAddress: localhost:10005
externalAddress: http://external_ip:10005
-- discovery.yml --
enable: etcd
etcd:
  rootDirectory: openim
  address: [localhost:12379]
  username:
  password:
-- log.yml --
storageLocation: ../../../../logs/
`

func find(notes []Note, setting string) Note {
	for _, n := range notes {
		if n.Setting == setting {
			return n
		}
	}
	return Note{}
}

func TestFromConfigDir(t *testing.T) {
	dir := folderOf(t, serverConfig)
	c, notes, err := FromConfigDir(dir, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	in := func(file, key string) SecretRef { return SecretRef{File: filepath.Join(dir, file), Key: key} }
	ways := Topics{ToRedis: "toRedis", ToMongo: "toMongo", ToPush: "toPush", ToOfflinePush: "toOfflinePush"}
	want := Context{
		API: "http://127.0.0.1:10002", Gateway: "ws://10.0.0.7:10001", Admin: "imAdmin", Secret: in("share.yml", "secret"),
		Mongo: Mongo{Addresses: []string{"localhost:37017"}, Database: "openim_v3", Username: "openIM", AuthSource: "openim_v3",
			Password: in("mongodb.yml", "password")},
		Redis: Redis{Addresses: []string{"localhost:16379"}, DB: 2, Mode: "standalone", Password: in("redis.yml", "password")},
		Kafka: Kafka{Addresses: []string{"localhost:19094"}, Topics: ways,
			Groups: Topics{ToRedis: "redis", ToMongo: "mongo", ToPush: "push", ToOfflinePush: "offlinePush"}},
		ObjectStore: ObjectStore{Endpoint: "localhost:10005", Bucket: "openim", AccessKeyID: "root", SecretAccessKey: in("minio.yml", "secretAccessKey")},
		Etcd:        Etcd{Addresses: []string{"localhost:12379"}, RootDirectory: "openim"},
	}
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(SecretRef{})); diff != "" {
		t.Error(diff)
	}
	for _, n := range []Note{
		{"api", "http://127.0.0.1:10002", "openim-api.yml line 4", "it listens on every address: 127.0.0.1 is right on the server's own machine only"},
		{"gateway", "ws://10.0.0.7:10001", "openim-msggateway.yml line 3", ""},
		{"admin", "imAdmin", "share.yml line 3", "the first of imAdmin, second"},
		{"redis.db", "2", "redis.yml line 5", ""},
		{"grafana", "http://127.0.0.1:13000/", "openim-api.yml line 8", "for information only"},
	} {
		if got := find(notes, n.Setting); got != n {
			t.Errorf("got %+v\nwant %+v", got, n)
		}
	}
	for _, n := range notes {
		if strings.Contains(n.Value+n.Source+n.Remark, "openIM123") {
			t.Errorf("the secret shows in %+v", n)
		}
	}
	if secret, err := c.Secret.Get(t.Context(), noEnv); err != nil || secret != "openIM123" {
		t.Errorf("got %q, %v", secret, err)
	}
	c.Name = "here"
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := Update(path, func(f *File) error { return f.Add(c) }); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); strings.Contains(string(text), "openIM123") {
		t.Errorf("the secret was stored:\n%s", text)
	}
	again, err := load(t, path).Get("here")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, *again, cmp.AllowUnexported(SecretRef{})); diff != "" {
		t.Error(diff)
	}
}

func TestFromConfigDirWithOverrides(t *testing.T) {
	getenv := env(map[string]string{
		"IMENV_SHARE_SECRET": "openIM999", "IMENV_MONGODB_ADDRESS": "mongo:27017,mongo2:27017", "IMENV_MONGODB_PASSWORD": "openIM999",
		"IMENV_OPENIM_API_API_PORTS": "20002", "IMENV_OPENIM_API_API_LISTENIP": "192.0.2.1", "IMENV_DISCOVERY_ETCD_ADDRESS": "etcd:2379",
		"IMENV_REDIS_DB": "7", "IMENV_MINIO_SECRETACCESSKEY": "openIM999",
	})
	c, notes, err := FromConfigDir(folderOf(t, serverConfig), getenv)
	if err != nil {
		t.Fatal(err)
	}
	if c.API != "http://192.0.2.1:20002" || c.Redis.DB != 7 || strings.Join(c.Mongo.Addresses, " ") != "mongo:27017 mongo2:27017" || c.Etcd.Addresses[0] != "etcd:2379" {
		t.Errorf("%+v", c)
	}
	if c.Secret != (SecretRef{Env: "IMENV_SHARE_SECRET"}) || c.Mongo.Password.Env != "IMENV_MONGODB_PASSWORD" || c.ObjectStore.SecretAccessKey.Env != "IMENV_MINIO_SECRETACCESSKEY" {
		t.Errorf("%+v", c)
	}
	if n := find(notes, "api"); n.Source != "environment variable IMENV_OPENIM_API_API_PORTS" {
		t.Errorf("%+v", n)
	}
	if secret, err := c.Secret.Get(t.Context(), getenv); err != nil || secret != "openIM999" {
		t.Errorf("got %q, %v", secret, err)
	}
	for _, n := range notes {
		if strings.Contains(n.Value+n.Source+n.Remark, "openIM9") {
			t.Errorf("the secret shows in %+v", n)
		}
	}
}

func TestFromOldGeneration(t *testing.T) {
	c, notes, err := FromConfigDir(folderOf(t, `
-- share.yml --
secret: openIM123
imAdminUserID: [ imAdmin ]
-- openim-api.yml --
api:
  listenIP: ""
  ports: [ 10002 ]
-- mongodb.yml --
uri: mongodb://root:openIM123@h1:1,h2:2/openim_v3?replicaSet=rs0
-- redis.yml --
clusterMode: true
address: [ r1:1, r2:2 ]
-- kafka.yml --
address: [ k1:9092
-- discovery.yml --
enable: kubernetes
-- log.yml --
storageLocation: /var/log/openim
`), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if c.Admin != "imAdmin" || c.Redis.Mode != "cluster" || c.Mongo.URI != "mongodb://root@h1:1,h2:2/openim_v3?replicaSet=rs0" || c.Mongo.Password.Key != "uri" ||
		len(c.Etcd.Addresses) != 0 || c.Logs != "/var/log/openim" || c.Gateway != "ws://127.0.0.1:10001" {
		t.Errorf("%+v", c)
	}
	if password, err := c.Mongo.Password.Get(t.Context(), noEnv); err != nil || password != "openIM123" {
		t.Errorf("got %q, %v", password, err)
	}
	for setting, part := range map[string]string{"kafka.yml": "kafka.yml:1:", "minio.yml": "no such file", "etcd": "kubernetes", "gateway": "names no port"} {
		if n := find(notes, setting); !strings.Contains(n.Remark, part) {
			t.Errorf("%s: %+v", setting, n)
		}
	}
	for _, n := range notes {
		if strings.Contains(n.Value+n.Remark, "openIM123") {
			t.Errorf("the secret shows in %+v", n)
		}
	}
}

func TestSentinels(t *testing.T) {
	text := strings.Replace(serverConfig, `redisMode: "standalone"`, "redisMode: sentinel\nsentinelMode:\n  masterName: m\n  sentinelsAddrs: [s1:26379, s2:26379]", 1)
	c, _, err := FromConfigDir(folderOf(t, text), noEnv)
	if err != nil || c.Redis.MasterName != "m" || strings.Join(c.Redis.Addresses, " ") != "s1:26379 s2:26379" {
		t.Errorf("%+v, %v", c.Redis, err)
	}
}

func TestFromBrokenFolders(t *testing.T) {
	replace := func(old, new string) string {
		if !strings.Contains(serverConfig, old) {
			t.Fatalf("no %q", old)
		}
		return folderOf(t, strings.Replace(serverConfig, old, new, 1))
	}
	for _, c := range []struct{ dir, want string }{
		{"/no/such/folder", "folder /no/such/folder: no such file or directory"},
		{folderOf(t, "-- openim-api.yml --\napi: {ports: [1]}\n"), "share.yml: no such file"},
		{folderOf(t, "-- share.yml --\nsecret: openIM123\n"), "openim-api.yml: no such file"},
		{replace("secret: openIM123\nim", "secret: 'openIM123\nim"), "share.yml:1:"},
		{replace("secret: openIM123\nim", "secret: [openIM123]\nim"), "share.yml:1:9: want a single value for secret"},
		{replace("  ports: [ 10002, 10003 ]", "  ports: {a: b}"), "openim-api.yml:4:10: want a single value for api.ports"},
		{replace("api:\n  listenIP", "api: x\nother:\n  listenIP"), "openim-api.yml:1:6: want a mapping"},
		{replace("[ 10002, 10003 ]", "[ x y ]"), "is not an address"},
	} {
		_, _, err := FromConfigDir(c.dir, noEnv)
		wantFault(t, err, fault.Usage, c.want)
		if e := fault.From(err); e != nil && strings.Contains(e.Error()+e.Hint, "openIM123") {
			t.Errorf("the secret is in %q", e)
		}
	}
	file := filepath.Join(folderOf(t, serverConfig), "share.yml")
	_, _, err := FromConfigDir(file, noEnv)
	wantFault(t, err, fault.Usage, "is a file")
}
