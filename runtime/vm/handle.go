package vm

import (
	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// handle is a result that stays open, in Lua: c:send{…} is client.send(c, {…}), and c.userID is a field of the result.
type handle struct {
	bindings.Handle
	id   string
	area bindings.Area
}

// newHandle makes the Lua value of a handle; plain data when no area of that name is there.
func (v *VM) newHandle(h bindings.Handle) lua.LValue {
	name, id := h.Handle()
	for _, area := range v.opts.Areas {
		if area.Name == name {
			return &lua.LUserData{Value: &handle{h, id, area}, Metatable: v.handleMeta(area)}
		}
	}
	return v.Conv.ToLua(value.From(h))
}

// handleMeta makes the metatable of an area's handles, once for a state.
func (v *VM) handleMeta(area bindings.Area) *lua.LTable {
	key := "imctl.handle." + area.Name
	if m, ok := v.L.G.Registry.RawGetString(key).(*lua.LTable); ok {
		return m
	}
	methods := v.L.NewTable()
	var names []string
	for _, op := range area.Methods() {
		methods.RawSetString(op.Name, v.L.NewFunction(v.opFunction(op)))
		names = append(names, op.Name)
	}
	m := v.L.NewTable()
	m.RawSetString("__name", lua.LString(area.Name))
	m.RawSetString("methods", methods) // for NameOf
	m.RawSetString("__index", v.L.NewFunction(func(L *lua.LState) int {
		h, ok := handleOf(L.Get(1))
		name := L.Get(2).String()
		if fn := methods.RawGetString(name); ok && fn != lua.LNil {
			L.Push(fn)
			return 1
		}
		if !ok {
			L.ArgError(1, "want a "+area.Name)
		}
		fields, _ := value.From(h.Handle).(*value.Object)
		if field, has := fields.Get(name); has {
			L.Push(v.Conv.ToLua(field))
			return 1
		}
		v.raise(L, fault.New(fault.Usage, "no operation or field %s of a %s%s", name, area.Name,
			fault.DidYouMean(name, append(names, fields.Keys()...))))
		return 0
	}))
	m.RawSetString("__tostring", v.L.NewFunction(func(L *lua.LState) int {
		text := area.Name
		if h, ok := handleOf(L.Get(1)); ok {
			text += " " + h.id
		}
		L.Push(lua.LString(text))
		return 1
	}))
	v.L.G.Registry.RawSetString(key, m)
	return m
}

func handleOf(lv lua.LValue) (*handle, bool) {
	ud, ok := lv.(*lua.LUserData)
	if !ok {
		return nil, false
	}
	h, ok := ud.Value.(*handle)
	return h, ok
}

// argument is an argument of an operation as plain data; a handle stands for its id.
func (v *VM) argument(lv lua.LValue) (any, error) {
	if h, ok := handleOf(lv); ok {
		return h.id, nil
	}
	return v.Conv.FromLua(lv)
}
