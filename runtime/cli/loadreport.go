package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/load"
	"github.com/openimsdk/imctl/runtime/output"
)

// loadPrinter is how the report of a load goes to standard output: for people, unless -o or a --report without a file asks
// for another form.
func (a *app) loadPrinter(reports []openReport) (func(*load.Report) error, error) {
	toStdout := slices.ContainsFunc(reports, func(r openReport) bool { return r.name == "" })
	switch a.g.output {
	case "":
		if toStdout {
			return func(*load.Report) error { return nil }, nil
		}
		return func(r *load.Report) error { return r.WriteSummary(a.sys.Stdout, a.sys.ColorOut(a.g.color)) }, nil
	case output.JSON, output.YAML:
		if toStdout {
			return nil, fault.New(fault.Usage, "-o %s and a --report without a file can't both go to standard output", a.g.output)
		}
		p, err := a.printer()
		if err != nil {
			return nil, err
		}
		return func(r *load.Report) error {
			text, err := r.JSON()
			if err != nil {
				return err
			}
			return p.Value(json.RawMessage(text), nil)
		}, nil
	}
	return nil, fault.New(fault.Usage, "the report of a load has no form %s%s", a.g.output, fault.DidYouMean(a.g.output, []string{output.JSON, output.YAML})).
		WithHint("-o json or yaml; --report csv=FILE, html=FILE")
}

// writeLoadReports shows a report and writes those that --report asked for.
func writeLoadReports(show func(*load.Report) error, reports []openReport, r *load.Report) error {
	failed := show(r)
	for _, o := range reports {
		if err := writeLoadReport(o, r); err != nil {
			o.file.Discard()
			failed = errors.Join(failed, fault.New(fault.Usage, "the report %s can't be written: %w", o.format, err))
		}
	}
	return failed
}

func writeLoadReport(o openReport, r *load.Report) error {
	var b bytes.Buffer
	var err error
	switch o.format {
	case "json":
		var text []byte
		text, err = r.JSON()
		b.Write(text)
	case "csv":
		err = r.WriteCSV(&b)
	case "html":
		err = r.WriteHTML(&b)
	default:
		err = r.WriteSummary(&b, false)
	}
	if err != nil {
		return err
	}
	if _, err := o.file.Write(b.Bytes()); err != nil {
		return err
	}
	return o.file.Commit()
}
