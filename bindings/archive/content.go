package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// Content is a sum of documents that does not depend on their order: the same documents give the same sum, byte for byte.
type Content struct {
	sum   [4]uint64
	Count int64
}

// Add takes a document in.
func (c *Content) Add(document []byte) {
	h := sha256.Sum256(document)
	var carry uint64
	for i := range c.sum {
		c.sum[i], carry = bits.Add64(c.sum[i], binary.LittleEndian.Uint64(h[8*i:]), carry)
	}
	c.Count++
}

// Merge takes in all that another one has.
func (c *Content) Merge(other Content) {
	var carry uint64
	for i := range c.sum {
		c.sum[i], carry = bits.Add64(c.sum[i], other.sum[i], carry)
	}
	c.Count += other.Count
}

// String is the sum in hex.
func (c Content) String() string {
	var b [32]byte
	for i, w := range c.sum {
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
	return hex.EncodeToString(b[:])
}
