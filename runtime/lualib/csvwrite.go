package lualib

import (
	"encoding/csv"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func csvEncode(c *Call) (any, error) {
	sep, err := separator(c)
	if err != nil {
		return nil, err
	}
	rows := c.List("rows")
	names, err := columnNames(c, rows)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.Comma = sep
	write := func(fields []string) error {
		if len(fields) == 1 && fields[0] == "" { // else the line is empty, and readers pass over empty lines
			w.Flush()
			out.WriteString("\"\"\n")
			return nil
		}
		return w.Write(fields)
	}
	if len(names) > 0 && c.Bool("header", true) {
		if err := write(names); err != nil {
			return nil, fault.New(fault.Usage, "%w", err)
		}
	}
	for i, row := range rows {
		var cells []any
		switch row := row.(type) {
		case value.List:
			cells = row
		case *value.Object:
			for _, n := range names {
				v, _ := row.Get(n)
				cells = append(cells, v)
			}
			for _, k := range row.Keys() {
				if !slices.Contains(names, k) {
					return nil, c.Wrong("rows", "row %d: no column %s%s", i+1, k, fault.DidYouMean(k, names))
				}
			}
		default:
			return nil, c.Wrong("rows", "row %d: want a table of fields or a list, got %s", i+1, value.Describe(row))
		}
		fields := make([]string, len(cells))
		for j, v := range cells {
			fields[j] = value.Text(v)
		}
		if len(fields) == 0 {
			return nil, c.Wrong("rows", "row %d is empty", i+1)
		}
		if err := write(fields); err != nil {
			return nil, fault.New(fault.Usage, "%w", err)
		}
	}
	w.Flush()
	text := out.String()
	if strings.HasPrefix(text, byteOrderMark) { // a value begins so: in quotes it is no mark
		end := strings.IndexAny(text, string(sep)+"\n")
		text = `"` + text[:end] + `"` + text[end:]
	}
	return text, nil
}

// columnNames are the columns of rows that are tables of fields: those asked for, else all in the order in which they
// come up.
func columnNames(c *Call, rows value.List) ([]string, error) {
	names := []string{}
	if asked := c.Plain("header"); fits("string[]", asked) {
		for _, n := range asked.(value.List) {
			names = append(names, n.(string))
		}
		return names, nil
	}
	seen := map[string]bool{}
	objects := 0
	for _, row := range rows {
		o, ok := row.(*value.Object)
		if !ok {
			continue
		}
		objects++
		for _, k := range o.Keys() {
			if !seen[k] {
				seen[k] = true
				names = append(names, k)
			}
		}
	}
	if objects > 0 && objects < len(rows) {
		return nil, c.Wrong("rows", "some rows are tables of fields and some are lists")
	}
	return names, nil
}
