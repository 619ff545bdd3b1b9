package vm

import (
	"reflect"
	"regexp"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

var (
	callFault       = "attempt to call a non-function object"
	indexFault      = regexp.MustCompile(`attempt to index a non-table object\((\w+)\) with key `)
	arithmeticFault = regexp.MustCompile(`cannot perform \w+ operation between (\w+) and (\w+)$`)
)

// inLua is a message of the engine in the words of Lua 5.1. That of a call names what was called, as in "attempt to call
// global 'f' (a nil value)".
func inLua(L *lua.LState, message string) string {
	frame, ok := L.GetStack(0)
	if !ok {
		return message
	}
	running, err := L.GetInfo("f", frame, lua.LNil)
	fn, isFunction := running.(*lua.LFunction)
	if err != nil || !isFunction || fn.IsG || programCounter(frame) == 0 { // what a script or a library raises
		return message
	}
	if head, isCall := strings.CutSuffix(message, callFault); isCall {
		return head + "attempt to call " + called(L, frame, fn.Proto)
	}
	if m := arithmeticFault.FindStringSubmatch(message); m != nil {
		culprit := m[1]
		if culprit == "number" || culprit == "string" {
			culprit = m[2]
		}
		return strings.TrimSuffix(message, m[0]) + "attempt to perform arithmetic on a " + culprit + " value"
	}
	for event, what := range map[string]string{"__unm": "perform arithmetic on", "__len": "get length of"} {
		if head, ok := strings.CutSuffix(message, event+" undefined"); ok {
			operand := int(fn.Proto.Code[programCounter(frame)-1] & 0x1ff)
			_, value := L.GetLocal(frame, operand+1)
			return head + "attempt to " + what + " a " + value.Type().String() + " value"
		}
	}
	return indexFault.ReplaceAllString(message, "attempt to index a $1 value with key ")
}

// called is what the call that a function is at can't call: "global 'f' (a nil value)". The engine keeps the name and the
// place of each call; where the name belongs is told by the instruction that loaded what is called.
func called(L *lua.LState, frame *lua.Debug, proto *lua.FunctionProto) string {
	pc := programCounter(frame) - 1
	for _, call := range proto.DbgCalls {
		if call.Pc != pc {
			continue
		}
		reg := int(proto.Code[pc]>>18) & 0xff
		_, value := L.GetLocal(frame, reg+1)
		kind := loadedFrom(proto, pc, reg)
		if kind == "" || call.Name == "?" || strings.HasPrefix(call.Name, "(") || strings.HasPrefix(proto.SourceName, "=") {
			return "a " + value.Type().String() + " value"
		}
		return kind + " '" + call.Name + "' (a " + value.Type().String() + " value)"
	}
	return "a value that is no function"
}

// programCounter is where in its code a Lua function is, which the engine tells nobody; 0 when that isn't known.
func programCounter(frame *lua.Debug) int {
	if f := reflect.ValueOf(frame).Elem().FieldByName("frame"); f.Kind() == reflect.Pointer && !f.IsNil() {
		if pc := f.Elem().FieldByName("Pc"); pc.Kind() == reflect.Int {
			return int(pc.Int())
		}
	}
	return 0
}

// loadedFrom says what kind of variable the last instruction before pc that loads a variable into a register takes.
func loadedFrom(proto *lua.FunctionProto, pc, reg int) (kind string) {
	kinds := map[int]string{
		lua.OP_MOVE: "local", lua.OP_MOVEN: "local", lua.OP_GETUPVAL: "upvalue", lua.OP_GETGLOBAL: "global",
		lua.OP_GETTABLE: "field", lua.OP_GETTABLEKS: "field", lua.OP_SELF: "method",
	}
	for i := 0; i < pc; i++ {
		op := int(proto.Code[i] >> 26)
		if k := kinds[op]; k != "" && int(proto.Code[i]>>18)&0xff == reg {
			kind = k
		}
		if op == lua.OP_CLOSURE { // the instructions behind it are its upvalues
			i += int(proto.FunctionPrototypes[proto.Code[i]&0x3ffff].NumUpvalues)
		}
	}
	return kind
}
