package cli

import (
	"runtime"
	"runtime/debug"

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
	var asJSON, exitCodes bool
	cmd := &cobra.Command{
		Use: "docs", Short: "Print the reference of every operation", GroupID: "setup", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var what any
			switch {
			case exitCodes:
				p, err := a.printer()
				if err != nil {
					return err
				}
				return p.Value(fault.ExitCodes(), []output.Column{{Name: "code", Order: 1}, {Name: "meaning", Order: 2}})
			case asJSON:
				what = value.NewObject("version", Version, "areas", value.From(describeAreas(a.areas)),
					"exitCodes", value.From(fault.ExitCodes()))
			default:
				return fault.New(fault.Usage, "docs needs a form").WithHint("imctl docs --json, or --exit-codes")
			}
			p, err := output.New(output.Options{Format: output.JSON, Query: a.g.query, Out: a.sys.Stdout})
			if err != nil {
				return err
			}
			return p.Value(what, nil)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "every operation with its fields, effect and example, as JSON")
	cmd.Flags().BoolVar(&exitCodes, "exit-codes", false, "the table of exit codes")
	return cmd
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
