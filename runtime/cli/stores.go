package cli

import (
	"cmp"
	"strings"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
	"github.com/openimsdk/imctl/runtime/target"
)

// storesConfig is the part of the target that says where the deployment's own stores are.
func (a *app) storesConfig(t *target.Target) store.Config {
	k := t.Kafka
	cfg := store.Config{
		Context: t.Name,
		Mongo: store.Mongo{URI: t.Mongo.URI, Addresses: t.Mongo.Addresses, Database: t.Mongo.Database, Username: t.Mongo.Username,
			AuthSource: t.Mongo.AuthSource, Password: a.storeSecret(t.Mongo.Password)},
		Redis: store.Redis{Addresses: t.Redis.Addresses, Username: t.Redis.Username, DB: t.Redis.DB, Mode: t.Redis.Mode,
			MasterName: t.Redis.MasterName, Password: a.storeSecret(t.Redis.Password)},
		Kafka: store.Kafka{Addresses: k.Addresses, Username: k.Username, Password: a.storeSecret(k.Password)},
		Objects: store.Objects{Endpoint: t.ObjectStore.Endpoint, Bucket: t.ObjectStore.Bucket, AccessKeyID: t.ObjectStore.AccessKeyID,
			SecretAccessKey: a.storeSecret(t.ObjectStore.SecretAccessKey)},
	}
	for _, r := range []struct{ group, topic, shipped string }{ // OPERATIONS, kafka.yml
		{k.Groups.ToRedis, k.Topics.ToRedis, "redis toRedis"}, {k.Groups.ToMongo, k.Topics.ToMongo, "mongo toMongo"},
		{k.Groups.ToPush, k.Topics.ToPush, "push toPush"}, {k.Groups.ToOfflinePush, k.Topics.ToOfflinePush, "offlinePush toOfflinePush"},
	} {
		cfg.Kafka.Readers = append(cfg.Kafka.Readers, kafkaReader(r.group, r.topic, r.shipped))
	}
	return cfg
}

// kafkaReader is a consumer group with its topic, by the names that OpenIM ships with where the context has none.
func kafkaReader(group, topic, shipped string) store.Reader {
	shippedGroup, shippedTopic, _ := strings.Cut(shipped, " ")
	return store.Reader{Group: cmp.Or(group, shippedGroup), Topic: cmp.Or(topic, shippedTopic)}
}

// storeSecret is a secret that a store may do without.
func (a *app) storeSecret(ref target.SecretRef) openim.Secret {
	if ref.IsZero() {
		return openim.Secret{}
	}
	return a.secret(ref)
}
