package target

import (
	"path/filepath"
	"strconv"
	"strings"
)

// server reads what every context needs: addresses, administrator, secret.
func (f *folder) server(c *Context) {
	c.API = f.address("api", "http", "openim-api.yml", "api.listenIP", "api.ports", "10002")
	c.Gateway = f.address("gateway", "ws", "openim-msggateway.yml", "listenIP", "longConnSvr.ports", gatewayPort)
	f.setSecret("secret", &c.Secret, "share.yml", "secret")
	if c.Secret.IsZero() {
		f.note("secret", "", "share.yml", "there is no secret: set secret in the context before it is used")
	}
	for _, key := range []string{"imAdminUser.userIDs", "imAdminUserID"} { // main; 3.8.3 and its patches
		if ids, source := f.findList("share.yml", key); len(ids) > 0 && c.Admin == "" {
			c.Admin = ids[0]
			remark := ""
			if len(ids) > 1 {
				remark = "the first of " + strings.Join(ids, ", ")
			}
			f.note("admin", c.Admin, source, remark)
		}
	}
	if c.Admin == "" {
		c.Admin = defaultAdmin
		f.note("admin", c.Admin, "default", "share.yml names no administrator")
	}
}

func (f *folder) stores(c *Context) {
	f.mongo(&c.Mongo)
	f.redis(&c.Redis)

	f.setList("kafka.addresses", &c.Kafka.Addresses, "kafka.yml", "address")
	f.set("kafka.username", &c.Kafka.Username, "kafka.yml", "username")
	f.setSecret("kafka.password", &c.Kafka.Password, "kafka.yml", "password")
	for _, way := range []struct {
		setting, key  string
		topic, groups *string
	}{
		{"to_redis", "toRedis", &c.Kafka.Topics.ToRedis, &c.Kafka.Groups.ToRedis},
		{"to_mongo", "toMongo", &c.Kafka.Topics.ToMongo, &c.Kafka.Groups.ToMongo},
		{"to_push", "toPush", &c.Kafka.Topics.ToPush, &c.Kafka.Groups.ToPush},
		{"to_offline_push", "toOfflinePush", &c.Kafka.Topics.ToOfflinePush, &c.Kafka.Groups.ToOfflinePush},
	} {
		f.set("kafka.topics."+way.setting, way.topic, "kafka.yml", way.key+"Topic")
		f.set("kafka.groups."+way.setting, way.groups, "kafka.yml", way.key+"GroupID")
	}

	f.set("object_store.endpoint", &c.ObjectStore.Endpoint, "minio.yml", "internalAddress", "externalAddress")
	f.set("object_store.bucket", &c.ObjectStore.Bucket, "minio.yml", "bucket")
	f.set("object_store.access_key_id", &c.ObjectStore.AccessKeyID, "minio.yml", "accessKeyID")
	f.setSecret("object_store.secret_access_key", &c.ObjectStore.SecretAccessKey, "minio.yml", "secretAccessKey")

	if discovery, source := f.find("discovery.yml", "enable"); discovery != "" && discovery != "etcd" {
		f.note("etcd", "", source, "services find one another by "+discovery+", not by etcd")
		return
	}
	f.setList("etcd.addresses", &c.Etcd.Addresses, "discovery.yml", "etcd.address")
	f.set("etcd.root_directory", &c.Etcd.RootDirectory, "discovery.yml", "etcd.rootDirectory")
	f.set("etcd.username", &c.Etcd.Username, "discovery.yml", "etcd.username")
	f.setSecret("etcd.password", &c.Etcd.Password, "discovery.yml", "etcd.password")
}

// mongo reads mongodb.yml: a URI there stands for all the rest, and its password stays in it.
func (f *folder) mongo(m *Mongo) {
	f.set("mongo.database", &m.Database, "mongodb.yml", "database")
	if uri, source := f.find("mongodb.yml", "uri"); uri != "" {
		without, password := splitPassword(uri)
		m.URI = without
		f.note("mongo.uri", without, source, "")
		if password != "" {
			f.setSecret("mongo.password", &m.Password, "mongodb.yml", "uri")
		}
		return
	}
	f.setList("mongo.addresses", &m.Addresses, "mongodb.yml", "address")
	f.set("mongo.username", &m.Username, "mongodb.yml", "username")
	f.set("mongo.auth_source", &m.AuthSource, "mongodb.yml", "authSource")
	f.setSecret("mongo.password", &m.Password, "mongodb.yml", "password")
}

func (f *folder) redis(r *Redis) {
	f.set("redis.mode", &r.Mode, "redis.yml", "redisMode")
	if cluster, source := f.find("redis.yml", "clusterMode"); r.Mode == "" && cluster == "true" { // 3.8.3 and before
		r.Mode = "cluster"
		f.note("redis.mode", r.Mode, source, "")
	}
	if r.Mode == "sentinel" {
		f.setList("redis.addresses", &r.Addresses, "redis.yml", "sentinelMode.sentinelsAddrs")
		f.set("redis.master_name", &r.MasterName, "redis.yml", "sentinelMode.masterName")
	} else {
		f.setList("redis.addresses", &r.Addresses, "redis.yml", "address")
	}
	f.set("redis.username", &r.Username, "redis.yml", "username")
	f.setSecret("redis.password", &r.Password, "redis.yml", "password")
	if text, source := f.find("redis.yml", "db"); text != "" {
		db, err := strconv.Atoi(text)
		if err != nil {
			f.note("redis.db", text, source, "not a number; 0 is used")
			return
		}
		r.DB = db
		f.note("redis.db", text, source, "")
	}
}

// monitoring notes what there is to look at; the configuration of OpenIM does not name a Prometheus server.
func (f *folder) monitoring(c *Context) {
	if url, source := f.find("openim-api.yml", "prometheus.grafanaURL"); url != "" {
		f.note("grafana", redact(url), source, "for information only")
	}
	if enabled, source := f.find("openim-api.yml", "prometheus.enable"); enabled == "true" {
		remark := "the services serve metrics themselves; set prometheus to the address of a Prometheus server, if there is one"
		f.note("prometheus", "", source, remark)
	} else if enabled == "false" {
		f.note("prometheus", "", source, "the api service serves no metrics")
	}
	switch dir, source := f.find("log.yml", "storageLocation"); {
	case filepath.IsAbs(dir):
		c.Logs = dir
		f.note("logs", dir, source, "")
	case dir != "":
		f.note("logs", "", source, dir+" counts from the folder that the services run in; set logs to the folder itself")
	}
}
