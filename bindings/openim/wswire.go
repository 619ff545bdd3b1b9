package openim

import (
	"encoding/binary"
	"errors"
	"slices"
)

// The gateway's payloads are protobuf. There are few of them and they are flat, so they are written and read by hand
// here, by the field numbers of SERVER-BEHAVIOUR §9: the generated types would bring reflection tables that cost more at
// the start of the program than all else together.

// The wire types of protobuf.
const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

var errWire = errors.New("not a protobuf message")

func appendTag(b []byte, field, wire int) []byte {
	return binary.AppendUvarint(b, uint64(field)<<3|uint64(wire))
}

// appendInt writes a number of 32 or 64 bits; a zero is left out, as proto3 does.
func appendInt(b []byte, field int, v int64) []byte {
	if v == 0 {
		return b
	}
	return binary.AppendUvarint(appendTag(b, field, wireVarint), uint64(v))
}

func appendBool(b []byte, field int, v bool) []byte {
	if !v {
		return b
	}
	return appendInt(b, field, 1)
}

func appendText[T ~string | ~[]byte](b []byte, field int, v T) []byte {
	if len(v) == 0 {
		return b
	}
	return appendInner(b, field, v)
}

// appendInner writes a nested message, or one entry of a list, also when it is empty.
func appendInner[T ~string | ~[]byte](b []byte, field int, v T) []byte {
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(v)))
	return append(b, v...)
}

func appendTexts(b []byte, field int, list []string) []byte {
	for _, s := range list {
		b = appendInner(b, field, s)
	}
	return b
}

// appendInts writes a packed list of numbers.
func appendInts(b []byte, field int, list []int64) []byte {
	if len(list) == 0 {
		return b
	}
	var packed []byte
	for _, n := range list {
		packed = binary.AppendUvarint(packed, uint64(n))
	}
	return appendInner(b, field, packed)
}

// sortedKeys makes the order of a map's entries on the wire the same each time.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// wireField is one field of a message: a number, or bytes that lie in the message.
type wireField struct {
	field, wire int
	num         uint64
	data        []byte
}

func (f wireField) text() string { return string(f.data) }
func (f wireField) int() int64   { return int64(f.num) }
func (f wireField) bool() bool   { return f.num != 0 }

// eachField visits the fields of a message in their order. Fields that the visitor does not know it passes over, so that
// a newer server is understood as far as it can be.
func eachField(b []byte, visit func(wireField) error) error {
	for len(b) > 0 {
		tag, n := binary.Uvarint(b)
		if n <= 0 || tag>>3 == 0 || tag>>3 > 1<<29-1 {
			return errWire
		}
		b = b[n:]
		f := wireField{field: int(tag >> 3), wire: int(tag & 7)}
		switch f.wire {
		case wireVarint:
			if f.num, n = binary.Uvarint(b); n <= 0 {
				return errWire
			}
		case wireFixed8:
			if n = 8; len(b) < n {
				return errWire
			}
			f.num = binary.LittleEndian.Uint64(b)
		case wireFixed4:
			if n = 4; len(b) < n {
				return errWire
			}
			f.num = uint64(binary.LittleEndian.Uint32(b))
		case wireBytes:
			size, m := binary.Uvarint(b)
			if m <= 0 || size > uint64(len(b)-m) {
				return errWire
			}
			f.data, n = b[m:m+int(size)], m+int(size)
		default:
			return errWire
		}
		b = b[n:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// mapEntry reads one entry of a map whose keys are strings.
func mapEntry(b []byte) (key string, val wireField, err error) {
	err = eachField(b, func(f wireField) error {
		switch f.field {
		case 1:
			key = f.text()
		case 2:
			val = f
		}
		return nil
	})
	return key, val, err
}

// ints reads a list of numbers, packed or one at a time.
func ints(f wireField, list []int64) ([]int64, error) {
	if f.wire != wireBytes {
		return append(list, f.int()), nil
	}
	for b := f.data; len(b) > 0; {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, errWire
		}
		list, b = append(list, int64(v)), b[n:]
	}
	return list, nil
}
