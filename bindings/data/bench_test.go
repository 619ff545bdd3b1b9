package data

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/openimsdk/imctl/bindings/archive"
)

// benchStore is a MongoDB with users and messages, and how many bytes they are.
func benchStore(b *testing.B) (*world, int64) {
	m := startMongod(b, "--dir", b.TempDir())
	s := m.stores(b, "")
	w := &world{env: testEnv(b, s), db: database(b, s), file: filepath.Join(b.TempDir(), "b.tar.zst")}
	var users []any
	for i := range 20_000 {
		users = append(users, bson.D{{Key: "user_id", Value: fmt.Sprint("u", i)}, {Key: "nickname", Value: fmt.Sprint("Nickname of ", i)},
			{Key: "face_url", Value: "http://cdn/face.png"}, {Key: "ex", Value: ""}, {Key: "app_manger_level", Value: int32(1)},
			{Key: "global_recv_msg_opt", Value: int32(0)}, {Key: "create_time", Value: time.UnixMilli(1_700_000_000_000 + int64(i))}})
	}
	var messages []any
	for i := range int64(100) {
		messages = append(messages, messageDoc("sg_g1", i, upTo(i*100+1, i*100+100)...))
	}
	for name, docs := range map[string][]any{"user": users, "msg": messages} {
		if _, err := w.db.Collection(name).InsertMany(b.Context(), docs); err != nil {
			b.Fatal(err)
		}
	}
	var bytes int64
	for _, name := range []string{"user", "msg"} {
		_, n := bareRead(b, w.db.Collection(name), nil)
		bytes += n
	}
	return w, bytes
}

// bareRead reads a collection by a cursor and does nothing with it.
func bareRead(b *testing.B, c *mongo.Collection, keep func(bson.Raw)) (time.Duration, int64) {
	begin := time.Now()
	cursor, err := c.Find(context.Background(), bson.D{}, options.Find().SetBatchSize(batchDocuments))
	if err != nil {
		b.Fatal(err)
	}
	var n int64
	for cursor.Next(context.Background()) {
		n += int64(len(cursor.Current))
		if keep != nil {
			keep(bson.Raw(bytes.Clone(cursor.Current)))
		}
	}
	if cursor.Err() != nil {
		b.Fatal(cursor.Err())
	}
	return time.Since(begin), n
}

// BenchmarkBackup is beside a bare cursor over the same collections, one after the other.
func BenchmarkBackup(b *testing.B) {
	w, size := benchStore(b)
	var bare, ours time.Duration
	for b.Loop() {
		for _, name := range []string{"msg", "user"} {
			took, _ := bareRead(b, w.db.Collection(name), nil)
			bare += took
		}
		begin := time.Now()
		if _, err := runBackup(b.Context(), w.env, BackupParams{To: w.file, Parallel: 4}); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(begin)
	}
	mb := float64(size) * float64(b.N) / 1e6
	b.ReportMetric(mb/bare.Seconds(), "MB/s-bare-cursor")
	b.ReportMetric(mb/ours.Seconds(), "MB/s")
	b.ReportMetric(bare.Seconds()/ours.Seconds(), "of-bare-cursor")
}

// BenchmarkRestore is beside a bare bulk insert of the same documents: first the load alone, then the whole restore, which
// proves the archive before and what is loaded after.
func BenchmarkRestore(b *testing.B) {
	w, size := benchStore(b)
	if _, err := runBackup(b.Context(), w.env, BackupParams{To: w.file, Parallel: 4}); err != nil {
		b.Fatal(err)
	}
	docs := map[string][]any{}
	for _, name := range []string{"msg", "user"} {
		bareRead(b, w.db.Collection(name), func(d bson.Raw) { docs[name] = append(docs[name], d) })
	}
	source := &source{place: place{name: w.file}}
	manifest, err := source.scan(b.Context(), w.env, archive.Visitor{})
	if err != nil {
		b.Fatal(err)
	}
	var bare, load, whole time.Duration
	for b.Loop() {
		other := w.db.Client().Database("bare")
		begin := time.Now()
		for _, name := range []string{"msg", "user"} {
			if _, err := other.Collection(name).InsertMany(b.Context(), docs[name]); err != nil {
				b.Fatal(err)
			}
		}
		bare += time.Since(begin)
		if err := other.Drop(b.Context()); err != nil {
			b.Fatal(err)
		}
		begin = time.Now()
		l := &loader{env: w.env, db: other, source: source}
		if err := l.load(b.Context(), manifest, func(name string) string { return name }); err != nil {
			b.Fatal(err)
		}
		load += time.Since(begin)
		if err := other.Drop(b.Context()); err != nil {
			b.Fatal(err)
		}
		begin = time.Now()
		if _, err := runRestore(b.Context(), w.env, RestoreParams{From: w.file, Policy: replacePolicy, Without: []string{"redis"}}); err != nil {
			b.Fatal(err)
		}
		whole += time.Since(begin)
	}
	mb := float64(size) * float64(b.N) / 1e6
	b.ReportMetric(mb/bare.Seconds(), "MB/s-bare-insert")
	b.ReportMetric(bare.Seconds()/load.Seconds(), "load-of-bare-insert")
	b.ReportMetric(bare.Seconds()/whole.Seconds(), "whole-of-bare-insert")
}

// BenchmarkFlatMemory sends a gigabyte of documents through the writing and the reading of an archive, and reports the most
// memory that the heap had.
func BenchmarkFlatMemory(b *testing.B) {
	doc, err := bson.Marshal(bson.D{{Key: "doc_id", Value: "si_a_b:0"}, {Key: "content", Value: strings.Repeat("what somebody wrote ", 1000)}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		peak := watchHeap(b)
		dir := b.TempDir()
		builder, err := archive.NewBuilder(dir)
		if err != nil {
			b.Fatal(err)
		}
		meta, err := builder.Add(archive.MetadataName("d", "msg"), []byte(`{"options":{},"indexes":[],"collectionName":"msg","type":"collection"}`))
		if err != nil {
			b.Fatal(err)
		}
		docs, err := builder.Create(archive.DocumentsName("d", "msg"))
		if err != nil {
			b.Fatal(err)
		}
		var content archive.Content
		for docs.Size < 1<<30 {
			content.Add(doc)
			noise := bytes.Clone(doc)
			for i := 100; i < len(noise)-10; i += 7 {
				noise[i] = byte('a' + (int64(i)*docs.Size)>>9%26)
			}
			if _, err := docs.Write(noise); err != nil {
				b.Fatal(err)
			}
		}
		if err := docs.Finish(); err != nil {
			b.Fatal(err)
		}
		m := &archive.Manifest{Head: archive.Head{Format: archive.Format, Database: "d"}}
		f, err := os.Create(filepath.Join(dir, "a"))
		if err != nil {
			b.Fatal(err)
		}
		if err := builder.Assemble(f, nil, m, []*archive.Spool{meta, docs}); err != nil {
			b.Fatal(err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		_, _ = archive.Scan(b.Context(), f, nil, archive.Visitor{}) // its manifest names no collection: that is said at the end
		info, err := f.Stat()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(peak())/1e6, "MB-heap")
		b.ReportMetric(float64(info.Size())/1e6, "MB-file")
		_ = f.Close()
		_ = builder.Close()
	}
}

// watchHeap looks at the heap until the result is called, which returns the most it saw, in bytes.
func watchHeap(b *testing.B) func() uint64 {
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var high uint64
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			high = max(high, m.HeapAlloc)
			select {
			case <-tick.C:
			case <-stop:
				most <- high
				return
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-most
	}
}
