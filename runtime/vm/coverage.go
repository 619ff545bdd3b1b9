package vm

import (
	"fmt"
	"io"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Coverage counts which lines of which scripts ran. One Coverage may serve several VMs, one after the other.
type Coverage struct {
	files map[string]map[int]int // runs of each line that holds code
	last  coveredLine
}

// coveredLine is a line of a script.
type coveredLine struct {
	file string
	line int
}

// NewCoverage makes an empty Coverage.
func NewCoverage() *Coverage { return &Coverage{files: map[string]map[int]int{}} }

// know notes the lines of a compiled script that hold code. Our own modules and the prelude don't count.
func (c *Coverage) know(name string, proto *lua.FunctionProto) {
	if strings.HasPrefix(name, "=") || strings.HasPrefix(name, "stdlib/") {
		return
	}
	lines := c.files[name]
	if lines == nil {
		lines = map[int]int{}
		c.files[name] = lines
	}
	// The last instruction of a function is a return that the compiler adds, on the line of its end.
	for _, line := range proto.DbgSourcePositions[:max(len(proto.DbgSourcePositions)-1, 0)] {
		if line > 0 {
			lines[line] += 0
		}
	}
	for _, inner := range proto.FunctionPrototypes {
		c.know(name, inner)
	}
}

// coverLine counts the line of the instruction that runs next. The engine asks its context before each instruction;
// a line
// counts each time it is entered from another line of a script.
func (v *VM) coverLine() {
	th := v.current()
	dbg, ok := th.GetStack(0)
	if !ok {
		return
	}
	if _, err := th.GetInfo("Sl", dbg, nil); err != nil || dbg.CurrentLine <= 0 {
		return
	}
	c := v.opts.Cover
	lines := c.files[dbg.Source]
	if _, known := lines[dbg.CurrentLine]; !known {
		return
	}
	if at := (coveredLine{dbg.Source, dbg.CurrentLine}); at != c.last {
		c.last = at
		lines[at.line]++
	}
}

// FileCoverage is the coverage of one script.
type FileCoverage struct {
	File    string  `json:"file" column:"1" key:"true"`
	Percent float64 `json:"percent" column:"2"`
	Covered int     `json:"covered" column:"3"`
	Lines   int     `json:"lines" column:"4"`
	Missed  string  `json:"missed" column:"5"` // line numbers and ranges
}

// Files lists the scripts with their coverage, by name.
func (c *Coverage) Files() []FileCoverage {
	var out []FileCoverage
	for name, lines := range c.files {
		f := FileCoverage{File: name, Lines: len(lines)}
		var missed []int
		for line, n := range lines {
			if n > 0 {
				f.Covered++
			} else {
				missed = append(missed, line)
			}
		}
		if f.Lines > 0 {
			f.Percent = float64(f.Covered*1000/f.Lines) / 10
		}
		f.Missed = ranges(missed)
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b FileCoverage) int { return strings.Compare(a.File, b.File) })
	return out
}

// ranges writes line numbers shortly: 3, 7-9.
func ranges(lines []int) string {
	slices.Sort(lines)
	var parts []string
	for i := 0; i < len(lines); {
		j := i
		for j+1 < len(lines) && lines[j+1] == lines[j]+1 {
			j++
		}
		if i == j {
			parts = append(parts, fmt.Sprint(lines[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", lines[i], lines[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// WriteLCOV writes the coverage in the form that genhtml and CI services read.
func (c *Coverage) WriteLCOV(w io.Writer) error {
	var b strings.Builder
	for _, f := range c.Files() {
		fmt.Fprintf(&b, "TN:\nSF:%s\n", f.File)
		var lines []int
		for line := range c.files[f.File] {
			lines = append(lines, line)
		}
		slices.Sort(lines)
		for _, line := range lines {
			fmt.Fprintf(&b, "DA:%d,%d\n", line, c.files[f.File][line])
		}
		fmt.Fprintf(&b, "LF:%d\nLH:%d\nend_of_record\n", f.Lines, f.Covered)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
