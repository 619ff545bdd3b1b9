package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/tidwall/gjson"
)

// exported is the manifest of a load with a script that is hard to write as YAML.
func exported(t *testing.T) string {
	t.Helper()
	p := newPerson(t, true)
	script := filepath.Join(t.TempDir(), "Odd name: 1.lua")
	if err := os.WriteFile(script, []byte("\n  -- begins with a space: \"quotes\" & {braces}\nscenario.options {vus = 8, duration = \"1m\"}\n\n\tscenario.iterate(function() end)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := p.wants(t, 0, "run", "--export", "kubernetes", "--shards", "4", "--image", "example.com/imctl:1", "--threshold", `http_p95 < 1s`, script, `a "b": c`)
	if strings.Contains(r.stdout, p.server.Secret) {
		t.Errorf("the secret is in the manifest:\n%s", r.stdout)
	}
	return r.stdout
}

// TestExportedManifest reads the manifest as a Kubernetes API server would, and looks at what makes it an indexed Job.
func TestExportedManifest(t *testing.T) {
	text := exported(t)
	dec := yaml.NewDecoder(strings.NewReader(text), yaml.UseOrderedMap())
	var docs []string
	for {
		var doc any
		if dec.Decode(&doc) != nil {
			break
		}
		out, err := yaml.MarshalWithOptions(doc, yaml.JSON())
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, string(out))
	}
	if len(docs) != 2 {
		t.Fatalf("%d documents:\n%s", len(docs), text)
	}
	configMap, job := docs[0], docs[1]
	for _, c := range []struct{ doc, path, want string }{
		{configMap, "kind", "ConfigMap"},
		{configMap, `data.Odd-name-1\.lua`, "\n  -- begins with a space: \"quotes\" & {braces}\nscenario.options {vus = 8, duration = \"1m\"}\n\n\tscenario.iterate(function() end)\n"},
		{job, "apiVersion", "batch/v1"},
		{job, "kind", "Job"},
		{job, "spec.completionMode", "Indexed"},
		{job, "spec.completions", "4"},
		{job, "spec.parallelism", "4"},
		{job, "spec.backoffLimit", "0"},
		{job, "spec.template.spec.restartPolicy", "Never"},
		{job, "spec.template.spec.containers.0.image", "example.com/imctl:1"},
		{job, "spec.template.spec.containers.0.args.@ugly", `["-q","run","--threshold","http_p95 < 1s","--shard","job/4","--report","json","/load/Odd-name-1.lua","a \"b\": c"]`},
		{job, `spec.template.spec.containers.0.env.#(name=="IMCTL_SECRET").valueFrom.secretKeyRef.@ugly`, `{"name":"imctl","key":"secret"}`},
		{job, "spec.template.spec.volumes.0.configMap.name", gjson.Get(configMap, "metadata.name").String()},
	} {
		if got := gjson.Get(c.doc, c.path).String(); got != c.want {
			t.Errorf("%s is %q, want %q", c.path, got, c.want)
		}
	}
	for _, name := range []string{gjson.Get(configMap, "metadata.name").String(), gjson.Get(job, "metadata.name").String()} {
		if !strings.HasPrefix(name, "imctl-odd-name-1-") || len(name) > 63 {
			t.Errorf("the name %q", name)
		}
	}
}

// TestExportWithKubectl has kubectl itself read the manifest. It asks an API server what kinds there are, also when nothing
// is sent: one that only tells that stands in for it.
func TestExportWithKubectl(t *testing.T) {
	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("SKIPPED: kubectl is not installed")
	}
	text := exported(t)
	server := httptest.NewServer(discovery())
	defer server.Close()
	cmd := exec.Command(kubectl, "--server", server.URL, "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-")
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	cmd.Stdin = strings.NewReader(text)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("kubectl refuses the manifest: %v\n%s\n%s", err, errs.String(), text)
	}
	docs := "[" + strings.ReplaceAll(string(out), "}\n{", "},{") + "]"
	for path, want := range map[string]string{
		"#": "2", `#(kind=="Job").spec.completionMode`: "Indexed", `#(kind=="Job").spec.completions`: "4", `#(kind=="ConfigMap").apiVersion`: "v1",
	} {
		if got := gjson.Get(docs, path).String(); got != want {
			t.Errorf("by kubectl %s is %q, want %q", path, got, want)
		}
	}
}

// discovery answers what kinds a cluster has.
func discovery() http.Handler {
	type object = map[string]any
	answers := map[string]any{
		"/api":  object{"kind": "APIVersions", "versions": []string{"v1"}},
		"/apis": object{"kind": "APIGroupList", "apiVersion": "v1", "groups": []object{{"name": "batch", "versions": []object{{"groupVersion": "batch/v1", "version": "v1"}}, "preferredVersion": object{"groupVersion": "batch/v1", "version": "v1"}}}},
		"/api/v1": object{"kind": "APIResourceList", "groupVersion": "v1", "resources": []object{
			{"name": "configmaps", "singularName": "configmap", "namespaced": true, "kind": "ConfigMap", "verbs": []string{"create", "get"}}}},
		"/apis/batch/v1": object{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "batch/v1", "resources": []object{
			{"name": "jobs", "singularName": "job", "namespaced": true, "kind": "Job", "verbs": []string{"create", "get"}}}},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[strings.TrimSuffix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // a client that goes away is no matter here
	})
}
