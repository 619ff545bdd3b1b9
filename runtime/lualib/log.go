package lualib

import (
	"slices"
	"strings"

	"github.com/rs/zerolog"

	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) log() Module {
	m := Module{
		Name: "log", Doc: "Log lines on standard error: for people, or as JSON with --log-format json. --log-level says from which level on (info). Secrets are masked.",
	}
	for _, level := range []zerolog.Level{zerolog.DebugLevel, zerolog.InfoLevel, zerolog.WarnLevel, zerolog.ErrorLevel} {
		m.Funcs = append(m.Funcs, Func{
			Name: level.String(), Doc: "Writes a line of the level " + level.String() + ".",
			Example: "log." + level.String() + "(\"imported\", {count = 12, file = \"users.csv\"})",
			Params: []Param{
				{Name: "message", Type: "string", Doc: "what happened"},
				{Name: "fields", Type: "table<string, any>", Optional: true, Doc: "what belongs to it, by name"},
			},
			Run: func(c *Call) (any, error) {
				k.logLine(level, c.Text("message", ""), c.Object("fields"))
				return nil, nil
			},
		})
	}
	m.Funcs = append(m.Funcs, Func{
		Name: "enabled", Doc: "Tells whether lines of a level are written, so that costly ones need not be made.",
		Example: "print(log.enabled(\"error\"))  --> true",
		Params:  []Param{{Name: "level", Type: "string", Doc: "debug, info, warn or error"}}, Returns: []Return{{"", "boolean", ""}},
		Run: func(c *Call) (any, error) {
			level, err := zerolog.ParseLevel(c.Text("level", ""))
			if err != nil || level < zerolog.DebugLevel || level > zerolog.ErrorLevel {
				return nil, c.Wrong("level", "want debug, info, warn or error, got %q", c.Text("level", ""))
			}
			logger := k.logger()
			return logger.WithLevel(level) != nil && level >= logger.GetLevel(), nil
		},
	})
	return m
}

// logLine writes one line, masked, its fields in order.
func (k *kit) logLine(level zerolog.Level, message string, fields *value.Object) {
	logger := k.logger()
	event := logger.WithLevel(level)
	if level < logger.GetLevel() {
		return
	}
	if fields.Len() > 0 {
		for _, name := range fields.Keys() {
			key := name
			if slices.Contains([]string{zerolog.LevelFieldName, zerolog.MessageFieldName, zerolog.TimestampFieldName}, name) {
				key = name + "_" // a field of the line itself has that name
			}
			v, _ := fields.Get(name)
			event.RawJSON(key, k.maskedField(name, v))
		}
	}
	event.Msg(k.mask(message))
}

// maskedField is the JSON of a field, masked as the member of its name.
func (k *kit) maskedField(name string, v any) []byte {
	text, err := value.Marshal(value.NewObject(name, v))
	if err != nil { // a number that JSON can't hold
		text, _ = value.Marshal(value.NewObject(name, value.Describe(v)))
	}
	masked, err := value.Parse([]byte(k.mask(string(text))))
	if o, ok := masked.(*value.Object); ok && err == nil {
		v, _ = o.Get(name)
		if text, err = value.Marshal(v); err == nil {
			return text
		}
	}
	return []byte(`"` + strings.Repeat("*", 3) + `"`)
}
