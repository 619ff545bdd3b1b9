package openim

import (
	"net"
	"net/http"
	"time"
)

// NewTransport is the transport that a client has when Config.Base is nil, for a caller that wraps it.
func NewTransport() http.RoundTripper { return newTransport() }

// newTransport is tuned for many parallel calls to one host: idle connections are kept, so that a bulk run does not
// use up local ports.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		MaxIdleConns:          0,
		MaxIdleConnsPerHost:   1024,
		IdleConnTimeout:       30 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		ForceAttemptHTTP2:     true,
		WriteBufferSize:       16 << 10,
		ReadBufferSize:        16 << 10,
	}
}
