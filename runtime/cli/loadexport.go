package cli

import (
	"io"
	"net/url"
	"strings"

	"github.com/spf13/pflag"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/runtime/load"
)

// placeholderImage stands for an image that holds imctl, until --image names one.
const placeholderImage = "imctl:latest"

// exports are the forms of --export.
var exports = []string{"kubernetes"}

// addExportFlags adds the flags that print a load for other machines.
func (l *loadFlags) addExportFlags(f *pflag.FlagSet) {
	f.StringVar(&l.export, "export", "", "load: run nothing, print what makes it elsewhere: "+strings.Join(exports, "|")+" (an indexed Job)")
	f.IntVar(&l.shards, "shards", 0, "load: with --export, over so many pods")
	f.StringVar(&l.image, "image", placeholderImage, "load: with --export, the image that holds imctl")
}

// checkExport checks the flags of --export among one another.
func (l *loadFlags) checkExport() error {
	for _, name := range []string{"shards", "image"} {
		if l.export == "" && l.flags.Changed(name) {
			return fault.New(fault.Usage, "--%s goes with --export", name)
		}
	}
	if l.export == "" {
		return nil
	}
	for _, known := range exports {
		if l.export != known {
			return fault.New(fault.Usage, "--export: no form %q%s", l.export, fault.DidYouMean(l.export, exports))
		}
	}
	if l.shards < 1 {
		return fault.New(fault.Usage, "--export needs --shards: over how many pods the load is split")
	}
	if l.flags.Changed("shard") {
		return fault.New(fault.Usage, "--shard does not go with --export: each pod finds its own")
	}
	if len(l.reports.asked) > 0 {
		return fault.New(fault.Usage, "--report does not go with --export: the pods print theirs")
	}
	return nil
}

// exportLoad prints the manifest of a load. The script has run, so that its options are known.
func (a *app) exportLoad(l *loadRun) error {
	options := l.main.Options().Override(l.options)
	if _, err := options.Plan(load.Shard{Index: 1, Of: l.flags.shards}); err != nil {
		return err
	}
	plan, err := options.Plan(load.Shard{})
	if err != nil {
		return err
	}
	if plan.Smoke {
		return fault.New(fault.Usage, "%s says nothing of how much load it makes", l.name).WithHint("add --vus N --duration D, or use scenario.options in it")
	}
	t, err := a.resolve()
	if err != nil {
		return err
	}
	job := load.Job{
		Head:  load.Head{Version: Version, Script: l.name, Text: l.text, Args: l.args, Plan: plan},
		Flags: l.flags.said(), Shards: l.flags.shards, Image: l.flags.image,
	}
	if strings.HasPrefix(job.Script, "(") {
		job.Script = "script.lua"
	}
	for _, v := range []load.Variable{
		{Name: "IMCTL_SERVER", Value: withoutPassword(t.API)}, {Name: "IMCTL_GATEWAY", Value: withoutPassword(t.Gateway)}, {Name: "IMCTL_ADMIN", Value: t.Admin},
	} {
		switch {
		case t.Sandbox && v.Name == "IMCTL_SERVER":
			v.Value, v.Note = "http://openim-api:10002", "the API's address, as pods see it"
		case t.Sandbox && v.Name == "IMCTL_GATEWAY":
			v.Value, v.Note = "ws://openim-msggateway:10001", "the gateway's address, as pods see it"
		case v.Value == "":
			continue
		}
		job.Environment = append(job.Environment, v)
	}
	if l.flags.image == placeholderImage {
		a.note("the image %s is a placeholder: name one that holds imctl with --image", placeholderImage)
	}
	text, err := job.Manifest()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(a.sys.Stdout, text); err != nil {
		return fault.New(fault.Script, "can't write to standard output: %w", err)
	}
	return nil
}

// said are the flags that say what load to make, as they were given.
func (l *loadFlags) said() []string {
	var out []string
	for _, name := range loadNames {
		flag := l.flags.Lookup(name)
		if !flag.Changed {
			continue
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				out = append(out, "--"+name, v)
			}
			continue
		}
		out = append(out, "--"+name, flag.Value.String())
	}
	return out
}

// withoutPassword is an address without the name and password in it.
func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}
