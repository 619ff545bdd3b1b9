package report

import (
	"encoding/json"

	"github.com/openimsdk/imctl/runtime/testrun"
)

// Document is the report in JSON. Its version changes when a member gets another meaning or goes; new ones may come.
type Document struct {
	Report  string         `json:"report"` // "imctl test"
	Version int            `json:"version"`
	OK      bool           `json:"ok"` // tests ran, nothing failed, and the run was not ended early
	Counts  testrun.Counts `json:"counts"`
	*testrun.Summary
}

func newJSON(o Options) testrun.Reporter {
	return whole(func(s *testrun.Summary) error {
		e := json.NewEncoder(o.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(Document{Report: "imctl test", Version: 1, OK: s.OK(), Counts: s.Counts(), Summary: s})
	})
}
