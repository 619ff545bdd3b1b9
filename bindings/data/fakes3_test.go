package data

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/store"
)

// fakeS3 is an object store with one bucket, as far as backups use one. The access key "wrong" is nobody's, and "nothing"
// that of a user without rights.
type fakeS3 struct {
	server  *httptest.Server
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[string]map[int][]byte                         // by ID; what was begun and neither completed nor given up
	fetched map[string]int                                    // how often each object was read
	before  func(w http.ResponseWriter, r *http.Request) bool // answers itself when it returns true
}

const testBucket = "openim"

func startFakeS3(t testing.TB) *fakeS3 {
	t.Helper()
	f := &fakeS3{objects: map[string][]byte{}, uploads: map[string]map[int][]byte{}, fetched: map[string]int{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeS3) config(accessKey string) store.Objects {
	return store.Objects{Endpoint: f.server.URL, Bucket: testBucket, AccessKeyID: accessKey,
		SecretAccessKey: openim.Secret{Get: func(context.Context) (string, error) { return "secret", nil }}}
}

// put places objects as somebody else would.
func (f *fakeS3) put(key, content string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[key] = []byte(content)
}

func (f *fakeS3) state() (keys []string, uploads int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.objects)), len(f.uploads)
}

// answer sets what comes before an answer.
func (f *fakeS3) answer(before func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = before
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>told by the fake: %s</Message></Error>", code, code)
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	switch auth := r.Header.Get("Authorization"); {
	case before != nil && before(w, r):
		return
	case strings.Contains(auth, "Credential=wrong/"):
		refuse(w, http.StatusForbidden, "InvalidAccessKeyId")
		return
	case strings.Contains(auth, "Credential=nothing/"):
		refuse(w, http.StatusForbidden, "AccessDenied")
		return
	}
	body, err := readBody(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	upload := query.Get("uploadId")
	switch {
	case bucket != testBucket:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case query.Has("location"):
		_, _ = io.WriteString(w, `<LocationConstraint></LocationConstraint>`)
	case key == "":
		f.list(w, query.Get("prefix"))
	case r.Method == http.MethodPost && query.Has("uploads"):
		id := strconv.Itoa(len(f.uploads) + 1)
		f.uploads[id] = map[int][]byte{}
		_, _ = fmt.Fprintf(w, "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", bucket, key, id)
	case upload != "" && f.uploads[upload] == nil:
		refuse(w, http.StatusNotFound, "NoSuchUpload")
	case upload != "" && r.Method == http.MethodPut:
		n, _ := strconv.Atoi(query.Get("partNumber"))
		f.uploads[upload][n] = body
		w.Header().Set("ETag", `"part"`)
	case upload != "" && r.Method == http.MethodDelete:
		delete(f.uploads, upload)
		w.WriteHeader(http.StatusNoContent)
	case upload != "" && r.Method == http.MethodPost:
		var whole []byte
		for _, n := range slices.Sorted(maps.Keys(f.uploads[upload])) {
			whole = append(whole, f.uploads[upload][n]...)
		}
		delete(f.uploads, upload)
		f.objects[key] = whole
		_, _ = fmt.Fprintf(w, `<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>"whole"</ETag></CompleteMultipartUploadResult>`, bucket, key)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		content, ok := f.objects[key]
		if !ok {
			refuse(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"whole"`)
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		if r.Method == http.MethodGet {
			f.fetched[key]++
			_, _ = w.Write(content)
		}
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func (f *fakeS3) list(w io.Writer, prefix string) {
	type content struct {
		Key          string
		Size         int
		ETag         string
		LastModified string
	}
	answer := struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		IsTruncated bool
		Contents    []content
	}{Name: testBucket}
	for _, key := range slices.Sorted(maps.Keys(f.objects)) {
		if strings.HasPrefix(key, prefix) {
			answer.Contents = append(answer.Contents, content{key, len(f.objects[key]), `"whole"`, "2006-01-02T15:04:05Z"})
		}
	}
	_ = xml.NewEncoder(w).Encode(answer)
}

// readBody reads what was sent, also in signed chunks: lines "SIZE;chunk-signature=…", each followed by its bytes.
func readBody(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	in := bufio.NewReader(r.Body)
	var out bytes.Buffer
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		text, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		size, err := strconv.ParseInt(text, 16, 64)
		if err != nil {
			return nil, err
		}
		if size == 0 {
			_, err := io.Copy(io.Discard, in)
			return out.Bytes(), err
		}
		if _, err := io.CopyN(&out, in, size); err != nil {
			return nil, err
		}
		if _, err := in.Discard(2); err != nil {
			return nil, err
		}
	}
}
