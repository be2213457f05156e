package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/xpip/xpip/cmd/xpip/internal/config"
	"github.com/xpip/xpip/resolver"
)

func item(key, value string) config.Item { return config.Item{Key: key, Value: value} }

// runArgs runs a command line with nothing of the machine's configuration.
func runArgs(t *testing.T, environ []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Run(context.Background(), Process{
		Args: args, Environ: append([]string{"PIP_CONFIG_FILE=" + os.DevNull}, environ...),
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut,
	})
	return out.String(), errOut.String(), code
}

func TestUsageErrors(t *testing.T) {
	cases := []struct {
		name    string
		environ []string
		args    []string
		code    int
		stderr  string
	}{
		{"unknown option", nil, []string{"install", "--bogus"}, 2, "no such option: --bogus"},
		{"unknown letter", nil, []string{"install", "-Z"}, 2, "no such option: -Z"},
		{"ambiguous", nil, []string{"install", "--index-", "x"}, 2, "ambiguous option: --index- (--index-strategy, --index-url?)"},
		{"no value wanted", nil, []string{"install", "--no-index=1", "x"}, 2, "--no-index option does not take a value"},
		{"value missing", nil, []string{"install", "-t"}, 2, "-t option requires 1 argument"},
		{"number", nil, []string{"install", "--timeout", "x", "y"}, 2, "option --timeout: invalid floating-point value: 'x'"},
		{"choice", nil, []string{"install", "--upgrade-strategy", "x", "y"}, 2, "invalid choice: 'x' (choose from 'only-if-needed', 'eager')"},
		{"bad value in the environment", []string{"PIP_TIMEOUT=x"}, []string{"install", "y"}, 3, "invalid floating-point value: 'x'"},
		{"bad boolean in the environment", []string{"PIP_NO_INDEX=x"}, []string{"install", "y"}, 2, "x is not a valid value for no-index option"},
		{"unknown command", nil, []string{"bogus"}, 1, `ERROR: unknown command "bogus"`},
		{"nothing to do", nil, []string{"install", "--platform", "any"}, 1, "ERROR: You must give at least one requirement to install"},
		{"marker", nil, []string{"install", "--platform", "win32", "--marker", "x", "y"}, 2, "is not of the form name=value"},
		{"python version", nil, []string{"install", "--platform", "win32", "--python-version", "3.x", "y"}, 2, "--python-version error: invalid --python-version value: '3.x': each version part must be an integer"},
		{"editable", nil, []string{"install", "--platform", "win32", "-e", "."}, 1, "editable install"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, stderr, code := runArgs(t, c.environ, c.args...)
			if code != c.code || !strings.Contains(stderr, c.stderr) {
				t.Errorf("exit %d, want %d; stderr:\n%s\nwant: %s", code, c.code, stderr, c.stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"help"}, {"install", "--help"}, {"help", "download"}, {"debug", "-h"}} {
		stdout, stderr, code := runArgs(t, nil, args...)
		if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "Usage:\n  xpip ") {
			t.Errorf("%v: exit %d, stderr %q, stdout\n%s", args, code, stderr, stdout)
		}
		for _, line := range strings.Split(stdout, "\n") {
			if len(line) > helpWidth {
				t.Errorf("%v: a line of %d columns: %s", args, len(line), line)
			}
		}
	}
}

// TestConfiguredLists: the environment replaces what files say, the command
// line adds to it, as in pip.
func TestConfiguredLists(t *testing.T) {
	var o indexOptions
	a := &app{}
	cmd := a.debugCommand()
	o.register(&registry{flags: cmd.Flags()})
	settings := []string{"--extra-index-url", "c"}
	flags := cmd.Flags()
	if err := configureFlag(flags.Lookup("extra-index-url"), item("extra-index-url", "a\n b")); err != nil {
		t.Fatal(err)
	}
	if err := flags.Parse(settings); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, o.extraURLs); diff != "" {
		t.Error(diff)
	}
}

