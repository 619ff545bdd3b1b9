package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// expect compares a whole answer.
func (m matcher) expect(want map[string]any, got answer) error {
	if len(want) == 0 {
		return errors.New("the case expects nothing")
	}
	var env map[string]any
	envErr := decodeExact(got.body, &env)
	inEnvelope := func(key string) (any, bool) { v, ok := env[key]; return v, ok }
	for key, w := range want {
		if slices.Contains([]string{"errCode", "errMsg", "errDlt", "dataKeys", "absent", "noData", "data"}, key) && envErr != nil {
			return fmt.Errorf("no envelope: %w", envErr)
		}
		if err := m.expectKey(key, w, got, inEnvelope); err != nil {
			return err
		}
	}
	return nil
}

func (m matcher) expectKey(key string, want any, got answer, inEnvelope func(string) (any, bool)) error {
	data, hasData := inEnvelope("data")
	switch key {
	case "status":
		return m.oneOfNumbers(key, want, json.Number(strconv.Itoa(got.status)), true)
	case "errCode":
		v, ok := inEnvelope(key)
		return m.oneOfNumbers(key, want, v, ok)
	case "errMsg", "errDlt":
		v, ok := inEnvelope(key)
		return m.match(key, want, v, ok)
	case "data":
		return m.match(key, want, data, hasData)
	case "noData":
		if hasData == (want == true) {
			return fmt.Errorf("data: present is %t", hasData)
		}
		return nil
	case "dataKeys", "absent":
		paths, ok := want.([]any)
		if !ok {
			return fmt.Errorf("%s wants a list", key)
		}
		for _, p := range paths {
			if _, has := dig(data, fmt.Sprint(p)); has != (key == "dataKeys") {
				return fmt.Errorf("data.%s: present is %t", p, has)
			}
		}
		return nil
	case "body":
		if w, ok := want.(string); ok && strings.TrimSpace(w) == strings.TrimSpace(string(got.body)) {
			return nil
		}
		return mismatch(key, want, string(got.body), true)
	case "bodyJson":
		var body any
		if err := decodeExact(got.body, &body); err != nil {
			return fmt.Errorf("body: %w", err)
		}
		return m.match(key, want, body, true)
	case "headers":
		headers, ok := want.(map[string]any)
		if !ok {
			return errors.New("headers wants an object")
		}
		for name, w := range headers {
			if err := m.match(name, w, got.header.Get(name), got.header.Values(name) != nil); err != nil {
				return err
			}
		}
		return nil
	case "oneOf":
		alternatives, ok := want.([]any)
		if !ok {
			return errors.New("oneOf wants a list")
		}
		var errs []error
		for _, a := range alternatives {
			e, ok := a.(map[string]any)
			if !ok {
				return errors.New("oneOf wants objects")
			}
			err := m.expect(e, got)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}
	return fmt.Errorf("unknown expectation %q", key)
}

// oneOfNumbers takes a number or a list of allowed ones.
func (m matcher) oneOfNumbers(where string, want, got any, present bool) error {
	list, ok := want.([]any)
	if !ok {
		return m.match(where, want, got, present)
	}
	for _, w := range list {
		if m.match(where, w, got, present) == nil {
			return nil
		}
	}
	return mismatch(where, want, got, present)
}
