package check

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/yuin/gopher-lua/ast"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// mismatch says what a parameter wants and what it got, when the expression can't be that; else want is "". Whether
// plain data fits is decided by the same decoder that fills the parameters of a real call.
func mismatch(s bindings.Param, e ast.Expr) (want, got string) {
	kind := kindOf(e)
	if kind == "" || kind == "nil" {
		return "", ""
	}
	if v, ok := literal(e); ok && kind != "table" {
		return unfit(s.Type, v)
	}
	if kind == "function" {
		return wanted(s.Type), "a function"
	}
	switch s.Type {
	case bindings.Any:
		return "", ""
	case bindings.Strings, bindings.Ints:
		if v, ok := literal(e); ok {
			return unfit(s.Type, v)
		}
		if kind == "table" {
			return "", ""
		}
	case bindings.Objects:
		if t, ok := e.(*ast.TableExpr); ok && (len(t.Fields) == 0 || t.Fields[0].Key == nil) {
			return "", ""
		}
	case bindings.Obj:
		if t, ok := e.(*ast.TableExpr); ok && (len(t.Fields) == 0 || t.Fields[0].Key != nil) {
			return "", ""
		}
	default:
		if kind == kindOfType(s.Type) || s.Type == bindings.Duration && (kind == "string" || kind == "number") {
			return "", ""
		}
	}
	return wanted(s.Type), gotText(e)
}

// unfit tries plain data on a Go value of the parameter's type.
func unfit(t bindings.Type, v any) (want, got string) {
	var dst any
	switch t {
	case bindings.String, bindings.Hidden:
		dst = new(string)
	case bindings.Int:
		dst = new(int64)
	case bindings.Float:
		dst = new(float64)
	case bindings.Bool:
		dst = new(bool)
	case bindings.Duration:
		dst = new(time.Duration)
	case bindings.Strings:
		dst = new([]string)
	case bindings.Ints:
		dst = new([]int64)
	case bindings.Objects:
		dst = new([]any)
	case bindings.Obj:
		dst = new(*value.Object)
	default:
		return "", ""
	}
	var wrong *value.TypeError
	if err := value.Into(v, dst); errors.As(err, &wrong) {
		if wrong.Path != "" {
			return wrong.Want + " at " + wrong.Path, describe(wrong.Got)
		}
		if isList(t) && reflect.TypeOf(dst).Elem().Kind() == reflect.Slice {
			return wanted(t), describe(wrong.Got)
		}
		return wrong.Want, describe(wrong.Got)
	}
	return "", ""
}

// kindOf is the kind of value that an expression surely gives, or "".
func kindOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StringExpr, *ast.StringConcatOpExpr:
		return "string"
	case *ast.NumberExpr, *ast.UnaryLenOpExpr:
		return "number"
	case *ast.UnaryMinusOpExpr:
		if kindOf(e.Expr) == "number" {
			return "number"
		}
	case *ast.TrueExpr, *ast.FalseExpr, *ast.UnaryNotOpExpr, *ast.RelationalOpExpr:
		return "boolean"
	case *ast.NilExpr:
		return "nil"
	case *ast.TableExpr:
		return "table"
	case *ast.FunctionExpr:
		return "function"
	}
	return ""
}

func kindOfType(t bindings.Type) string {
	switch t {
	case bindings.String, bindings.Hidden:
		return "string"
	case bindings.Int, bindings.Float:
		return "number"
	case bindings.Bool:
		return "boolean"
	}
	return ""
}

// wanted is a type in words.
func wanted(t bindings.Type) string {
	switch t {
	case bindings.String, bindings.Hidden:
		return "a string"
	case bindings.Int:
		return "a whole number"
	case bindings.Float:
		return "a number"
	case bindings.Bool:
		return "true or false"
	case bindings.Duration:
		return `a duration like "5s"`
	case bindings.Obj:
		return "a table of fields"
	case bindings.Any:
		return "a value"
	}
	return "a " + string(t)
}

// gotText names an expression in words.
func gotText(e ast.Expr) string {
	if t, ok := e.(*ast.TableExpr); ok {
		if len(t.Fields) > 0 && t.Fields[0].Key != nil {
			return "a table of fields"
		}
		return "a list"
	}
	if v, ok := literal(e); ok {
		return describe(v)
	}
	return "a " + kindOf(e)
}

func join(names []string) string { return strings.Join(names, ", ") }

// quoted is a text as Lua has it, "" for none.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return `"` + text + `"`
}
