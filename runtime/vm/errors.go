package vm

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/openimsdk/imctl/bindings/fault"
)

// ScriptError is an error that ended a script or a protected call from Go: the error value, where it was raised, and
// the Lua calls that led there.
type ScriptError struct {
	Fault  *fault.Error
	Value  lua.LValue // what the script raised
	File   string
	Line   int
	Source string   // the text of that line
	Trace  []string // "e2e.lua:12 in function 'setup'", innermost first; no Go frames
}

func (e *ScriptError) Error() string {
	if e.File == "" {
		return e.Fault.Error()
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Fault.Error())
}

// at is the position "file:line", "" when it is not known.
func (e *ScriptError) at() string {
	if e.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", e.File, e.Line)
}

func (e *ScriptError) Unwrap() error { return e.Fault }

// exitRequest is what os.exit asked for.
type exitRequest struct{ code int }

// traced is the last error that was raised, with the Lua stack of that moment.
type traced struct {
	value lua.LValue
	stack string
}

func (t traced) stackOf(v lua.LValue) string {
	if t.value == v {
		return t.stack
	}
	return ""
}

// panicTraced is the panic handler of our threads: it keeps the Lua stack of the moment, which is gone when the error
// is caught. An error that is raised again keeps its first stack. A position in our own prelude is no position.
func (v *VM) panicTraced(L *lua.LState) {
	defer func() {
		r := recover()
		if e, ok := r.(*lua.ApiError); ok {
			if s, ok := e.Object.(lua.LString); ok {
				e.Object = lua.LString(preludePosition.ReplaceAllString(string(s), ""))
			}
			if v.trace.value != e.Object || len(scriptFrames(v.trace.stack)) == 0 {
				v.trace = traced{e.Object, e.StackTrace}
			}
		}
		panic(r)
	}()
	raised := L.Get(-1)
	if text, ok := raised.(lua.LString); ok {
		raised = lua.LString(inLua(L, string(text)))
	}
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: raised, StackTrace: stackText(L)})
}

// stackText is the Lua stack of the moment, its innermost frames. The engine's own way takes long on a deep stack.
func stackText(L *lua.LState) string {
	var b strings.Builder
	b.WriteString("stack traceback:")
	for level := range 20 {
		d, ok := L.GetStack(level)
		if !ok {
			break
		}
		if _, err := L.GetInfo("n", d, nil); err != nil {
			break
		}
		name := d.Name
		if name != "main chunk" && name != "corountine" {
			if !strings.HasPrefix(name, "(") && !strings.HasPrefix(name, "<") {
				name = "'" + name + "'"
			}
			name = "function " + name
		}
		b.WriteString("\n\t" + L.Where(level) + " in " + name)
	}
	return b.String()
}

var (
	preludePosition = regexp.MustCompile(`^=(body|protect):\d+: `)

	position  = regexp.MustCompile(`^([^:\n]+):(\d+): ?`)
	traceLine = regexp.MustCompile(`^\t([^:\n]+:\d+):? in (.*)$`)
)

// scriptFrames are the lines of a Lua stack that belong to scripts, innermost first.
func scriptFrames(stack string) []string {
	var out []string
	for _, line := range strings.Split(stack, "\n") {
		m := traceLine.FindStringSubmatch(line)
		if m != nil && !strings.HasPrefix(m[1], "=") && !strings.HasPrefix(m[1], "[G]") && !strings.HasPrefix(m[1], "stdlib/") {
			frame := m[1]
			if m[2] != "corountine" { // the engine's word for the function that a thread starts with
				frame += " in " + m[2]
			}
			out = append(out, frame)
		}
	}
	return out
}

// scriptError makes the error of a raised Lua value.
func (v *VM) scriptError(raised lua.LValue, stack string) *ScriptError {
	e := &ScriptError{Value: raised, Trace: scriptFrames(stack)}
	text := raised.String()
	if t, ok := raised.(*lua.LTable); ok {
		if e.Fault = v.Conv.Fault(raised); e.Fault != nil {
			text = lua.LVAsString(t.RawGetString("where")) + ":"
		} else {
			text = v.tableText(t)
		}
	}
	if m := position.FindStringSubmatch(text); m != nil {
		e.File = m[1]
		e.Line, _ = strconv.Atoi(m[2])
		text = text[len(m[0]):]
	} else if len(e.Trace) > 0 {
		if m := position.FindStringSubmatch(strings.Replace(e.Trace[0]+" in ", " in ", ": ", 1)); m != nil {
			e.File = m[1]
			e.Line, _ = strconv.Atoi(m[2])
		}
	}
	if ended := v.tripped(); ended != nil {
		e.Fault = fault.From(ended)
	} else if e.Fault == nil {
		e.Fault = fault.New(fault.Script, "%s", text)
		if text == "attempt to compare userdata with number" || text == "attempt to compare number with userdata" {
			e.Fault.Hint = "Lua 5.1 compares only values of one type: for an int64 value use int64.compare(a, b), or a < int64(b)"
		}
	}
	if lines := v.sources[e.File]; e.Line > 0 && e.Line <= len(lines) {
		e.Source = strings.TrimSpace(lines[e.Line-1])
	}
	return e
}

// tableText is the text of a table that was raised: its __tostring, else its message field.
func (v *VM) tableText(t *lua.LTable) string {
	if mt, ok := t.Metatable.(*lua.LTable); ok && mt.RawGetString("__tostring") != lua.LNil {
		if fn, ok := mt.RawGetString("__tostring").(*lua.LFunction); ok {
			if got, err := v.Call(fn, t); err == nil && len(got) > 0 {
				return got[0].String()
			}
		}
	}
	if msg := t.RawGetString("message"); msg != lua.LNil {
		return msg.String()
	}
	return "(the error is a table without a message)"
}

// parseError makes the error of a script that can't be compiled.
func (v *VM) parseError(err error, name string) *ScriptError {
	e := &ScriptError{Value: lua.LNil, File: name, Fault: fault.New(fault.Script, "%s", err.Error())}
	if p, ok := err.(*parse.Error); ok {
		e.Line = p.Pos.Line
		what := "near " + strconv.Quote(p.Token)
		if p.Token == "" || p.Pos.Line == parse.EOF {
			what = "at the end of the file"
			e.Line = len(v.sources[name])
		}
		e.Fault = fault.New(fault.Script, "%s %s", p.Message, what)
	} else if d, ok := err.(*tooDeep); ok {
		e.Line = d.line
	} else if c, ok := err.(*lua.CompileError); ok {
		e.Line = c.Line
		e.Fault = fault.New(fault.Script, "%s", c.Message)
	}
	if lines := v.sources[name]; e.Line > 0 && e.Line <= len(lines) {
		e.Source = strings.TrimSpace(lines[e.Line-1])
	}
	return e
}
