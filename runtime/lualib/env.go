package lualib

import (
	"strings"

	"github.com/openimsdk/imctl/bindings/fault"
)

func (k *kit) env() Module {
	name := Param{Name: "name", Type: "string", Doc: "the variable"}
	return Module{
		Name: "env", Doc: "The environment of the process. The value of a variable whose name says that it is secret (SECRET, TOKEN, PASSWORD, KEY) is masked " +
			"in what http and log write. Not in a restricted script.",
		Funcs: []Func{
			{
				Name: "get", Doc: "Reads a variable; one that is not set, or empty, gives the default, or nil.",
				Example: "print(env.get(\"NO_SUCH_VARIABLE\", \"none\"))  --> none",
				Params:  []Param{name, {Name: "default", Type: "any", Raw: true, Optional: true, Doc: "what to return when it is not set"}},
				Returns: []Return{{"", "string?", ""}},
				Run: func(c *Call) (any, error) {
					s, err := k.getenv(c.Text("name", ""))
					if err != nil || s != "" {
						return s, err
					}
					return c.Raw("default"), nil
				},
			},
			{
				Name: "need", Doc: "Reads a variable that must be set; else an error says which one is missing.",
				Example: "print((pcall(env.need, \"NO_SUCH_VARIABLE\")))  --> false",
				Params:  []Param{name}, Returns: []Return{{"", "string", ""}},
				Run: func(c *Call) (any, error) {
					s, err := k.getenv(c.Text("name", ""))
					if err == nil && s == "" {
						err = fault.New(fault.Usage, "the environment variable %s is not set", c.Text("name", ""))
					}
					return s, err
				},
			},
		},
	}
}

func (k *kit) getenv(name string) (string, error) {
	if k.Restricted {
		return "", fault.New(fault.Denied, "a restricted script can't read the environment")
	}
	s := k.Getenv(name)
	if s != "" && secretName(name) {
		k.keepSecret(s)
	}
	return s, nil
}

// secretName tells whether the name of a variable says that its value is secret.
func secretName(name string) bool {
	name = strings.ToUpper(name)
	for _, word := range []string{"SECRET", "TOKEN", "PASSWORD", "PASSWD", "_KEY"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
