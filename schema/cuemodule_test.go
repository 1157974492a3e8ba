//go:build unix

package schema

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/read"
)

// tree writes files into a directory. A text that starts with -> is a symbolic link,
// "pipe" a named pipe, "directory" a directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o777)
		switch to, link := strings.CutPrefix(data, "-> "); {
		case err != nil:
		case link:
			err = os.Symlink(to, path)
		case data == "pipe":
			err = syscall.Mkfifo(path, 0o666)
		case data == "directory":
			err = os.Mkdir(path, 0o777)
		default:
			err = os.WriteFile(path, []byte(data), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const moduleFile = `module: "example.com/m@v0", language: version: "v0.12.0"`

// TestImports loads a spec that imports a package, in trees where that is one thing or another.
func TestImports(t *testing.T) {
	outside := tree(t, map[string]string{"lib.cue": "package lib\nDo: \"outside\"", "module.cue": moduleFile})
	many := map[string]string{}
	for i := range read.MaxImportDirs + 1 {
		many[fmt.Sprintf("lib%d/lib.cue", i)] = fmt.Sprintf("package lib%d\nimport \"example.com/m/lib%d\"\nDo: lib%d.Do", i, i+1, i+1)
	}
	many["lib/lib.cue"] = "package lib\nimport \"example.com/m/lib0\"\nDo: lib0.Do"
	large := map[string]string{}
	for i := range 9 {
		large[fmt.Sprintf("lib/%d.cue", i)] = "package lib\n//" + strings.Repeat("x", 1<<20-100)
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string // the description of the spec, or a part of its findings
	}{
		"package":            {map[string]string{"lib/lib.cue": "package lib\nDo: \"it\""}, "it"},
		"several files":      {map[string]string{"lib/a.cue": "package lib\nDo: _x", "lib/b.cue": "package lib\n_x: \"it\""}, "it"},
		"directories above":  {map[string]string{"lib/a.cue": "package lib\nDo: _x", "b.cue": "package lib\n_x: \"it\""}, "it"},
		"only above":         {map[string]string{"lib/a.cue": "package other", "b.cue": "package lib\nDo: \"it\""}, `cannot find package "example.com/m/lib"`},
		"link within":        {map[string]string{"lib/lib.cue": "-> ../real/lib.cue", "real/lib.cue": "package lib\nDo: \"it\""}, "it"},
		"link to directory":  {map[string]string{"lib": "-> real", "real/lib.cue": "package lib\nDo: \"it\""}, "it"},
		"of another name":    {map[string]string{"lib/a.cue": "package lib\nDo: \"it\"", "lib/b.cue": "package other {"}, "it"},
		"tests and tools":    {map[string]string{"lib/a.cue": "package lib\nDo: \"it\"", "lib/a_test.cue": "package lib\nDo: 1", "lib/a_tool.cue": "package lib\nDo: 2", "lib/_a.cue": "package lib\nDo: 3"}, "it"},
		"build tags":         {map[string]string{"lib/a.cue": "@if(!a && (b || !c))\npackage lib\nDo: \"it\"", "lib/b.cue": "@if(a)\npackage lib\nDo: 1", "lib/c.cue": "@ignore()\npackage lib\nDo: 2"}, "it"},
		"directory as file":  {map[string]string{"lib/a.cue": "package lib\nDo: \"it\"", "lib/b.cue": "directory"}, "it"},
		"below cue.mod":      {map[string]string{"cue.mod/pkg/example.com/m/lib/a.cue": "package lib\nDo: _x", "cue.mod/usr/example.com/m/lib/b.cue": "package lib\n_x: \"it\""}, "it"},
		"of other packages":  {map[string]string{"lib/a.cue": "package lib\nimport \"example.com/m/a/b:c\"\nDo: c.Do", "a/b/b.cue": "package c\nDo: \"it\""}, "it"},
		"nothing":            {nil, `cannot find package "example.com/m/lib": it is neither in this CUE module nor below its cue.mod/pkg, and promslo downloads none`},
		"link out":           {map[string]string{"lib/lib.cue": "-> " + outside + "/lib.cue"}, "lib/lib.cue: this is a link that leads out of the CUE module, or nowhere"},
		"link to nowhere":    {map[string]string{"lib/lib.cue": "-> nowhere.cue"}, "lib/lib.cue: this is a link that leads out of the CUE module, or nowhere"},
		"link to a device":   {map[string]string{"lib/lib.cue": "-> /dev/zero"}, "lib/lib.cue: this is a link that leads out"},
		"directory out":      {map[string]string{"lib": "-> " + outside}, "lib: this is a link that leads out of the CUE module, or nowhere"},
		"pipe":               {map[string]string{"lib/lib.cue": "pipe"}, "lib/lib.cue: this is not a regular file"},
		"pipe as directory":  {map[string]string{"lib": "pipe"}, "cannot find package"},
		"module is a pipe":   {map[string]string{"cue.mod/module.cue": "pipe"}, "cue.mod/module.cue: this is not a regular file"},
		"module is a dir":    {map[string]string{"cue.mod/module.cue": "directory"}, "cue.mod/module.cue: this is not a regular file"},
		"module leads out":   {map[string]string{"cue.mod/module.cue": "-> " + outside + "/module.cue"}, "cue.mod/module.cue: this is a link that leads out"},
		"module is no CUE":   {map[string]string{"cue.mod/module.cue": "module: {"}, "cue.mod/module.cue cannot be used"},
		"cue.mod leads out":  {map[string]string{"cue.mod/module.cue": "", "cue.mod": "-> " + outside}, "cue.mod: this is a link that leads out"},
		"circle":             {map[string]string{"lib/a.cue": "package lib\nimport \"example.com/m/a\"\nDo: a.Do", "a/a.cue": "package a\nimport \"example.com/m/lib\"\nDo: lib.Do"}, "import failed: packages import each other in a circle: example.com/m/lib, example.com/m/a, example.com/m/lib"},
		"syntax":             {map[string]string{"lib/a.cue": "package lib\nDo: \"it"}, "lib/a.cue is not CUE: string literal not terminated"},
		"embed":              {map[string]string{"lib/a.cue": "@extern(embed)\npackage lib\nDo: _ @embed(file=a.cue,type=text)"}, "@embed and @extern are not supported, and lib/a.cue uses them"},
		"program":            {map[string]string{"lib/a.cue": "package lib\nimport \"tool/exec\"\n_x: exec.Run & {cmd: \"false\"}\nDo: \"it\""}, "it"},
		"chain":              {many, "the file imports packages from more than 1000 directories"},
		"a lot of text":      {large, "the imported packages have more than 8 MiB"},
		"a file too large":   {map[string]string{"lib/a.cue": "package lib\n//" + strings.Repeat("x", 1<<20)}, "lib/a.cue: the file has more than 1 MiB"},
		"module at Within":   {map[string]string{"lib/lib.cue": "package lib\nDo: \"it\""}, "it"},
		"module above":       {map[string]string{"lib/lib.cue": "package lib\nDo: \"it\""}, "no directory above the file has a cue.mod/module.cue"},
		"element that is ..": {map[string]string{"lib/lib.cue": "package lib"}, "invalid path element"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"cue.mod/module.cue": moduleFile, "services/users/.keep": ""}
			maps.Copy(files, test.files)
			if strings.HasPrefix(files["cue.mod"], "->") {
				delete(files, "cue.mod/module.cue")
			}
			dir := tree(t, files)
			in := read.Input{File: "services/users/a.slo.cue", Dir: filepath.Join(dir, "services", "users"), Format: read.CUE, Data: []byte(`package a
import "example.com/m/lib"
service: "users"
description: lib.Do
slos: up: {objective: 99, window: "7d", sli: uptime: expr: "up"}
`)}
			switch name {
			case "module at Within":
				in.Within = dir
			case "module above":
				in.Within = filepath.Join(dir, "services")
			case "element that is ..":
				in.Data = bytes.Replace(in.Data, []byte("m/lib"), []byte("m/../../lib"), 1)
			}
			services, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{in}, Options{})
			got := show(findings)
			if len(services) > 0 {
				got = services[0].Description
			}
			if !strings.Contains(got, test.want) || strings.Contains(got, dir) || len(services) > 0 && got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// TestNotEvaluated checks that files after an abandoned one share one finding.
func TestNotEvaluated(t *testing.T) {
	evaluate := func(file read.CUESource, _ read.Packages) (read.Evaluated, error) {
		if file.File == "a.cue" {
			return read.Evaluated{}, &read.Runaway{Reason: "it takes too much"}
		}
		return read.Evaluated{}, fmt.Errorf("there was another")
	}
	inputs := []read.Input{{File: "b.yaml", Data: []byte("service: users\nslos: {up: {objective: 99, window: 7d, sli: {uptime: {expr: up}}}}")}}
	for _, name := range []string{"a.cue", "c.cue", "d.cue", "e.cue"} {
		inputs = append(inputs, read.Input{File: name, Data: []byte("service: \"x\""), Format: read.CUE})
	}
	services, findings := LoadSpecs(t.Context(), DefaultProject(), inputs, Options{Evaluate: evaluate})
	want := `a.cue: the file cannot be evaluated: it takes too much (runaway)
  look for long lists, large comprehensions and strings built from each other
c.cue: the file was not evaluated: there was another (nor were 2 more) (not-evaluated)
`
	if got := show(findings); got != want || len(services) != 1 {
		t.Errorf("%d services, %s", len(services), got)
	}
}

// TestEvaluatedLimits checks the limits of the result of another process.
func TestEvaluatedLimits(t *testing.T) {
	deep := make([]read.Value, 100)
	for i := range deep {
		deep[i] = read.Value{Kind: uint8(read.List), Children: 1}
	}
	for name, values := range map[string][]read.Value{
		"too-deep":        deep,
		"too-many-values": append([]read.Value{{Kind: uint8(read.List), Children: read.MaxChildren + 1}}, make([]read.Value, read.MaxChildren+1)...),
	} {
		_, findings := LoadSpecs(t.Context(), DefaultProject(), []read.Input{{File: "a.cue", Data: []byte("a: 1"), Format: read.CUE}}, Options{
			Evaluate: func(read.CUESource, read.Packages) (read.Evaluated, error) {
				return read.Evaluated{Values: values}, nil
			},
		})
		if len(findings) != 1 || findings[0].ID != diag.ID(name) {
			t.Errorf("%s: %s", name, show(findings))
		}
	}
}
