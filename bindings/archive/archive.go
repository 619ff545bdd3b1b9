// Package archive reads and writes backups of OpenIM's data. A backup is a tar, zstd-compressed, optionally encrypted with
// age, in the folder layout that mongorestore reads:
//
//	imctl/head.json                        what this is, first
//	<database>/<collection>.metadata.json  options and indexes
//	<database>/<collection>.bson           the documents, one after another
//	imctl/redis.jsonl                      keys that live only in Redis, when they were asked for
//	imctl/manifest.json                    sizes, sums, counts, indexes, seq heads, last
//
// Nothing that lacks its manifest, or whose manifest does not fit the rest to the byte, is a backup: Scan says so.
package archive

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Format is the version of the form of an archive; one of a higher number is refused.
const Format = 1

// Names of the members that are imctl's own.
const (
	headName     = "imctl/head.json"
	manifestName = "imctl/manifest.json"
	RedisName    = "imctl/redis.jsonl"
)

// MaxDocument is the most bytes that a document may have: MongoDB's own limit, with its allowance for internal use.
const MaxDocument = 16<<20 + 16<<10

// Head says what an archive is before its data come.
type Head struct {
	Format   int       `json:"format"`
	Tool     string    `json:"tool"`    // "imctl" with its version
	Created  time.Time `json:"created"` // UTC
	Context  string    `json:"context"` // the context it was taken from
	Database string    `json:"database"`
}

// Manifest says what an archive holds, to the byte.
type Manifest struct {
	Head
	MongoDB     string           `json:"mongodb"`     // the server's version
	Consistency string           `json:"consistency"` // Snapshot or InOrder
	SkewMs      int64            `json:"skewMs"`      // between the first and the last reading; 0 with a snapshot
	Collections []Collection     `json:"collections"`
	Files       []File           `json:"files"` // every member but the manifest itself, in the order in which they stand
	SeqHeads    map[string]int64 `json:"seqHeads"`
	RedisKeys   int64            `json:"redisKeys,omitempty"`
	Options     map[string]any   `json:"options,omitempty"` // how it was asked for
}

// Ways in which a backup is consistent.
const (
	Snapshot = "snapshot" // one point in time, on a replica set
	InOrder  = "in order" // collection by collection, so that a seq is never behind its messages
)

// Collection is what an archive holds of one collection.
type Collection struct {
	Name      string `json:"name"`
	Documents int64  `json:"documents"`
	Bytes     int64  `json:"bytes"`
	Content   string `json:"content"` // Content.String of its documents: independent of their order
	Indexes   int    `json:"indexes"` // beside that of _id
}

// File is a member of an archive.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // hex
}

// Metadata is a collection's <collection>.metadata.json as MongoDB's tools write it, in canonical extended JSON.
type Metadata struct {
	Options        bson.Raw   `bson:"options"`
	Indexes        []bson.Raw `bson:"indexes"`
	UUID           string     `bson:"uuid,omitempty"`
	CollectionName string     `bson:"collectionName"`
	Type           string     `bson:"type"`
}

// namePart is what a database or collection may be called as a file: MongoDB's tools escape what is strange in names, and
// OpenIM uses none of it.
var namePart = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,119}$`)

// CheckName tells whether a database or collection can be kept in an archive.
func CheckName(what, name string) error {
	if !namePart.MatchString(name) || strings.HasSuffix(name, ".") {
		return fault.New(fault.Unsupported, "%s %q has a name that an archive can't hold", what, name).
			WithHint("a name has letters, digits, '_', '.' and '-'")
	}
	return nil
}

const (
	documentsSuffix = ".bson"
	metadataSuffix  = ".metadata.json"
)

// DocumentsName is the member that holds a collection's documents.
func DocumentsName(database, collection string) string {
	return database + "/" + collection + documentsSuffix
}

// MetadataName is the member that holds a collection's options and indexes.
func MetadataName(database, collection string) string {
	return database + "/" + collection + metadataSuffix
}

// broken is the error of an archive that is not whole.
func broken(format string, args ...any) *fault.Error {
	return fault.New(fault.Usage, "the archive is broken: "+format, args...)
}

// checkFormat refuses what this version can't read.
func (h Head) check() error {
	switch {
	case h.Format < 1:
		return broken("%s names no format", headName)
	case h.Format > Format:
		return fault.New(fault.Unsupported, "the archive has format %d, and this imctl reads up to %d", h.Format, Format).
			WithHint("it was written by %s; use that version, or a newer one", h.Tool)
	}
	return CheckName("the database", h.Database)
}

func (h Head) String() string {
	return fmt.Sprintf("%s of context %s, taken at %s by %s", h.Database, h.Context, h.Created.UTC().Format(time.RFC3339), h.Tool)
}
