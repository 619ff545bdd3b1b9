package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/openimsdk/imctl/runtime/check"
	"github.com/openimsdk/imctl/runtime/output"
)

// opDoc is an operation in the machine-readable list.
type opDoc struct {
	Name    string           `json:"name"`
	Effect  string           `json:"effect"`
	Doc     string           `json:"doc"`
	Notes   string           `json:"notes,omitempty"`
	Example string           `json:"example"`
	Command string           `json:"command"`
	Stream  bool             `json:"stream"`
	Params  []bindings.Param `json:"params"`
	Result  []bindings.Param `json:"result"`
}

// areaDoc is an area in the machine-readable list.
type areaDoc struct {
	Name string  `json:"name"`
	Doc  string  `json:"doc"`
	Ops  []opDoc `json:"ops"`
}

// describeAreas is the machine-readable list of every operation, made from the declarations.
func describeAreas(areas []bindings.Area) []areaDoc {
	var out []areaDoc
	for _, a := range areas {
		d := areaDoc{Name: a.Name, Doc: a.Doc}
		for _, op := range a.All() {
			d.Ops = append(d.Ops, opDoc{
				Name: op.Name, Effect: op.Effect.String(), Doc: op.Doc, Notes: op.Notes, Example: op.Example,
				Command: check.CommandLine(op), Stream: op.Run.Stream, Params: op.Params(), Result: op.Result(),
			})
		}
		out = append(out, d)
	}
	return out
}

func (a *app) docsCommand() *cobra.Command {
	var asJSON, exitCodes, asMarkdown bool
	var cats, out string
	cmd := &cobra.Command{
		Use: "docs", Short: "Print or write the reference, and the definitions for editors", GroupID: "setup", Args: cobra.NoArgs,
		Long: "Print or write the reference of every operation and of the Lua library, made from their declarations.\n" +
			"--luacats writes definitions for editors with the Lua language server: add the folder to Lua.workspace.library.",
		Example: "  imctl docs --luacats ~/.local/share/imctl/luacats\n  imctl docs --markdown --out docs\n  imctl docs --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case exitCodes:
				p, err := a.printer()
				if err != nil {
					return err
				}
				return p.Value(fault.ExitCodes(), []output.Column{{Name: "code", Order: 1}, {Name: "meaning", Order: 2}})
			case asJSON:
				return a.docsJSON()
			case cats != "":
				return a.writeDocs(cats, luacats(a.areas))
			case asMarkdown && out != "":
				return a.writeDocs(out, markdown(a.areas))
			case asMarkdown:
				for _, f := range markdown(a.areas) {
					if _, err := io.WriteString(a.sys.Stdout, f.text+"\n"); err != nil {
						return fault.New(fault.Script, "can't write to standard output: %w", err)
					}
				}
				return nil
			}
			return fault.New(fault.Usage, "docs needs a form").WithHint("imctl docs --json, --markdown, --luacats DIR or --exit-codes")
		},
	}
	f := cmd.Flags()
	f.BoolVar(&asJSON, "json", false, "every operation with its fields, effect and example, as JSON")
	f.BoolVar(&exitCodes, "exit-codes", false, "the table of exit codes")
	f.BoolVar(&asMarkdown, "markdown", false, "the reference as Markdown")
	f.StringVar(&out, "out", "", "with --markdown, write bindings/README.md and stdlib/README.md in this folder")
	f.StringVar(&cats, "luacats", "", "write LuaCATS definitions for editors in this folder")
	return cmd
}

func (a *app) docsJSON() error {
	p, err := output.New(output.Options{Format: output.JSON, Query: a.g.query, Out: a.sys.Stdout})
	if err != nil {
		return err
	}
	return p.Value(value.NewObject("version", Version, "areas", value.From(describeAreas(a.areas)),
		"exitCodes", value.From(fault.ExitCodes())), nil)
}

// writeDocs writes generated files below a folder.
func (a *app) writeDocs(dir string, files []docFile) error {
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.name))
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil {
			err = renameio.WriteFile(name, []byte(f.text), 0o644)
		}
		if err != nil {
			return fault.New(fault.Usage, "can't write %s: %w", name, err)
		}
	}
	a.note("%s written to %s", plural(len(files), "file"), dir)
	return nil
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of imctl", GroupID: "setup", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.printer()
			if err != nil {
				return err
			}
			v := value.NewObject("version", Version, "go", runtime.Version(), "os", runtime.GOOS, "arch", runtime.GOARCH)
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						v.Set("commit", s.Value)
					}
				}
			}
			return p.Value(v, nil)
		},
	}
}
