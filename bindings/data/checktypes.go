package data

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The types of the model, by collection, and of what msg holds.
var (
	fieldTypes   = collectionTypes()
	elementTypes = types(elementFields)
	messageTypes = types(messageFields)
)

func collectionTypes() map[string]map[string]string {
	out := map[string]map[string]string{}
	for _, c := range model {
		out[c.name] = types(c.fields)
	}
	return out
}

// types looks at the types of a document's fields.
func (c *checker) types(name string, doc bson.Raw) error {
	if !c.wants(badType) {
		return nil
	}
	if err := c.typesIn(name, doc, doc, "", fieldTypes[name]); err != nil || name != "msg" {
		return err
	}
	elements, err := messageElements(doc)
	if err != nil {
		return nil // said of msgs itself
	}
	for i, e := range elements {
		element, ok := e.DocumentOK()
		if !ok {
			continue
		}
		path := "msgs." + strconv.Itoa(i) + "."
		if err := c.typesIn(name, doc, element, path, elementTypes); err != nil {
			return err
		}
		if message, ok := element.Lookup("msg").DocumentOK(); ok {
			if err := c.typesIn(name, doc, message, path+"msg.", messageTypes); err != nil {
				return err
			}
		}
	}
	return nil
}

// typesIn looks at the fields of a part of a document that stands at a path.
func (c *checker) typesIn(name string, doc, part bson.Raw, path string, want map[string]string) error {
	elements, err := part.Elements()
	if err != nil {
		return c.found(badType, Finding{Collection: name, ID: nameOf(name, doc), Detail: path + " is no valid BSON: " + err.Error()})
	}
	for _, e := range elements {
		wanted := want[e.Key()]
		if wanted == "" || fits(e.Value(), wanted) {
			continue
		}
		f := Finding{Collection: name, ID: nameOf(name, doc), Seq: num(part, "seq"),
			Detail: fmt.Sprintf("%s%s is a %s and should be %s", path, e.Key(), typeName(e.Value()), article[wanted])}
		if right, ok := meant(e.Value(), wanted); ok {
			f.fix = &fix{writes: []write{retyped(name, doc, path+e.Key(), e.Value(), right)}}
			if name == "msg" {
				conversation, _, _ := parseDocID(text(doc, "doc_id"))
				f.fix.caches = []caches{cachesOfRow("msg", fieldsOf("conversation_id", conversation, "seq", strconv.FormatInt(num(part, "seq"), 10)))}
			}
		}
		if err := c.found(badType, f); err != nil {
			return err
		}
	}
	return nil
}

// article is a type in words.
var article = map[string]string{
	"s": "a string", "i32": "an int", "i64": "a long", "bool": "a bool", "date": "a date", "object": "an object", "array": "an array",
}

// retyped sets a field to the right type. Of msg only the one field is held against what was found: its documents are big.
func retyped(name string, doc bson.Raw, path string, was bson.RawValue, right any) write {
	set := bson.D{{Key: path, Value: right}}
	if name != "msg" {
		return setting(name, doc, set)
	}
	return write{collection: name, set: set, filter: bson.D{{Key: "_id", Value: copied(doc.Lookup("_id"))}, {Key: path, Value: copied(was)}}}
}

// copied is a value that outlives the document that it is of.
func copied(v bson.RawValue) bson.RawValue {
	v.Value = slices.Clone(v.Value)
	return v
}

// nameOf names a document by the ids in it, in the order of the model's fields.
func nameOf(name string, doc bson.Raw) string {
	for _, fields := range idFields {
		id := ""
		for _, field := range fields {
			value := text(doc, field)
			if value == "" {
				id = ""
				break
			}
			if id != "" {
				id += "/"
			}
			id += value
		}
		if id != "" {
			return id
		}
	}
	return doc.Lookup("_id").String()
}

// idFields are the fields that name documents; the first set that a document has in full names it.
var idFields = [][]string{
	{"doc_id"}, {"d_id"}, {"log_id"}, {"conversation_id", "owner_user_id"}, {"conversation_id", "user_id"}, {"conversation_id"},
	{"owner_user_id", "friend_user_id"}, {"owner_user_id", "block_user_id"}, {"from_user_id", "to_user_id"},
	{"group_id", "user_id"}, {"group_id"}, {"key", "user_id"}, {"key"}, {"name"}, {"user_id"}, {"userID", "uuid"},
}

// others looks at the collections that no other step has read.
func (c *checker) others(ctx context.Context) error {
	for _, m := range model {
		if c.read[m.name] {
			continue
		}
		if err := c.scan(ctx, m.name, nil, nil, func(bson.Raw) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}
