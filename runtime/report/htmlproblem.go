package report

import (
	"github.com/openimsdk/imctl/runtime/output"
	"github.com/openimsdk/imctl/runtime/testrun"
)

func (p page) problem(x testrun.Problem) {
	if x.During != "" {
		p.Add("<h3>during</h3><p>%s</p>", plain(x.During))
	}
	p.Add("\n<h3>failure</h3>\n<pre class=\"message\">%s</pre>", output.Escape(x.Message, true))
	if len(x.Diff) > 0 {
		p.difference(x.Diff)
	}
	if x.Hint != "" {
		p.Add("<h3>hint</h3><p>%s</p>", plain(x.Hint))
	}
	if x.At != "" {
		p.Add("\n<h3>at</h3>\n<div><code class=\"place\">%s</code>", plain(x.At))
		if x.Source != "" {
			p.Add(`<pre class="source">%s</pre>`, plain(x.Source))
		}
		p.Raw("</div>")
	}
	if len(x.Trace) > 0 {
		p.Raw("\n<h3>from</h3>\n<div class=\"trace\">")
		for _, frame := range x.Trace {
			p.Add("<code>%s</code><br>", plain(frame))
		}
		p.Raw("</div>")
	}
	if len(x.Calls) > 0 {
		p.calls(x.Calls)
	}
	if len(x.Logs) > 0 {
		p.Raw("\n<h3>server log</h3>\n<pre class=\"logs\">")
		for i, l := range x.Logs {
			p.nextLine(i)
			p.Add("%s", plain(l))
		}
		p.Raw("</pre>")
	}
}

func (p page) difference(lines []string) {
	p.Raw("\n<h3>difference</h3>\n<pre class=\"diff\">")
	for i, l := range lines {
		p.nextLine(i)
		if d := splitDifference(l); d != nil {
			p.Add(`%sgot <span class="got">%s</span>, want <span class="want">%s</span>`, d.At, d.Got, d.Want)
		} else {
			p.Add("%s", output.Escape(l, true))
		}
	}
	p.Raw("</pre>")
}

func (p page) calls(calls []testrun.Call) {
	p.Raw(`
<h3>last calls</h3>
<div class="scroll"><table class="calls">
<thead><tr><th scope="col">call</th><th scope="col" class="number">HTTP</th><th scope="col" class="number">errCode</th><th scope="col" class="number">ms</th><th scope="col">operationID</th></tr></thead>
<tbody>`)
	for _, c := range calls {
		p.Raw("\n<tr")
		if c.Code != 0 || c.Status >= 400 || c.Status == 0 {
			p.Raw(` class="bad"`)
		}
		p.Add("><td>%s %s</td>", plain(c.Method), plain(c.Path))
		if c.Status != 0 {
			p.Add(`<td class="number">%d</td><td class="number">%d</td>`, c.Status, c.Code)
		} else {
			p.Raw(`<td class="number" colspan="2">no answer</td>`)
		}
		p.Add(`<td class="number">%.1f</td><td>%s</td></tr>`, c.MS, plain(c.OperationID))
	}
	p.Raw("\n</tbody></table></div>")
}
