package vm

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// Inputs runs the inputs of a REPL one after the other in one environment: a local of an input's top level stays
// visible for the inputs after it, and what a call at the top level gives is shown. Globals are the VM's own.
type Inputs struct {
	v       *VM
	env     *lua.LTable
	declare *lua.LFunction
	show    *lua.LFunction
}

// The names of what an input is given; no Lua source can spell them.
const (
	declareName = "(declare)"
	showName    = "(show)"
)

// NewInputs makes the environment. show gets the values of each call that stands as a statement.
func (v *VM) NewInputs(show func([]lua.LValue) error) *Inputs {
	in := &Inputs{v: v, env: v.L.NewTable()}
	meta := v.L.NewTable()
	meta.RawSetString("__index", v.L.G.Global)
	meta.RawSetString("__newindex", v.L.G.Global)
	in.env.Metatable = meta
	in.declare = v.L.NewFunction(func(L *lua.LState) int {
		for i, name := range strings.Split(L.CheckString(1), ",") {
			in.env.RawSetString(name, L.Get(i+2))
		}
		return 0
	})
	in.show = v.L.NewFunction(func(L *lua.LState) int {
		values := make([]lua.LValue, L.GetTop())
		for i := range values {
			values[i] = L.Get(i + 1)
		}
		if err := show(values); err != nil {
			v.raise(L, err)
		}
		return 0
	})
	return in
}

// Set gives a name a value that inputs see, and scripts and modules don't.
func (in *Inputs) Set(name string, value lua.LValue) { in.env.RawSetString(name, value) }

// Run runs one input, an expression or a chunk, and returns its values.
func (in *Inputs) Run(source, name string) ([]lua.LValue, error) {
	return in.run(source, name, true)
}

// Load runs a file. Its top-level locals stay visible too; its calls show nothing. An os.exit in it ends that file
// alone, after the cleanups that it registered.
func (in *Inputs) Load(ctx context.Context, path string) (code int, exited bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false, missingScript(path, err)
	}
	source := strings.TrimPrefix(string(text), "\uFEFF")
	if strings.HasPrefix(source, "#") {
		_, rest, _ := strings.Cut(source, "\n")
		source = "\n" + rest
	}
	v := in.v
	mark, folder := len(v.cleanups), v.folder
	v.folder = filepath.Dir(path)
	defer func() { v.folder = folder }()
	_, err = in.run(source, path, false)
	code, exited = v.Exited()
	if !exited || v.tripped() != nil {
		return 0, false, err
	}
	v.exit = nil
	for len(v.cleanups) > mark {
		fn := v.cleanups[len(v.cleanups)-1]
		v.cleanups = v.cleanups[:len(v.cleanups)-1]
		if _, cerr := v.Call(fn); err == nil {
			err = cerr
		}
	}
	return code, true, err
}

func (in *Inputs) run(source, name string, interactive bool) ([]lua.LValue, error) {
	v := in.v
	v.sources[name] = strings.Split(source, "\n")
	chunk, err := parseInput(source, name, interactive)
	if err != nil {
		return nil, v.parseError(err, name)
	}
	if chunk, err = rewrite(in.topLevel(chunk, interactive)); err != nil {
		return nil, v.parseError(err, name)
	}
	proto, err := lua.Compile(chunk, name)
	if err != nil {
		return nil, v.parseError(err, name)
	}
	bindOperators(proto)
	fn := v.L.NewFunctionFromProto(proto)
	fn.Env = in.env
	got, err := v.Call(fn, in.declare, in.show)
	if v.exit != nil && v.tripped() == nil {
		return nil, nil
	}
	return got, err
}

// parseInput parses an input: as an expression, if that is possible and wanted.
func parseInput(source, name string, expression bool) ([]ast.Stmt, error) {
	if expression {
		if chunk, err := parse.Parse(strings.NewReader("return "+source), name); err == nil {
			return chunk, nil
		}
	}
	return parse.Parse(strings.NewReader(source), name)
}

// topLevel turns the declarations of locals into calls of declare, and, when an input is typed, calls that stand as
// statements into arguments of show. Both come as the chunk's own arguments.
func (in *Inputs) topLevel(chunk []ast.Stmt, show bool) []ast.Stmt {
	out := make([]ast.Stmt, 0, len(chunk)+1)
	if len(chunk) > 0 {
		first := chunk[0]
		names := &ast.LocalAssignStmt{Names: []string{declareName, showName}, Exprs: []ast.Expr{at(&ast.Comma3Expr{}, first)}}
		out = append(out, at(names, first))
	}
	for _, s := range chunk {
		switch typed := s.(type) {
		case *ast.LocalAssignStmt:
			args := append([]ast.Expr{at(&ast.StringExpr{Value: strings.Join(typed.Names, ",")}, s)}, typed.Exprs...)
			s = callOf(declareName, args, s)
		case *ast.FuncCallStmt:
			if show {
				s = callOf(showName, []ast.Expr{typed.Expr}, s)
			}
		}
		out = append(out, s)
	}
	return out
}

func callOf(name string, args []ast.Expr, like ast.Stmt) ast.Stmt {
	call := at(&ast.FuncCallExpr{Func: at(&ast.IdentExpr{Value: name}, like), Args: args}, like)
	return at(&ast.FuncCallStmt{Expr: call}, like)
}

// CheckInput tells what is wrong with an input before it is run, nil when nothing is.
func CheckInput(source string) error {
	_, err := parseInput(source, "=input", true)
	return err
}

// Spent tells whether the VM can run nothing more before it is renewed: its context ended, or a limit was reached.
func (v *VM) Spent() bool { return v.tripped() != nil }

// Reopen has the next operation ask for its Env again: the deployment to act on is another.
func (v *VM) Reopen() { v.opened = nil }

// IsStatement tells whether source can stand in a script as it is.
func IsStatement(source string) bool {
	_, err := parse.Parse(strings.NewReader(source), "=input")
	return err == nil
}
