package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/gofrs/flock"
	"github.com/klauspost/compress/zstd"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Builder makes an archive. A tar wants to know the size of a file before its content, and nobody knows that of a
// collection before it is read: so each file is first written, compressed, into a folder of its own, several at a time
// if need be, and Assemble then strings them together without compressing anything twice.
type Builder struct {
	dir   string
	lock  *flock.Flock
	level zstd.EncoderLevel
	open  []*Spool // all that were begun
}

const spoolPattern = "imctl-spool-*"

// NewBuilder makes a folder below dir for what is being written, and takes away those that killed processes left there.
func NewBuilder(dir string) (*Builder, error) {
	left, err := filepath.Glob(filepath.Join(dir, "."+spoolPattern))
	if err != nil {
		return nil, fault.New(fault.Internal, "looking for old spool folders: %w", err)
	}
	for _, old := range left {
		lock := flock.New(filepath.Join(old, "lock"))
		if free, err := lock.TryLock(); err != nil || !free {
			continue // somebody is at work there
		}
		err := errors.Join(os.RemoveAll(old), lock.Unlock())
		if err != nil {
			return nil, fault.New(fault.Usage, "the spool folder of an earlier backup can't be removed: %w", err)
		}
	}
	spool, err := os.MkdirTemp(dir, "."+spoolPattern)
	if err != nil {
		return nil, fault.New(fault.Usage, "no folder for the files of the backup: %w", err)
	}
	b := &Builder{dir: spool, lock: flock.New(filepath.Join(spool, "lock")), level: zstd.SpeedDefault}
	if _, err := b.lock.TryLock(); err != nil {
		return nil, errors.Join(fault.New(fault.Usage, "the spool folder can't be locked: %w", err), b.Close())
	}
	return b, nil
}

// Close takes the folder away.
func (b *Builder) Close() error {
	for _, s := range b.open {
		_ = s.file.Close() // it goes, finished or not
	}
	return errors.Join(os.RemoveAll(b.dir), b.lock.Unlock())
}

// Spool is one file of an archive while it is written.
type Spool struct {
	File
	path   string
	file   *os.File
	buffer *bufio.Writer
	zstd   *zstd.Encoder
	sum    hash.Hash
}

// Create begins a file. Spools may be written at the same time, each by one goroutine; Create itself by one.
func (b *Builder) Create(name string) (*Spool, error) {
	s := &Spool{File: File{Name: name}, path: filepath.Join(b.dir, strconv.Itoa(len(b.open))), sum: sha256.New()}
	var err error
	if s.file, err = os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, writeError(err)
	}
	b.open = append(b.open, s)
	s.buffer = bufio.NewWriterSize(s.file, 1<<18)
	s.zstd, err = zstd.NewWriter(s.buffer, zstd.WithEncoderLevel(b.level), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, fault.New(fault.Internal, "zstd: %w", err)
	}
	return s, nil
}

func (s *Spool) Write(p []byte) (int, error) {
	if _, err := s.zstd.Write(p); err != nil {
		return 0, writeError(err)
	}
	s.sum.Write(p)
	s.Size += int64(len(p))
	return len(p), nil
}

// Finish ends the file.
func (s *Spool) Finish() error {
	err := errors.Join(s.zstd.Close(), s.buffer.Flush(), s.file.Close())
	s.SHA256 = hex.EncodeToString(s.sum.Sum(nil))
	return writeError(err)
}

// Add makes a whole file at once.
func (b *Builder) Add(name string, content []byte) (*Spool, error) {
	s, err := b.Create(name)
	if err != nil {
		return nil, err
	}
	_, err = s.Write(content)
	return s, errors.Join(err, s.Finish())
}

// Assemble writes the archive: the head, the files in their order, and the manifest, whose Files it fills. Each file of
// the folder goes when it was copied.
func (b *Builder) Assemble(w io.Writer, to Recipients, manifest *Manifest, files []*Spool) error {
	head, err := b.addJSON(headName, manifest.Head)
	if err != nil {
		return err
	}
	files = slices.Concat([]*Spool{head}, files)
	manifest.Files = nil
	for _, s := range files {
		manifest.Files = append(manifest.Files, s.File)
	}
	last, err := b.addJSON(manifestName, manifest)
	if err != nil {
		return err
	}
	out, err := encrypt(w, to)
	if err != nil {
		return err
	}
	t := &tarStrings{w: out, level: b.level, time: manifest.Created}
	for _, s := range append(files, last) {
		if err := t.add(s); err != nil {
			return writeError(err)
		}
		if err := os.Remove(s.path); err != nil {
			return writeError(err)
		}
	}
	return writeError(errors.Join(t.end(), out.Close()))
}

func (b *Builder) addJSON(name string, v any) (*Spool, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fault.New(fault.Internal, "%s: %w", name, err)
	}
	return b.Add(name, append(text, '\n'))
}

// tarStrings strings compressed files together: what stands between them is compressed by itself, and a zstd stream is
// as many pieces as one likes.
type tarStrings struct {
	w     io.Writer
	level zstd.EncoderLevel
	time  time.Time
	pad   int // bytes that are missing to a full block
}

const tarBlock = 512

func (t *tarStrings) add(s *Spool) error {
	var head bytes.Buffer
	head.Write(make([]byte, t.pad))
	err := tar.NewWriter(&head).WriteHeader(&tar.Header{Name: s.Name, Size: s.Size, Mode: 0o600, ModTime: t.time.Truncate(time.Second), Typeflag: tar.TypeReg})
	if err != nil {
		return err
	}
	t.pad = int(-s.Size & (tarBlock - 1))
	if err := t.piece(head.Bytes()); err != nil {
		return err
	}
	in, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	_, err = io.Copy(t.w, in)
	return err
}

// end writes the two empty blocks that end a tar.
func (t *tarStrings) end() error { return t.piece(make([]byte, t.pad+2*tarBlock)) }

func (t *tarStrings) piece(p []byte) error {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(t.level), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = t.w.Write(z.EncodeAll(p, nil))
	return err
}

// writeError is the error of a disk or a pipe that takes no more.
func writeError(err error) error {
	var f *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	return fault.New(fault.Usage, "the backup can't be written: %w", err).WithHint("nothing was left behind under its name; look for free space on the disk")
}
