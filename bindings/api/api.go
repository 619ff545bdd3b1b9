// Package api is the area of raw calls: every endpoint of the server's API under its path, with requests checked
// against the schema of the API before anything is sent. The schema, api.json, is generated from the server's own
// types (REST-API). It is parsed on first use. The package imports no other area.
package api

import (
	_ "embed"
	"sync"

	"github.com/openimsdk/imctl/bindings"
)

//go:embed api.json
var schemaJSON []byte

// Area lists the operations on the API itself.
func Area() bindings.Area {
	load := sync.OnceValues(func() (*schema, error) { return parseSchema(schemaJSON) })
	return bindings.Area{
		Name: "api",
		Doc:  "Every endpoint of the server's API by its path, checked against its schema.",
		Ops:  []bindings.Op{callOp(load), postOp(load), endpointsOp(load), describeOp(load)},
	}
}

// loader gives the schema, parsed once.
type loader func() (*schema, error)
