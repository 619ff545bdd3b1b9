package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/openimsdk/protocol/sdkws"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// otherMessages are the messages outside sdkws that the gateway and /jssdk use, from
// the protocol's msg.proto, push.proto, jssdk.proto, conversation.proto and
// relation.proto: "number type name", with [] for a list and a map as {}type. They are
// the tests' own reader, apart from the sandbox's wire.go.
var otherMessages = map[string]string{
	"msg.SendMsgResp":                          "1 string serverMsgID, 2 string clientMsgID, 3 int64 sendTime, 4 sdkws.MsgData modify",
	"msg.ConversationSeqs":                     "2 string conversationID, 3 []int64 seqs",
	"msg.GetSeqMessageReq":                     "1 string userID, 2 []msg.ConversationSeqs conversations, 3 int32 order",
	"msg.GetSeqMessageResp":                    "1 {}sdkws.PullMsgs msgs, 2 {}sdkws.PullMsgs notificationMsgs",
	"msg.GetConversationsHasReadAndMaxSeqReq":  "1 string userID, 2 []string conversationIDs, 3 bool returnPinned",
	"msg.Seqs":                                 "1 int64 maxSeq, 2 int64 hasReadSeq, 3 int64 maxSeqTime",
	"msg.GetConversationsHasReadAndMaxSeqResp": "1 {}msg.Seqs seqs, 2 []string pinnedConversationIDs",
	"msg.GetLastMessageReq":                    "1 string userID, 2 []string conversationIDs",
	"msg.GetLastMessageResp":                   "1 {}sdkws.MsgData msgs",
	"push.DelUserPushTokenReq":                 "1 string userID, 2 int32 platformID",
	"conversation.Conversation": "1 string ownerUserID, 2 string conversationID, 3 int32 recvMsgOpt, 4 int32 conversationType, 5 string userID, " +
		"6 string groupID, 7 bool isPinned, 8 string attachedInfo, 9 bool isPrivateChat, 10 int32 groupAtType, 11 string ex, 12 int32 burnDuration, " +
		"13 int64 minSeq, 14 int64 maxSeq, 15 int64 msgDestructTime, 16 int64 latestMsgDestructTime, 17 bool isMsgDestruct",
	"relation.FriendInfoOnly": "1 string ownerUserID, 2 string friendUserID, 3 string remark, 4 int64 createTime, 5 int32 addSource, " +
		"6 string operatorUserID, 7 string ex, 8 bool isPinned",
	"jssdk.ConversationMsg": "1 conversation.Conversation conversation, 2 sdkws.MsgData lastMsg, 3 sdkws.UserInfo user, " +
		"4 relation.FriendInfoOnly friend, 5 sdkws.GroupInfo group, 6 int64 maxSeq, 7 int64 readSeq",
	"jssdk.GetActiveConversationsReq":  "1 string ownerUserID, 2 int64 count",
	"jssdk.GetActiveConversationsResp": "1 int64 unreadCount, 2 []jssdk.ConversationMsg conversations",
	"jssdk.GetConversationsReq":        "1 string ownerUserID, 2 []string conversationIDs",
	"jssdk.GetConversationsResp":       "1 int64 unreadCount, 2 []jssdk.ConversationMsg conversations",
}

// messageTypes finds descriptors by the short names of the contract.
type messageTypes struct{ own *protoregistry.Files }

var loadTypes = sync.OnceValues(func() (messageTypes, error) {
	file := &descriptorpb.FileDescriptorProto{
		Name: proto.String("others.proto"), Package: proto.String("other"), Syntax: proto.String("proto3"),
		Dependency: []string{sdkws.File_sdkws_sdkws_proto.Path()},
	}
	for name, fields := range otherMessages {
		file.MessageType = append(file.MessageType, describe(name, fields))
	}
	fd, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		return messageTypes{}, err
	}
	own := &protoregistry.Files{}
	return messageTypes{own}, own.RegisterFile(fd)
})

func flatName(name string) string { return strings.ReplaceAll(name, ".", "_") }

func fullName(name string) string {
	if strings.HasPrefix(name, "sdkws.") {
		return "openim." + name
	}
	return "other." + flatName(name)
}

