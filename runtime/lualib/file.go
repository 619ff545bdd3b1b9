package lualib

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	lua "github.com/yuin/gopher-lua"

	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

func (k *kit) file() Module {
	path := Param{Name: "path", Type: "string", Doc: "the file"}
	text := Param{Name: "text", Type: "string", Doc: "what to write"}
	return Module{
		Name: "file", Doc: "Files, as far as the script's profile lets it reach them. A missing file is an error of kind not_found.",
		Classes: []Class{{"file.Info", "What is known of a file.", []Param{
			{Name: "name", Type: "string", Doc: "its name, without the folder"}, {Name: "size", Type: "integer", Doc: "in bytes"},
			{Name: "modified", Type: "integer", Doc: "when it was last written, in milliseconds"},
			{Name: "is_dir", Type: "boolean", Doc: "whether it is a folder"}, {Name: "mode", Type: "string", Doc: "its permissions, -rw-r--r--"},
		}}},
		Funcs: []Func{
			{
				Name: "read", Doc: "Reads a whole file.", Example: "file.write(\"a.txt\", \"hello\")\nprint(file.read(\"a.txt\"))  --> hello",
				Params: []Param{path}, Returns: []Return{{"", "string", ""}}, Run: k.fileRead,
			},
			{
				Name: "lines", Doc: "Iterates over the lines of a file, which is never held in memory as a whole. Line breaks are left out.",
				Example: "file.write(\"a.txt\", \"one\\ntwo\\n\")\nfor line in file.lines(\"a.txt\") do print(line) end  --> one\n--> two",
				Params:  []Param{path}, Returns: []Return{{"", "fun(): string?", ""}}, Run: k.fileLines,
			},
			{
				Name: "write", Doc: "Writes a file: whole, or not at all when something fails.",
				Example: "file.write(\"a.txt\", \"hello\\n\")\nprint(file.stat(\"a.txt\").size)  --> 6",
				Params:  []Param{path, text}, Run: func(c *Call) (any, error) {
					return nil, k.withFile(c, "write", k.Files.Write != nil, func(name string) error {
						return k.Files.Write(name, []byte(c.Text("text", "")))
					})
				},
			},
			{
				Name: "append", Doc: "Adds to the end of a file, which is made if it isn't there.",
				Example: "file.append(\"a.log\", \"x\")\nfile.append(\"a.log\", \"y\")\nprint(file.read(\"a.log\"))  --> xy",
				Params:  []Param{path, text}, Run: func(c *Call) (any, error) {
					return nil, k.withFile(c, "write", k.Files.Append != nil, func(name string) error {
						return k.Files.Append(name, []byte(c.Text("text", "")))
					})
				},
			},
			{
				Name: "exists", Doc: "Tells whether there is a file or folder of that name.", Example: "print(file.exists(\"no.txt\"))  --> false",
				Params: []Param{path}, Returns: []Return{{"", "boolean", ""}}, Run: func(c *Call) (any, error) {
					found := false
					err := k.withFile(c, "look at", k.Files.Stat != nil, func(name string) error {
						_, err := k.Files.Stat(name)
						if found = err == nil; errors.Is(err, fs.ErrNotExist) {
							err = nil
						}
						return err
					})
					return found, err
				},
			},
			{
				Name: "stat", Doc: "Says what is known of a file.", Example: "file.mkdir(\"d\")\nprint(file.stat(\"d\").is_dir)  --> true",
				Params: []Param{path}, Returns: []Return{{"", "file.Info", ""}}, Run: func(c *Call) (any, error) {
					var info *value.Object
					err := k.withFile(c, "look at", k.Files.Stat != nil, func(name string) error {
						i, err := k.Files.Stat(name)
						if err == nil {
							info = value.NewObject("name", filepath.Base(name), "size", i.Size(), "modified", i.ModTime().UnixMilli(),
								"is_dir", i.IsDir(), "mode", i.Mode().String())
						}
						return err
					})
					return info, err
				},
			},
			{
				Name: "list", Doc: "Lists the names in a folder, in order; folders end with a slash.",
				Example: "file.mkdir(\"d/sub\")\nfile.write(\"d/a.txt\", \"\")\nprint(str.join(file.list(\"d\"), \" \"))  --> a.txt sub/",
				Params:  []Param{{Name: "path", Type: "string", Optional: true, Doc: "the folder, by default the current one"}},
				Returns: []Return{{"", "string[]", ""}}, Run: func(c *Call) (any, error) {
					names := value.List{}
					err := k.withFile(c, "list", k.Files.List != nil, func(name string) error {
						entries, err := k.Files.List(name)
						for _, e := range entries {
							if e.IsDir() {
								names = append(names, e.Name()+"/")
							} else {
								names = append(names, e.Name())
							}
						}
						return err
					})
					return names, err
				},
			},
			{
				Name: "mkdir", Doc: "Makes a folder, and those above it; one that is there already is fine.",
				Example: "file.mkdir(\"a/b\")\nprint(file.exists(\"a/b\"))  --> true",
				Params:  []Param{{Name: "path", Type: "string", Doc: "the folder"}}, Run: func(c *Call) (any, error) {
					return nil, k.withFile(c, "make", k.Files.Mkdir != nil, k.Files.Mkdir)
				},
			},
			{
				Name: "remove", Doc: "Removes a file or an empty folder, or with recursive a folder and all that is in it.",
				Example: "file.write(\"a.txt\", \"\")\nfile.remove(\"a.txt\")\nprint(file.exists(\"a.txt\"))  --> false",
				Params: []Param{path, {Name: "options", Type: "table", Optional: true, Doc: "how", Fields: []Param{
					{Name: "recursive", Type: "boolean", Optional: true, Doc: "with all that is in it"},
				}}}, Run: func(c *Call) (any, error) {
					remove := k.Files.Remove
					if c.Bool("recursive", false) {
						remove = k.Files.RemAll
					}
					return nil, k.withFile(c, "remove", remove != nil, remove)
				},
			},
		},
	}
}

// withFile does something with the file that the argument path names.
func (k *kit) withFile(c *Call, doing string, may bool, do func(name string) error) error {
	if !may {
		return refused()
	}
	name := c.Text("path", ".")
	if name == "" {
		return c.Wrong("path", "it is empty")
	}
	if err := do(name); err != nil {
		return fileFault(doing, name, err)
	}
	return nil
}

func (k *kit) fileRead(c *Call) (any, error) {
	name := c.Text("path", "")
	f, err := k.openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(watched{c.Context(), f})
	if err != nil {
		return nil, fileFault("read", name, err)
	}
	return string(text), nil
}

// fileLines makes an iterator; the file is closed at its end, or with the VM.
func (k *kit) fileLines(c *Call) (any, error) {
	name := c.Text("path", "")
	f, err := k.openFile(name)
	if err != nil {
		return nil, err
	}
	closeNow := c.VM.Own(func() { _ = f.Close() })
	lines := newLineReader(watched{c.Context(), f})
	done := false
	return c.L.NewFunction(func(L *lua.LState) int {
		if done {
			return 0
		}
		line, err := lines.next()
		if err != nil {
			done = true
			closeNow()
			if err != io.EOF {
				e := *fault.From(fileFault("read", name, err))
				e.Op = "file.lines"
				c.VM.Raise(L, &e)
			}
			return 0
		}
		L.Push(lua.LString(line))
		return 1
	}), nil
}
