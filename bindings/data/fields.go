package data

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// The fields of what the documents of msg hold: the elements of msgs, and the message in an element (DATA-MODEL, Messages).
const (
	elementFields = "msg revoke object; del_list array; is_read bool"
	messageFields = "send_id recv_id group_id client_msg_id server_msg_id sender_nickname sender_face_url content attached_info ex s; " +
		"sender_platform_id session_type msg_from content_type status i32; seq send_time create_time i64; " +
		"is_read bool; options offline_push object; at_user_id_list array"
)

// types reads a list of fields such as "user_id ex s; create_time date" into the type of each: s (a string), i32, i64,
// bool, date, object or array.
func types(fields string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(fields, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		for _, name := range words[:len(words)-1] {
			out[name] = words[len(words)-1]
		}
	}
	return out
}

// fits tells whether the services read the value as the type. They read null as the empty value, and int32 as int64 and
// back when the number is small enough.
func fits(v bson.RawValue, want string) bool {
	switch v.Type {
	case bson.TypeNull, bson.TypeUndefined:
		return true
	case bson.TypeString:
		return want == "s"
	case bson.TypeInt32:
		return want == "i32" || want == "i64"
	case bson.TypeInt64:
		return want == "i64" || want == "i32" && int32Sized(v.Int64())
	case bson.TypeBoolean:
		return want == "bool"
	case bson.TypeDateTime:
		return want == "date"
	case bson.TypeEmbeddedDocument:
		return want == "object"
	case bson.TypeArray:
		return want == "array"
	}
	return false
}

func int32Sized(n int64) bool { return n >= math.MinInt32 && n <= math.MaxInt32 }

// meant is the value as the type that it should have, where nothing is lost by it.
func meant(v bson.RawValue, want string) (any, bool) {
	switch want {
	case "s":
		switch v.Type {
		case bson.TypeInt32, bson.TypeInt64:
			return strconv.FormatInt(v.AsInt64(), 10), true
		case bson.TypeSymbol:
			return v.Symbol(), true
		}
	case "i32", "i64":
		n, ok := whole(v)
		if !ok || want == "i32" && !int32Sized(n) {
			return nil, false
		}
		if want == "i32" {
			return int32(n), true
		}
		return n, true
	case "bool":
		if n, ok := whole(v); ok && (n == 0 || n == 1) {
			return n == 1, true
		}
		if v.Type == bson.TypeString && (v.StringValue() == "true" || v.StringValue() == "false") {
			return v.StringValue() == "true", true
		}
	case "date":
		if v.Type == bson.TypeString {
			at, err := time.Parse(time.RFC3339Nano, v.StringValue())
			return bson.NewDateTimeFromTime(at), err == nil && at.Nanosecond()%int(time.Millisecond) == 0
		}
		// A number is milliseconds when it lies between 2001 and 2286; anything else may be seconds, or nothing.
		if n, ok := whole(v); ok && n >= 1e12 && n < 1e13 {
			return bson.DateTime(n), true
		}
	}
	return nil, false
}

// whole is a whole number in any of the forms in which one can stand in a document.
func whole(v bson.RawValue) (int64, bool) {
	switch v.Type {
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64(), true
	case bson.TypeDouble:
		f := v.Double()
		return int64(f), f == math.Trunc(f) && math.Abs(f) <= 1<<53
	case bson.TypeString:
		n, err := strconv.ParseInt(v.StringValue(), 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == v.StringValue()
	}
	return 0, false
}

// num is a number of a document, also where it is stored as another type; 0 when it is none.
func num(doc bson.Raw, field string) int64 {
	n, _ := whole(doc.Lookup(field))
	return n
}

// text is a string of a document; a number there is its digits.
func text(doc bson.Raw, field string) string {
	v := doc.Lookup(field)
	if s, ok := v.StringValueOK(); ok {
		return s
	}
	if s, ok := meant(v, "s"); ok {
		return s.(string)
	}
	return ""
}

// when is a date of a document in milliseconds; 0 when it has none.
func when(doc bson.Raw, field string) int64 {
	v := doc.Lookup(field)
	if at, ok := v.DateTimeOK(); ok {
		return at
	}
	n, _ := whole(v)
	return n
}

// typeName is a BSON type as MongoDB's own $type names it.
func typeName(v bson.RawValue) string {
	switch v.Type {
	case bson.TypeString:
		return "string"
	case bson.TypeInt32:
		return "int"
	case bson.TypeInt64:
		return "long"
	case bson.TypeDouble:
		return "double"
	case bson.TypeBoolean:
		return "bool"
	case bson.TypeDateTime:
		return "date"
	case bson.TypeEmbeddedDocument:
		return "object"
	case bson.TypeArray:
		return "array"
	}
	return fmt.Sprint(v.Type)
}
