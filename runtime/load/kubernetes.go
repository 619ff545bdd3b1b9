package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Job is a load that several pods make together, as an indexed Job of Kubernetes. It names the Secret that holds the
// server's secret; the secret itself is not in it.
type Job struct {
	Head
	Flags       []string // of imctl run, that say what load to make
	Shards      int
	Image       string
	Environment []Variable // what the pods know of the deployment
}

// Variable is a variable of the environment of a pod.
type Variable struct{ Name, Value, Note string }

// maxScript is how large a ConfigMap may be, with room for its own fields.
const maxScript = 1<<20 - 4<<10

const manifest = `# {{.Model}}, in {{.Shards}} pods. Made by imctl run --export kubernetes.
#
#   kubectl create secret generic imctl --from-file=secret=FILE     # the server's secret, once
#   kubectl create -f THIS-FILE
#   kubectl wait --for=condition=complete --timeout=-1s job/{{.Name}}
#   for pod in $(kubectl get pods -l job-name={{.Name}} -o name); do kubectl logs "$pod" > "${pod#pod/}.log"; done
#   imctl report merge {{.Name}}-*.log --report html=load.html
#
# Each pod makes its part of the load; report merge adds their reports and judges the thresholds.
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{.Name}}
data:
  {{quote .File}}: {{literal .Text}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{.Name}}
  labels:
    app.kubernetes.io/name: imctl
spec:
  completionMode: Indexed
  completions: {{.Shards}}
  parallelism: {{.Shards}}
  backoffLimit: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: imctl
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      containers:
        - name: imctl
          image: {{quote .Image}}
          command: [imctl]
          args:
{{range .Args}}            - {{quote .}}
{{end}}          env:
{{range .Environment}}            - name: {{.Name}}
              value: {{quote .Value}}{{with .Note}} # {{.}}{{end}}
{{end}}            - name: IMCTL_SECRET
              valueFrom:
                secretKeyRef:
                  name: imctl
                  key: secret
            - name: HOME
              value: /home/imctl
          resources:
            requests:
              cpu: "1"
              memory: {{.Memory}}Mi
            limits:
              memory: {{.MemoryLimit}}Mi
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: script
              mountPath: /load
              readOnly: true
            - name: home
              mountPath: /home/imctl
      volumes:
        - name: script
          configMap:
            name: {{.Name}}
        - name: home
          emptyDir: {}
`

// manifestTemplate is read when a manifest is first asked for.
var manifestTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("job").Funcs(template.FuncMap{"quote": quoteYAML, "literal": literalYAML}).Parse(manifest)
})

// Manifest is the ConfigMap with the script and the Job, as YAML.
func (j Job) Manifest() (string, error) {
	if len(j.Text) > maxScript {
		return "", fault.New(fault.Usage, "%s has %d bytes; a ConfigMap holds %d", j.Script, len(j.Text), maxScript)
	}
	file := regexp.MustCompile(`[^-._a-zA-Z0-9]+`).ReplaceAllString(filepath.Base(j.Script), "-")
	base := strings.ToLower(strings.TrimSuffix(file, filepath.Ext(file)))
	base = strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(base, "-"), "-")
	args := append([]string{"-q", "run"}, j.Flags...)
	args = append(args, "--shard", "job/"+strconv.Itoa(j.Shards), "--report", "json", "/load/"+file)
	args = append(args, j.Args...)
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "$(", "$$(") // a pod would read a variable
	}
	whole := j.Plan
	whole.Shard = Shard{1, 1}
	most := max(whole.VUs, whole.MaxVUs)
	for _, s := range whole.Stages {
		most = max(most, s.VUs)
	}
	memory := 256 + 2*((most+j.Shards-1)/j.Shards) // of a VU one, and as much again for what it works on
	t, err := manifestTemplate()
	if err != nil {
		return "", fault.New(fault.Internal, "the manifest: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"Model": whole.Model(), "Shards": j.Shards, "Name": strings.Trim(fmt.Sprintf("imctl-%.40s-%.8s", base, j.digest()), "-"), "File": file, "Text": j.Text,
		"Image": j.Image, "Args": args, "Environment": j.Environment, "Memory": memory, "MemoryLimit": 1024 + 2*memory,
	})
	if err != nil {
		return "", fault.New(fault.Internal, "the manifest: %w", err)
	}
	return b.String(), nil
}

// quoteYAML is a text as a YAML scalar: JSON's strings are YAML's.
func quoteYAML(text string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(text)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// literalYAML is a text as a literal block below a key that is indented by two, or quoted when a block can't hold it.
func literalYAML(text string) (string, error) {
	odd := strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && !unicode.IsPrint(r) || r == utf8.RuneError
	})
	if odd || strings.Trim(text, "\n ") == "" {
		return quoteYAML(text)
	}
	body, mark := strings.TrimRight(text, "\n"), "|2"
	switch trailing := len(text) - len(body); trailing {
	case 0:
		mark += "-"
	case 1:
	default:
		return quoteYAML(text)
	}
	lines := strings.Split(body, "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = "    " + l
		}
	}
	return mark + "\n" + strings.Join(lines, "\n"), nil
}