func TestExpandPrefixes(t *testing.T) {
	a := &app{}
	flags := a.installCommand().Flags()
	got, err := expandPrefixes(flags, []string{"--constr", "--pla", "-rx", "--find=y", "-t", "--dry", "--dry", "--", "--req"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"--constraint", "--pla", "-rx", "--find-links=y", "-t", "--dry", "--dry-run", "--", "--req"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFormatControl(t *testing.T) {
	type set = map[string]bool
	cases := []struct {
		name  string
		steps []string // "+" only-binary, "-" no-binary
		want  resolver.FormatControl
	}{
		{"names move", []string{"-Foo,bar", "+foo"}, resolver.FormatControl{NoBinary: set{"bar": true}, OnlyBinary: set{"foo": true}}},
		{"all empties the other", []string{"-foo", "+:all:"}, resolver.FormatControl{NoBinary: set{}, OnlyBinary: set{":all:": true}}},
		{"all but one", []string{"+:all:", "-foo"}, resolver.FormatControl{NoBinary: set{"foo": true}, OnlyBinary: set{":all:": true}}},
		{"none empties itself", []string{"+foo", "+:none:"}, resolver.FormatControl{NoBinary: set{}, OnlyBinary: set{}}},
		{"none after all, then a name", []string{"+:all:,:none:,foo"}, resolver.FormatControl{NoBinary: set{}, OnlyBinary: set{"foo": true}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got resolver.FormatControl
			for _, step := range c.steps {
				v := formatValue{control: &got, binary: step[0] == '+'}
				if err := v.Set(step[1:]); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUploadedPriorTo(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) }
	cases := map[string]time.Time{
		"":                          {},
		"P3D":                       time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC),
		"2026-01-31T10:00:00Z":      time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
		"2026-01-31T10:00:00+02:00": time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC),
		"2026-01-31":                time.Date(2026, 1, 31, 0, 0, 0, 0, time.Local),
	}
	for text, want := range cases {
		got, err := uploadedPriorTo(text, now)
		if err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "P3W", "PD", "P-1D", "2026-13-01"} {
		if _, err := uploadedPriorTo(text, now); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// TestBrokenPipe: nobody reads what is written, which is told as pip tells it.
func TestBrokenPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	read.Close()
	var stderr bytes.Buffer
	code := Run(context.Background(), Process{
		Args: []string{"debug", "--platform", "win_amd64"}, Environ: []string{"PIP_CONFIG_FILE=" + os.DevNull},
		Stdin: strings.NewReader(""), Stdout: write, Stderr: &stderr,
	})
	if code != exitBrokenPipe || stderr.String() != "ERROR: Pipe to stdout was broken\n" {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
}

func TestLogFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "log")
	_, _, code := runArgs(t, nil, "config", "list", "--log", path)
	if _, err := os.Stat(path); code != 0 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
}

// TestRoot: --prefix is below --root; what would make no sense is refused.
func TestRoot(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--root", "r", "-t", "t"}, "--root and --target exclude each other"},
		{[]string{"--root", "r"}, "--root r --prefix /usr"},
	} {
		args := append([]string{"install", "--platform", "win_amd64", "--no-index", "x"}, c.args...)
		if _, stderr, code := runArgs(t, nil, args...); code != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit %d\n%s", c.args, code, stderr)
		}
	}
}

// TestCheckedValues: what has no effect is still held to the values that pip
// knows, and what would change the result is refused, wherever it is said.
func TestCheckedValues(t *testing.T) {
	for _, c := range []struct {
		environ []string
		args    []string
		code    int
		stderr  string
	}{
		{nil, []string{"--use-feature", "telepathy"}, 2, "option --use-feature: invalid choice: 'telepathy' (choose from 'fast-deps'"},
		{nil, []string{"--use-deprecated", "legacy-resolver"}, 1, "--use-deprecated=legacy-resolver: it installs versions that do not fit"},
		{nil, []string{"--exists-action", "x"}, 2, "option --exists-action: invalid choice: 'x' (choose from 's', 'i', 'w', 'b', 'a')"},
		{nil, []string{"--root-user-action", "x"}, 2, "option --root-user-action: invalid choice"},
		{nil, []string{"--resume-retries", "x"}, 2, "option --resume-retries: invalid integer value: 'x'"},
		{nil, []string{"--user"}, 1, "use --target or --prefix"},
		{nil, []string{"--user=1"}, 2, "--user option does not take a value"},
		{[]string{"PIP_USER=yes"}, nil, 1, "use --target or --prefix"},
		{[]string{"PIP_USER=perhaps"}, nil, 3, "An error occurred during configuration: option user"},
		{[]string{"PIP_USER=no", "PIP_USE_FEATURE=fast-deps truststore"}, nil, 1, "No matching distribution found for x"},
		{[]string{"PIP_USE_FEATURE=fast-deps telepathy"}, nil, 3, "invalid choice: 'telepathy'"},
	} {
		args := append([]string{"install", "--platform", "win_amd64", "--dry-run", "--no-index", "x"}, c.args...)
		environ := append([]string{"XPIP_CACHE_DIR=" + t.TempDir()}, c.environ...)
		if _, stderr, code := runArgs(t, environ, args...); code != c.code || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%v %v: exit %d, want %d\n%s", c.environ, c.args, code, c.code, stderr)
		}
	}
}
