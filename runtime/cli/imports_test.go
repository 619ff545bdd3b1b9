package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const (
	module      = "github.com/openimsdk/imctl"
	bindingtest = module + "/bindings/bindingtest" // what the tests of areas share
)

// layer is the height of a package; an import must not point up, nor from an area to another area (DESIGN §2).
func layer(path string) int {
	p := strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
	switch {
	case p == "":
		return 5 // main
	case p == "runtime/cli":
		return 4
	case p == "runtime" || strings.HasPrefix(p, "runtime/"), p == "stdlib":
		return 3
	case isArea(path), path == bindingtest:
		return 2
	case p == "bindings", p == "bindings/convert":
		return 1
	}
	return 0 // bindings/openim, fault, value
}

func isArea(path string) bool {
	p, ok := strings.CutPrefix(path, module+"/bindings/")
	if !ok {
		return false
	}
	switch strings.Split(p, "/")[0] {
	case "openim", "fault", "value", "convert", "bindingtest", "store", "archive":
		return false
	}
	return true
}

// TestImportsPointDown walks the imports of every package, those of tests included.
func TestImportsPointDown(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p struct {
			ImportPath           string
			Imports, TestImports []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		for i, to := range append(p.Imports, p.TestImports...) {
			if !strings.HasPrefix(to, module) || to == p.ImportPath {
				continue
			}
			if why := forbidden(p.ImportPath, to, i >= len(p.Imports)); why != "" {
				t.Errorf("%s imports %s: %s", strings.TrimPrefix(p.ImportPath, module+"/"), strings.TrimPrefix(to, module+"/"), why)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages were seen", seen)
	}
}

// forbidden says why a package, or its tests, must not import another; "" when they may.
func forbidden(from, to string, inTest bool) string {
	switch {
	case to == bindingtest && !(inTest && isArea(from)):
		return "it is for the tests of areas"
	case layer(to) > layer(from):
		return "the arrow points up"
	case isArea(from) && isArea(to):
		return "an area imports another"
	case to == module+"/runtime/sandbox" && from != module+"/runtime/sandbox/imctl-sandbox":
		return "the sandbox is a program of its own"
	case strings.HasPrefix(from, module+"/runtime/vm") && isArea(to):
		return "the VM knows no single area"
	}
	return ""
}

// TestForbidden shows that the rule bites.
func TestForbidden(t *testing.T) {
	for _, c := range [][2]string{
		{"/bindings", "/runtime/vm"}, {"/bindings/user", "/bindings/group"}, {"/bindings/openim", "/bindings"},
		{"/bindings/user", "/runtime/output"}, {"/runtime/vm", "/runtime/cli"}, {"/runtime/cli", "/runtime/sandbox"},
		{"/runtime/vm", "/bindings/user"}, {"/bindings/user", "/bindings/bindingtest"},
	} {
		if forbidden(module+c[0], module+c[1], false) == "" {
			t.Errorf("%s → %s is allowed", c[0], c[1])
		}
	}
	if forbidden(module+"/bindings/user", bindingtest, true) != "" || forbidden(module+"/runtime/cli", bindingtest, true) == "" {
		t.Error("the tests of areas, and no others, share bindingtest")
	}
}
