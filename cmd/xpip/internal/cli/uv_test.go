package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestUVInstall(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, c := range map[string]struct {
		environ []string
		args    string
		want    string // "!" begins a part of the refusal
	}{
		"as Briefcase calls it": {
			[]string{"VIRTUAL_ENV=/v"},
			"--upgrade -vv --target=/t --python-platform arm64-apple-ios --only-binary :all: pillow ./local",
			"install --python /v --upgrade --verbose --verbose --target /t --platform arm64-apple-ios --only-binary :all: pillow ./local",
		},
		"clusters and short options": {nil, "-Uvt /t -r=reqs.txt -p3.13 -", "install --upgrade --verbose --target /t --requirement reqs.txt --python-version 3.13 -"},
		"indexes of the environment": {
			[]string{"UV_INDEX=a=https://example.com/a https://example.com/b", "UV_DEFAULT_INDEX=https://example.com/d"},
			"--index x=https://example.com/c click",
			"install --index-url https://example.com/d --extra-index-url https://example.com/a --extra-index-url https://example.com/b --extra-index-url https://example.com/c click",
		},
		"settings without a meaning here": {nil, "--link-mode=copy --no-config --color never --prerelease if-necessary click", "install --no-color click"},
		"values":                          {nil, "--prerelease=allow --index-strategy unsafe-best-match --no-build click -- -x", "install --pre --index-strategy merge --only-binary=:all: click -- -x"},
		"active environment":              {[]string{"VIRTUAL_ENV=/v"}, "click", "install click"},
		"unknown option":                  {nil, "--bogus click", "!unexpected argument '--bogus'"},
		"unknown letter":                  {nil, "-Z click", "!unexpected argument '-Z'"},
		"what cannot be":                  {nil, "--override o.txt click", "!no --override"},
		"value missing":                   {nil, "click -t", "!--target option requires 1 argument"},
	} {
		a := &app{Process: Process{Environ: c.environ}}
		got, err := a.uvInstall(strings.Fields(c.args))
		if part, refused := strings.CutPrefix(c.want, "!"); refused {
			if err == nil || !strings.Contains(err.Error(), part) || exitCode(err) != exitUsage {
				t.Errorf("%s: %v, want a usage error with %q", name, err, part)
			}
			continue
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", name, err, strings.Join(got, " "), c.want)
		}
	}
}

// TestUVOptions holds the translation against the options that install has.
func TestUVOptions(t *testing.T) {
	install := (&app{}).installCommand().Flags()
	general := (&app{}).command().PersistentFlags()
	letters := map[string]string{}
	for name, option := range uvOptions {
		if other, twice := letters[option.short]; twice && option.short != "" {
			t.Errorf("-%s is both %s and %s", option.short, name, other)
		}
		letters[option.short] = name
		word, value, _ := strings.Cut(strings.TrimPrefix(option.as, "--"), "=")
		f := install.Lookup(word)
		if f == nil {
			f = general.Lookup(word)
		}
		if word != "" && (f == nil || (f.NoOptDefVal == "") != (option.value || value != "")) {
			t.Errorf("--%s becomes %s, which install does not have in this form", name, option.as)
		}
	}
}

// run runs a command line in an environment and returns what it said.
func run(t *testing.T, p Process) (stdout, stderr string, code int) {
	t.Helper()
	var out, errOut bytes.Buffer
	p.Stdin, p.Stdout, p.Stderr = strings.NewReader(""), &out, &errOut
	code = Run(context.Background(), p)
	return out.String(), errOut.String(), code
}

func TestUVByName(t *testing.T) {
	empty := "PATH=" + t.TempDir()
	for _, p := range []Process{{Name: "/opt/bin/uv", Args: []string{"--version"}}, {Name: `uv.EXE`, Args: []string{"--version"}}, {Name: "xpip", Args: []string{"uv", "--version"}}} {
		p.Environ = []string{empty}
		if out, _, code := run(t, p); code != 0 || !strings.HasPrefix(out, "xpip ") || !strings.Contains(out, "uv") {
			t.Errorf("%s %v: exit %d, %s", p.Name, p.Args, code, out)
		}
	}
	_, stderr, code := run(t, Process{Name: "uv", Args: []string{"run", "python"}, Environ: []string{empty}})
	if code != exitUsage || !strings.Contains(stderr, "stands in for uv") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// TestUVBehind hands what is not xpip's to the uv behind it, exit code and all.
func TestUVBehind(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"real uv: $*\"\nexit 7\n"
	path := filepath.Join(dir, "uv")
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, ok := (&app{Process: Process{Environ: []string{"PATH=" + dir}}}).realUV(); !ok {
		t.Skip("this system does not run scripts")
	}
	out, _, code := run(t, Process{Name: "uv", Args: []string{"--color", "never", "pip", "list"}, Environ: []string{"PATH=" + dir}})
	if code != 7 || strings.TrimSpace(out) != "real uv: --color never pip list" {
		t.Errorf("exit %d: %s", code, out)
	}
	_, _, code = run(t, Process{Name: "uv", Args: []string{"run"}, Environ: []string{"PATH=" + dir, standsForUV + "=1"}})
	if code != exitUsage {
		t.Errorf("called by another stand-in: exit %d", code)
	}
	command, rest := uvCommand([]string{"--color", "never", "-q", "pip", "install", "-U", "x"})
	if !slices.Equal(command, []string{"pip", "install"}) || !slices.Equal(rest, []string{"--color", "never", "-q", "-U", "x"}) {
		t.Errorf("%v, %v", command, rest)
	}
}
