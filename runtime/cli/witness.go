package cli

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openimsdk/imctl/bindings"
)

// witnessJSON is what TestWitness recorded: the endpoints that operations call, and how often each is witnessed.
//
//go:embed witness.json
var witnessJSON []byte

// Witnesses says which endpoints operations call and what vouches for those.
type Witnesses struct {
	Ops       map[string][]string `json:"ops"`
	Endpoints map[string]Witness  `json:"endpoints"`
}

// Witness is what vouches for the way an endpoint is used.
type Witness struct {
	Cases   int `json:"cases"`   // contract cases that call it (testdata/contract)
	Clients int `json:"clients"` // requests to it in recordings of OpenIM's own clients (testdata/traffic)
}

func readWitnesses() (Witnesses, error) {
	var w Witnesses
	err := json.Unmarshal(witnessJSON, &w)
	return w, err
}

// witnessMarkdown is the table of the operations whose endpoints are witnessed; empty when none of the areas has any.
func witnessMarkdown(areas []bindings.Area) string {
	w, err := readWitnesses()
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, a := range areas {
		for _, op := range a.All() {
			paths, known := w.Ops[op.FullName()]
			if !known {
				continue
			}
			cells := make([]string, len(paths))
			for i, path := range paths {
				e := w.Endpoints[path]
				cells[i] = fmt.Sprintf("`%s` %d", path, e.Cases)
				if e.Clients > 0 {
					cells[i] += fmt.Sprintf("+%d", e.Clients)
				}
			}
			if len(cells) == 0 {
				cells = []string{"asks no server"}
			}
			fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", op.FullName(), anchor(op.FullName()), strings.Join(cells, ", "))
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n## Witnesses\n\nWhich endpoints of the server these operations call, and what vouches for the way that they are used: the number of contract cases\n" +
		"that call the endpoint (`testdata/contract`, run against the sandbox), and after a + the number of requests to it in recordings of OpenIM's own\n" +
		"clients (`testdata/traffic`). The table is recorded by a test that runs each operation (`testdata/witness.txt`).\n\n" +
		"| operation | endpoints |\n|---|---|\n" + b.String()
}
