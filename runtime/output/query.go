package output

import (
	"fmt"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
	"github.com/tidwall/gjson"
)

// noMatch is the error of a query that no result has: silence would look like no results.
func noMatch(path string) error {
	return &fault.Error{Kind: fault.Usage, Message: fmt.Sprintf("--query %q matches nothing in the results", path),
		Hint: `the path is gjson's, from each row on: userID, or for the whole list #.userID, #(nickname=="Li").userID`}
}

// query applies a gjson path to plain data. A path that leads nowhere gives nil.
func query(v any, path string) (any, error) {
	text, err := value.Marshal(v)
	if err != nil {
		return nil, err
	}
	found := gjson.GetBytes(text, path)
	if !found.Exists() {
		return nil, nil
	}
	if found.Raw == "" { // a number that gjson counted itself
		return value.From(found.Value()), nil
	}
	plain, err := value.Parse([]byte(found.Raw))
	if err != nil {
		return nil, &fault.Error{Kind: fault.Usage, Message: fmt.Sprintf("--query %q does not give a value", path), Cause: err,
			Hint: `the path is gjson's: userID, #.userID, #(nickname=="Li").userID`}
	}
	return plain, nil
}
