package data

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/store"
)

// TestSkipKafka holds that OpenIM's consumer groups are at the end of their topics after a restore, and nobody else's.
func TestSkipKafka(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, "toRedis", "toMongo"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for range 20 {
		for _, topic := range []string{"toRedis", "toMongo"} {
			if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("in flight")}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := store.New(store.Config{Context: "test", Kafka: store.Kafka{Addresses: cluster.ListenAddrs(), Readers: []store.Reader{{Group: "redis", Topic: "toRedis"}}}})
	defer s.Close() //nolint:errcheck // a test
	r := &restore{env: testEnv(t, s)}
	if err := r.skipKafka(t.Context()); err != nil {
		t.Fatal(err)
	}
	admin, err := s.Kafka(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lag, err := admin.Lag(t.Context(), "redis", "mongo")
	if err != nil {
		t.Fatal(err)
	}
	if group := lag["redis"]; group.Error() != nil || group.Lag.Total() != 0 || len(group.Lag["toRedis"]) != 3 {
		t.Errorf("the group redis lags %d: %v", group.Lag.Total(), group.Error())
	}
	if offsets, err := admin.FetchOffsets(t.Context(), "mongo"); err == nil && len(offsets) > 0 {
		t.Errorf("the group mongo, which was not to be touched, is at %v", offsets)
	}
	missing := store.New(store.Config{Context: "test", Kafka: store.Kafka{Addresses: cluster.ListenAddrs(), Readers: []store.Reader{{Group: "redis", Topic: "no such"}}}})
	defer missing.Close() //nolint:errcheck // a test
	r = &restore{env: testEnv(t, missing)}
	wantKind(t, r.skipKafka(t.Context()), fault.Unreachable, "the topic no such")
}
