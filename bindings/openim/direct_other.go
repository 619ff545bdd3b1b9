//go:build !unix

package openim

import "net/http"

// newDirect is the standard transport here: whether a kept connection is still open can't be asked.
func newDirect(rest *http.Transport) http.RoundTripper { return rest }