func describe(name, fields string) *descriptorpb.DescriptorProto {
	d := &descriptorpb.DescriptorProto{Name: proto.String(flatName(name))}
	for field := range strings.SplitSeq(fields, ", ") {
		var number int32
		var kind, label string
		if _, err := fmt.Sscan(field, &number, &kind, &label); err != nil {
			panic(err)
		}
		f := &descriptorpb.FieldDescriptorProto{
			Name: proto.String(label), JsonName: proto.String(label), Number: proto.Int32(number),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
		if value, ok := strings.CutPrefix(kind, "{}"); ok {
			entry := describe(label+"Entry", "1 string key, 2 "+value+" value")
			entry.Name = proto.String(strings.ToUpper(label[:1]) + label[1:] + "Entry")
			entry.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
			d.NestedType = append(d.NestedType, entry)
			f.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
			f.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
			f.TypeName = proto.String(".other." + flatName(name) + "." + entry.GetName())
			d.Field = append(d.Field, f)
			continue
		}
		if value, ok := strings.CutPrefix(kind, "[]"); ok {
			f.Label, kind = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum(), value
		}
		switch kind {
		case "string":
			f.Type = descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()
		case "int32":
			f.Type = descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum()
		case "int64":
			f.Type = descriptorpb.FieldDescriptorProto_TYPE_INT64.Enum()
		case "bool":
			f.Type = descriptorpb.FieldDescriptorProto_TYPE_BOOL.Enum()
		default:
			f.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
			f.TypeName = proto.String("." + fullName(kind))
		}
		d.Field = append(d.Field, f)
	}
	return d
}

func newMessage(name string) (*dynamicpb.Message, error) {
	types, err := loadTypes()
	if err != nil {
		return nil, err
	}
	var found protoreflect.Descriptor
	if strings.HasPrefix(name, "sdkws.") {
		found, err = protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(fullName(name)))
	} else {
		found, err = types.own.FindDescriptorByName(protoreflect.FullName(fullName(name)))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor)), nil
}

// encodeMessage makes protobuf of fields as JSON, bytes as {"$utf8": text}.
func encodeMessage(name string, fields any) ([]byte, error) {
	m, err := newMessage(name)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(asBytes(fields))
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return proto.Marshal(m)
}

func asBytes(v any) any {
	switch x := v.(type) {
	case []any:
		for i := range x {
			x[i] = asBytes(x[i])
		}
	case map[string]any:
		if text, ok := x["$utf8"].(string); ok {
			return base64.StdEncoding.EncodeToString([]byte(text))
		}
		for k := range x {
			x[k] = asBytes(x[k])
		}
	}
	return v
}

// decodeMessage makes JSON values of protobuf: every field is there, bytes are text.
func decodeMessage(name string, data []byte) (any, error) {
	m, err := newMessage(name)
	if err != nil {
		return nil, err
	}
	if err := proto.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(m.GetUnknown()) > 0 {
		return nil, fmt.Errorf("%s: unknown fields % x", name, m.GetUnknown())
	}
	return plainMessage(m), nil
}

func plainMessage(m protoreflect.Message) map[string]any {
	out := map[string]any{}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		v := m.Get(f)
		name := string(f.Name())
		switch {
		case f.IsMap():
			entries := map[string]any{}
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				entries[k.String()] = plainValue(f.MapValue(), v)
				return true
			})
			out[name] = entries
		case f.IsList():
			list := []any{}
			for i := range v.List().Len() {
				list = append(list, plainValue(f, v.List().Get(i)))
			}
			out[name] = list
		case f.Message() != nil && !m.Has(f):
			out[name] = nil
		default:
			out[name] = plainValue(f, v)
		}
	}
	return out
}

func plainValue(f protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return plainMessage(v.Message())
	case protoreflect.StringKind, protoreflect.BoolKind:
		return v.Interface()
	case protoreflect.BytesKind:
		return string(v.Bytes())
	case protoreflect.EnumKind:
		return json.Number(fmt.Sprint(int32(v.Enum())))
	}
	return json.Number(fmt.Sprint(v.Interface()))
}

func TestOtherMessagesAreDescribed(t *testing.T) {
	for name := range otherMessages {
		if _, err := newMessage(name); err != nil {
			t.Error(err)
		}
	}
}
