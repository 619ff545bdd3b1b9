package load

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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

// manifest is the Job, with a place for each of its values.
const manifest = `# {model}, in {shards} pods. Made by imctl run --export kubernetes.
#
#   kubectl create secret generic imctl --from-file=secret=FILE     # the server's secret, once
#   kubectl create -f THIS-FILE
#   kubectl wait --for=condition=complete --timeout=-1s job/{name}
#   for pod in $(kubectl get pods -l job-name={name} -o name); do kubectl logs "$pod" > "${pod#pod/}.log"; done
#   imctl report merge {name}-*.log --report html=load.html
#
# Each pod makes its part of the load; report merge adds their reports and judges the thresholds.
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
data:
  {file}: {text}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: imctl
spec:
  completionMode: Indexed
  completions: {shards}
  parallelism: {shards}
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
          image: {image}
          command: [imctl]
          args:
{args}          env:
{env}            - name: IMCTL_SECRET
              valueFrom:
                secretKeyRef:
                  name: imctl
                  key: secret
            - name: HOME
              value: /home/imctl
          resources:
            requests:
              cpu: "1"
              memory: {memory}Mi
            limits:
              memory: {limit}Mi
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
            name: {name}
        - name: home
          emptyDir: {}
`

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
	var lines, variables strings.Builder
	for _, a := range args {
		lines.WriteString("            - " + quoteYAML(a) + "\n")
	}
	for _, v := range j.Environment {
		variables.WriteString("            - name: " + v.Name + "\n              value: " + quoteYAML(v.Value))
		if v.Note != "" {
			variables.WriteString(" # " + v.Note)
		}
		variables.WriteString("\n")
	}
	return strings.NewReplacer(
		"{model}", whole.Model(), "{shards}", strconv.Itoa(j.Shards), "{name}", strings.Trim(fmt.Sprintf("imctl-%.40s-%.8s", base, j.digest()), "-"),
		"{file}", quoteYAML(file), "{text}", literalYAML(j.Text), "{image}", quoteYAML(j.Image), "{args}", lines.String(), "{env}", variables.String(),
		"{memory}", strconv.Itoa(memory), "{limit}", strconv.Itoa(1024+2*memory),
	).Replace(manifest), nil
}

// quoteYAML is a text as a YAML scalar: JSON's strings are YAML's.
func quoteYAML(text string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // of a string never fails
	return strings.TrimSuffix(b.String(), "\n")
}

// literalYAML is a text as a literal block below a key that is indented by two, or quoted when a block can't hold it.
func literalYAML(text string) string {
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
	return mark + "\n" + strings.Join(lines, "\n")
}
