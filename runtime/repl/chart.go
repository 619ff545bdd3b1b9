package repl

import (
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/guptarohit/asciigraph"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

const (
	chartForm   = "chart"
	chartHeight = 12
	maxSeries   = 4
	maxPoints   = 200_000 // of a series that is drawn; further ones are counted only
)

// series are the numbers of rows, by member.
type series struct {
	names  []string
	values map[string][]float64
	left   int
}

func (c *series) add(row any) {
	if c.values == nil {
		c.values = map[string][]float64{}
	}
	if f, ok := number(row); ok {
		c.point("", f)
		return
	}
	o, ok := value.From(row).(*value.Object)
	if !ok {
		return
	}
	for _, key := range o.Keys() {
		v, _ := o.Get(key)
		if f, ok := number(v); ok {
			c.point(key, f)
		}
	}
}

func (c *series) point(name string, f float64) {
	if _, known := c.values[name]; !known {
		c.names = append(c.names, name)
	}
	if len(c.values[name]) >= maxPoints {
		c.left++
		return
	}
	c.values[name] = append(c.values[name], f)
}

func number(v any) (float64, bool) {
	var f float64
	if err := value.Into(v, &f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false
	}
	switch v.(type) {
	case string, bool, nil:
		return 0, false
	}
	return f, true
}

// chart draws the numbers of a value: of a list each number, or each numeric member of its rows; of an object the
// numbers in it. What has no numbers prints as a table.
func (s *session) chart(w io.Writer, width int, v any) error {
	var c series
	plain := value.From(v)
	switch plain := plain.(type) {
	case value.List:
		for _, row := range plain {
			c.add(row)
		}
	case *value.Object:
		for _, key := range plain.Keys() {
			if v, _ := plain.Get(key); v != nil {
				if f, ok := number(v); ok {
					c.add(f)
				}
			}
		}
	}
	if len(c.names) == 0 {
		return s.Host.Print(w, "table", width, v)
	}
	return c.draw(w, width)
}

// printRows prints a stream in the form in force.
func (s *session) printRows(w io.Writer, width int, op bindings.Op, rows bindings.Rows) error {
	if s.Form != chartForm {
		return s.Host.PrintRows(w, s.Form, width, op, rows)
	}
	var c series
	for row, err := range rows {
		if err != nil {
			return err
		}
		c.add(row)
	}
	if len(c.names) == 0 {
		s.Host.Note("no row has a number to draw")
		return nil
	}
	return c.draw(w, width)
}

func (c *series) draw(w io.Writer, width int) error {
	names := c.names
	if len(names) > maxSeries {
		names = names[:maxSeries]
	}
	var data [][]float64
	points := 0
	for _, name := range names {
		data = append(data, c.values[name])
		points = max(points, len(c.values[name]))
	}
	options := []asciigraph.Option{asciigraph.Height(chartHeight), asciigraph.Precision(precision(data))}
	room := width - 16
	for i, v := range data {
		data[i] = reduced(v, room)
	}
	if points > 1 && room > points { // a whole number of columns between two points keeps each point
		options = append(options, asciigraph.Width((points-1)*min((room-1)/(points-1), 6)+1))
	}
	if _, err := fmt.Fprintln(w, asciigraph.PlotMany(data, options...)); err != nil {
		return err
	}
	for _, name := range names {
		v := c.values[name]
		if name == "" {
			name = "values"
		}
		sum := 0.0
		for _, f := range v {
			sum += f
		}
		if _, err := fmt.Fprintf(w, "  %s: %s, least %.6g, mean %.6g, most %.6g\n", name, plural(len(v), "point"),
			slices.Min(v), sum/float64(len(v)), slices.Max(v)); err != nil {
			return err
		}
	}
	if hidden := len(c.names) - len(names); hidden > 0 || c.left > 0 {
		_, err := fmt.Fprintf(w, "  not drawn: %s, %s\n", plural(hidden, "further member"), plural(c.left, "further point"))
		return err
	}
	return nil
}

// reduced has at most room points: of neighbours the one stays that is farthest from their mean, so that no peak is lost.
func reduced(v []float64, room int) []float64 {
	if room < 8 || len(v) <= room {
		return v
	}
	out := make([]float64, room)
	for i := range out {
		part := v[i*len(v)/room : (i+1)*len(v)/room]
		mean := 0.0
		for _, f := range part {
			mean += f / float64(len(part))
		}
		out[i] = part[0]
		for _, f := range part {
			if math.Abs(f-mean) > math.Abs(out[i]-mean) {
				out[i] = f
			}
		}
	}
	return out
}

// precision is the number of decimals that the axis needs.
func precision(data [][]float64) uint {
	least, most := math.Inf(1), math.Inf(-1)
	whole := true
	for _, v := range data {
		for _, f := range v {
			least, most = min(least, f), max(most, f)
			whole = whole && f == math.Trunc(f)
		}
	}
	if whole && most-least >= chartHeight || most == least && whole {
		return 0
	}
	if most-least < 1 {
		return 4
	}
	return 2
}
