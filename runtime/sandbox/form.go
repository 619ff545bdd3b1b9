package sandbox

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// form says how a row stands in MongoDB: the fields of a document in order, but for _id, and where the row keeps each.
type form[V any] []column[V]

// column is one of them. at gives a pointer, whose type says the one in BSON: *string and *[]byte (both texts),
// *bool, *int32, *uint32, *int64, *date, *[]string and *map[string]bool (null when nil).
type column[V any] struct {
	name string
	at   func(*V) any
}

// date is a time in ms that is a date in BSON.
type date int64

// encode makes the document without its _id.
func (f form[V]) encode(v *V) bson.Raw {
	start, doc := bsoncore.AppendDocumentStart(nil)
	for _, field := range f {
		switch p := field.at(v).(type) {
		case *string:
			doc = bsoncore.AppendStringElement(doc, field.name, *p)
		case *bool:
			doc = bsoncore.AppendBooleanElement(doc, field.name, *p)
		case *int32:
			doc = bsoncore.AppendInt32Element(doc, field.name, *p)
		case *uint32:
			doc = bsoncore.AppendInt32Element(doc, field.name, int32(*p)) //nolint:gosec // small numbers
		case *int64:
			doc = bsoncore.AppendInt64Element(doc, field.name, *p)
		case *date:
			doc = bsoncore.AppendDateTimeElement(doc, field.name, int64(*p))
		case *[]byte:
			doc = bsoncore.AppendStringElement(doc, field.name, string(*p))
		case *[]string:
			doc = appendTexts(doc, field.name, *p)
		case *map[string]bool:
			doc = appendOptions(doc, field.name, *p)
		case nested:
			doc = p.append(doc, field.name)
		default:
			panic("no type of BSON for " + field.name)
		}
	}
	return finished(doc, start)
}

// finished closes a document.
func finished(doc []byte, start int32) bson.Raw {
	doc, err := bsoncore.AppendDocumentEnd(doc, start)
	if err != nil {
		panic(err) // it was begun right
	}
	return doc
}

// decode reads a document. A field that is missing or of another type stays as it is; numbers may be of any size.
func (f form[V]) decode(doc bson.Raw, v *V) {
	for _, field := range f {
		value, err := doc.LookupErr(field.name)
		if err != nil {
			continue
		}
		switch p := field.at(v).(type) {
		case *string:
			if s, ok := value.StringValueOK(); ok {
				*p = s
			}
		case *bool:
			if b, ok := value.BooleanOK(); ok {
				*p = b
			}
		case *int32:
			if n, ok := value.AsInt64OK(); ok {
				*p = int32(n) //nolint:gosec // as the services read it
			}
		case *uint32:
			if n, ok := value.AsInt64OK(); ok {
				*p = uint32(n) //nolint:gosec // as the services read it
			}
		case *int64:
			if n, ok := value.AsInt64OK(); ok {
				*p = n
			}
		case *date:
			if ms, ok := value.DateTimeOK(); ok {
				*p = date(ms)
			}
		case *[]byte:
			if s, ok := value.StringValueOK(); ok {
				*p = []byte(s)
			}
		case *[]string:
			*p = textsOf(value)
		case *map[string]bool:
			*p = optionsOf(value)
		case nested:
			p.read(value)
		}
	}
}

// nested is a field with a form of its own.
type nested interface {
	append(doc []byte, name string) []byte
	read(bson.RawValue)
}

func appendTexts(doc []byte, name string, list []string) []byte {
	if list == nil {
		return bsoncore.AppendNullElement(doc, name)
	}
	start, doc := bsoncore.AppendArrayElementStart(doc, name)
	for i, s := range list {
		doc = bsoncore.AppendStringElement(doc, strconv.Itoa(i), s)
	}
	return finished(doc, start)
}

func textsOf(value bson.RawValue) []string {
	array, ok := value.ArrayOK()
	if !ok {
		return nil
	}
	list := []string{}
	elements, _ := array.Values() // what can be read of it
	for _, v := range elements {
		if s, ok := v.StringValueOK(); ok {
			list = append(list, s)
		}
	}
	return list
}

func appendOptions(doc []byte, name string, options map[string]bool) []byte {
	if options == nil {
		return bsoncore.AppendNullElement(doc, name)
	}
	start, doc := bsoncore.AppendDocumentElementStart(doc, name)
	for _, k := range sortedKeys(options) {
		doc = bsoncore.AppendBooleanElement(doc, k, options[k])
	}
	return finished(doc, start)
}

func optionsOf(value bson.RawValue) map[string]bool {
	d, ok := value.DocumentOK()
	if !ok {
		return nil
	}
	options := map[string]bool{}
	elements, _ := d.Elements() // what can be read of it
	for _, e := range elements {
		if b, ok := e.Value().BooleanOK(); ok {
			options[e.Key()] = b
		}
	}
	return options
}
