package openim

import "testing"

// BenchmarkFrame measures one frame each way, with gzip.
func BenchmarkFrame(b *testing.B) {
	m := &GatewayMessage{SendID: "alice", RecvID: "bob", ClientMsgID: "0123456789abcdef0123456789abcdef", ContentType: 101,
		Content: []byte(`{"content":"hello"}`), OfflinePush: &OfflinePush{}}
	z, codec := new(zipper), new(gobCodec)
	for _, e := range []Encoding{EncodingGo, EncodingJS} {
		text, _ := e.EncodeReply(Frame{ReqIdentifier: WSPush, OperationID: "op", Data: EncodePulled([]PulledMessages{{ConversationID: "si_alice_bob", Messages: []*GatewayMessage{m}}})})
		zip, _ := z.zip(text)
		b.Run(string(e)+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				plain, err := z.unzip(zip)
				if err != nil {
					b.Fatal(err)
				}
				decode := codec.decode
				if e == EncodingJS {
					decode = e.Decode
				}
				f, err := decode(plain)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := DecodePulled(f.Data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(e)+"/encode", func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				encode := codec.encodeRequest
				if e == EncodingJS {
					encode = e.EncodeRequest
				}
				text, _ := encode(Frame{ReqIdentifier: WSSend, SendID: "alice", OperationID: "op", MsgIncr: "alice_1", Data: m.Encode()})
				_, _ = z.zip(text)
			}
		})
	}
}
