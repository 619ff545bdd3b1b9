package vm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/openimsdk/imctl/bindings/fault"
)

// ReadScript reads a script file. The error of a missing one names the nearest in its folder.
func ReadScript(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", missingScript(path, err)
	}
	return string(text), nil
}

func missingScript(path string, err error) error {
	if !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Usage, "can't read the script: %w", err)
	}
	var names []string
	if entries, dirErr := os.ReadDir(filepath.Dir(path)); dirErr == nil {
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	e := fault.New(fault.Usage, "no script %s", path)
	if n := fault.Nearest(filepath.Base(path), names); n != "" {
		e.Message += "; did you mean " + filepath.Join(filepath.Dir(path), n) + "?"
	}
	return e
}

// SetFolder sets the folder of the script that runs: require looks there first.
func (v *VM) SetFolder(folder string) { v.folder = folder }

// Run runs source under a name for messages and returns what the chunk returned. An os.exit in it is no error; see
// Exited.
func (v *VM) Run(source, name string) ([]lua.LValue, error) {
	fn, err := v.compile(source, name)
	if err != nil {
		return nil, err
	}
	got, err := v.Call(fn)
	if joined := v.join(v.scope, err != nil); err == nil {
		err = joined
	}
	if v.exit != nil && v.tripped() == nil {
		return nil, nil
	}
	return got, err
}

// Exited tells whether the script called os.exit, and with which code.
func (v *VM) Exited() (code int, ok bool) {
	if v.exit == nil {
		return 0, false
	}
	return v.exit.code, true
}

// compile parses source. A byte order mark and a "#!" line are fine.
func (v *VM) compile(source, name string) (*lua.LFunction, error) {
	source = strings.TrimPrefix(source, "\uFEFF")
	if strings.HasPrefix(source, "#") {
		_, rest, _ := strings.Cut(source, "\n")
		source = "\n" + rest
	}
	code := v.codeOf(name)
	if !strings.HasPrefix(name, "=") {
		v.sources[name] = code.lines(source, name)
	}
	return v.function(code, source, name)
}

// compileText compiles source whose lines need not be shown later.
func (v *VM) compileText(source, name string) (*lua.LFunction, error) {
	return v.function(nil, source, name)
}

// function makes a function of a source, which may have been compiled before.
func (v *VM) function(code *Code, source, name string) (*lua.LFunction, error) {
	proto, err := code.compile(source, name)
	if err != nil {
		return nil, v.parseError(err, name)
	}
	if v.opts.Cover != nil {
		v.opts.Cover.know(name, proto)
	}
	return v.L.NewFunctionFromProto(proto), nil
}

func compileProto(source, name string) (*lua.FunctionProto, error) {
	chunk, err := parse.Parse(strings.NewReader(source), name)
	if err != nil {
		return nil, err
	}
	if chunk, err = rewrite(chunk); err != nil {
		return nil, err
	}
	proto, err := lua.Compile(chunk, name)
	if err == nil {
		bindOperators(proto)
	}
	return proto, err
}

// IsIncomplete tells whether source only lacks its end, so that a REPL should ask for more.
func IsIncomplete(source string) bool {
	_, err := compileProto(source, "=repl")
	var p *parse.Error
	if !errors.As(err, &p) {
		return false
	}
	return p.Pos.Line == parse.EOF || strings.Contains(p.Message, "unterminated multiline")
}

// IsExpression tells whether source is an expression whose value a REPL should print.
func IsExpression(source string) bool {
	_, err := compileProto("return "+source, "=repl")
	return err == nil
}

// Text is what tostring gives for a value.
func (v *VM) Text(lv lua.LValue) string { return v.text(v.L, lv) }
