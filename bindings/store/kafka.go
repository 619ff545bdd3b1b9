package store

import (
	"context"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/openimsdk/imctl/bindings/openim"
)

// Kafka is where Kafka is, and which consumer group reads which topic (DATA-MODEL, Stores).
type Kafka struct {
	Addresses []string // host:port
	Username  string
	Password  openim.Secret
	Readers   []Reader
}

// Reader is a consumer group of OpenIM with its topic.
type Reader struct{ Group, Topic string }

// Kafka is an admin client of the deployment's Kafka. The first call waits until it answers, at most 10 s. Errors:
// unsupported when it is not configured, auth, unreachable.
func (s *Stores) Kafka(ctx context.Context) (*kadm.Client, error) {
	k := s.cfg.Kafka
	if len(k.Addresses) == 0 {
		return nil, s.missing("Kafka", "kafka.addresses")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kafka != nil {
		return kadm.NewClient(s.kafka), nil
	}
	opts := []kgo.Opt{kgo.SeedBrokers(k.Addresses...), kgo.ClientID("imctl"), kgo.DialTimeout(dialLimit), kgo.RetryTimeout(dialLimit)}
	if k.Username != "" {
		secret, err := password(ctx, k.Password)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(plain.Auth{User: k.Username, Pass: secret}.AsMechanism()))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, wrong(ctx, "Kafka", strings.Join(k.Addresses, ","), err)
	}
	dial, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	if err := client.Ping(dial); err != nil {
		client.Close()
		return nil, wrong(ctx, "Kafka", strings.Join(k.Addresses, ","), err)
	}
	s.kafka = client
	return kadm.NewClient(client), nil
}
