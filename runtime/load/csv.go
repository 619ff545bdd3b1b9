package load

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/openimsdk/imctl/bindings/fault"
)

// csvColumns are the columns of a CSV report. at is empty in the rows of the whole load; the rows after them are stretches of
// time, by the second at which they begin.
var csvColumns = []string{"at", "metric", "kind", "unit", "count", "per_second", "value", "min", "avg", "med", "p90", "p95", "p99", "p99.9", "max"}

// WriteCSV writes the report as CSV: a row for each metric, then the course of the load.
func (r *Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	row := func(cells map[string]string) error {
		line := make([]string, len(csvColumns))
		for i, name := range csvColumns {
			line[i] = cells[name]
		}
		return out.Write(line)
	}
	err := out.Write(csvColumns)
	for _, m := range r.Metrics {
		if m.Kind == Trend && m.Count == 0 {
			continue
		}
		cells := map[string]string{"metric": m.Name, "kind": string(m.Kind), "unit": m.Unit, "count": strconv.FormatInt(m.Count, 10)}
		if m.Kind != Gauge && m.Kind != Share && r.Elapsed > 0 {
			cells["per_second"] = plainNumber(m.During / r.Elapsed)
		}
		if m.Kind == Trend {
			for _, stat := range stats {
				cells[stat] = plainNumber(m.stat(stat))
			}
		} else {
			x, _, _ := m.value()
			cells["value"] = plainNumber(x)
		}
		if m.Kind == Gauge {
			cells["min"], cells["max"] = plainNumber(m.Min), plainNumber(m.Max)
		}
		if err == nil {
			err = row(cells)
		}
	}
	for _, p := range r.Points {
		at := plainNumber(p.At)
		for _, c := range []struct {
			name string
			n    int64
		}{{"vus", int64(p.VUs)}, {"iterations", p.Iterations}, {"iterations_failed", p.Failed}, {"http_failed", p.HTTPFailed}} {
			cells := map[string]string{"at": at, "metric": c.name, "kind": string(Counter), "value": strconv.FormatInt(c.n, 10)}
			if c.name == "vus" {
				cells["kind"] = string(Gauge)
			}
			if err == nil {
				err = row(cells)
			}
		}
		for _, m := range r.Metrics {
			s := p.Trends[m.Name]
			if len(s) == 0 {
				continue
			}
			q := s.quantiles(50, 90, 95, 99, 99.9, 100)
			cells := map[string]string{"at": at, "metric": m.Name, "kind": string(Trend), "unit": m.Unit, "count": strconv.FormatInt(s.total(), 10)}
			for i, name := range []string{"med", "p90", "p95", "p99", "p99.9", "max"} {
				cells[name] = plainNumber(q[i])
			}
			if err == nil {
				err = row(cells)
			}
		}
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fault.New(fault.Usage, "the CSV report can't be written: %w", err)
	}
	return nil
}

// plainNumber is a number for other programs, with ten digits at most.
func plainNumber(x float64) string {
	if short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 10, 64), 64); err == nil {
		x = short
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}
