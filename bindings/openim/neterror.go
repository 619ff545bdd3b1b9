package openim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/openimsdk/imctl/bindings/fault"
)

// ended is the error for a caller's context that is over: canceled, or its time limit reached.
func ended(ctx context.Context, r *request) *fault.Error {
	cause := context.Cause(ctx)
	var own *fault.Error
	if errors.As(cause, &own) {
		copied := *own
		return &copied
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &fault.Error{Kind: fault.Timeout, Cause: cause, Message: "time limit reached while calling " + r.at.address() + r.path}
	}
	return &fault.Error{Kind: fault.Canceled, Cause: cause, Message: "interrupted while calling " + r.at.address() + r.path}
}

// netFailure explains why no whole answer came. ctx is the try's own context.
func (c *Client) netFailure(ctx context.Context, r *request, err error) *failure {
	var known *fault.Error
	if errors.As(err, &known) { // the transport itself knows better: a replayed run
		copied := *known
		return &failure{err: &copied}
	}
	e := &fault.Error{Kind: fault.Unreachable, Cause: err}
	where := r.at.named()
	undelivered := isDial(err)
	if !undelivered {
		e.OperationID = r.operationID
	}
	f := &failure{err: e}
	var large *tooLargeError
	var proxy *net.OpError
	switch {
	case ctx.Err() != nil:
		e.Kind = fault.Timeout
		e.Message = fmt.Sprintf("no answer to %s from %s within %s", r.path, where, r.timeout)
		e.Hint = fmt.Sprintf("the limit of %s is %s", r.timeout, limitSource(r.timeoutSource))
		if r.write && !undelivered {
			e.Hint += "; the call may have been carried out all the same"
		}
	case errors.As(err, &large):
		e.Kind = fault.API
		e.Message = fmt.Sprintf("the answer to %s is larger than %d MiB", r.path, large.limit>>20)
		e.Hint = "ask for fewer rows at a time"
	case errors.As(err, &proxy) && proxy.Op == "proxyconnect":
		e.Message = fmt.Sprintf("can't reach %s through the proxy: %s", where, reason(err))
		e.Hint = "check HTTP_PROXY and HTTPS_PROXY, or add the host to NO_PROXY"
		f.repeat = always
	case tlsHint(r, err) != "":
		e.Message = fmt.Sprintf("can't make a TLS connection to %s: %s", where, reason(err))
		e.Hint, e.OperationID = tlsHint(r, err), ""
	case undelivered:
		e.Message = fmt.Sprintf("can't reach %s: %s", where, reason(err))
		e.Hint = dialHint(r, err)
		if f.repeat = always; noSuchHost(err) {
			f.repeat = never
		}
	default:
		e.Message = fmt.Sprintf("the connection to %s broke before the whole answer to %s was there: %s", where, r.path, reason(err))
		e.Hint = "the server or a proxy on the way closed it; it may be restarting"
		if r.write {
			e.Hint = "the call may have been carried out all the same: look before you repeat it"
		}
		f.repeat = ifRead
	}
	e.Message, e.Hint = printable(c.Mask(e.Message)), printable(c.Mask(e.Hint))
	return f
}

func limitSource(source string) string {
	if source == "" {
		return "the request timeout"
	}
	return "the request timeout (" + source + ")"
}

// isDial tells whether no connection was made, so that the request can't have been delivered.
func isDial(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}

func noSuchHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// reason is the innermost cause in words.
func reason(err error) string {
	var auth x509.UnknownAuthorityError
	switch {
	case noSuchHost(err):
		return "no such host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed by the other side"
	case errors.As(err, &auth):
		return "its certificate is signed by an unknown authority"
	}
	return err.Error()
}

func dialHint(r *request, err error) string {
	source := orUnknown(r.at.setting.Source)
	var dns *net.DNSError
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		if used := op.Addr.String(); proxied(r, used) {
			return "the connection was tried to the proxy " + used + ": check HTTP_PROXY and NO_PROXY"
		}
	}
	switch {
	case errors.As(err, &dns):
		return "check the host name in the address; it comes from " + source
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check that the server runs and that the port is right (the API's is 10002); the address comes from " + source
	}
	return "check the address and the network; the address comes from " + source
}

// proxied tells whether addr is that of the proxy which the environment names for r.
func proxied(r *request, addr string) bool {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: r.at.url})
	return err == nil && proxy != nil && strings.HasSuffix(addr, ":"+proxy.Port()) && proxy.Port() != r.at.url.Port()
}

// tlsHint is empty when the error is not about TLS.
func tlsHint(r *request, err error) string {
	source := orUnknown(r.at.setting.Source)
	var header tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	switch {
	case errors.As(err, &header), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "the port speaks plain HTTP: write http:// in the address (it comes from " + source + ")"
	case errors.As(err, &authority):
		return "the certificate is not signed by an authority this machine trusts: add the authority (SSL_CERT_FILE), or check the address, which comes from " + source
	case errors.As(err, &host):
		return "the certificate is for another host: check the host name in the address, which comes from " + source
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired or is not valid yet: renew it, or check the clock of this machine"
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "the server's certificate is not valid"
	case errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return "the server broke off the TLS handshake; the address comes from " + source
	}
	return ""
}
