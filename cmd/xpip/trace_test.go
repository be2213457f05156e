package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// tracing are the files of an environment that run when its Python does, or are
// run by who takes them for programs. Each leaves a trace at %s.
var tracing = map[string]string{
	"bin/python":              "#!/bin/sh\necho python >> '%s'\n",
	"bin/python3":             "#!/bin/sh\necho python3 >> '%s'\n",
	"bin/python3.14":          "#!/bin/sh\necho python3.14 >> '%s'\n",
	"bin/pip":                 "#!/bin/sh\necho pip >> '%s'\n",
	"bin/python3-config":      "#!/bin/sh\necho config >> '%s'\n",
	"bin/trapped":             "#!/bin/sh\necho trapped >> '%s'\n",
	"bin/activate":            "echo activate >> '%s'\n",
	"Scripts/python.exe":      "#!/bin/sh\necho exe >> '%s'\n",
	"{site}/trap.pth":         "import os; os.system('echo pth >> %s')\n",
	"{site}/sitecustomize.py": "import os; os.system('echo sitecustomize >> %s')\n",
	"{site}/usercustomize.py": "import os; os.system('echo usercustomize >> %s')\n",
	"{site}/trapped.py":       "import os; os.system('echo trapped.py >> %s')\n",
}

// layTraps puts what leaves a trace into an environment, with a distribution
// that an installer of Pythons could ask about.
func layTraps(t *testing.T, prefix, trace string, more map[string]string) {
	t.Helper()
	site := "lib/python3.14/site-packages"
	put := func(name, text string) {
		path := filepath.Join(prefix, filepath.FromSlash(strings.ReplaceAll(name, "{site}", site)))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(path); err == nil {
			return // a virtual environment's own
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range tracing {
		put(name, fmt.Sprintf(text, trace))
	}
	for name, text := range more {
		put(name, text)
	}
	put("{site}/trapped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: trapped\nVersion: 1.0\nRequires-Dist: click\n")
	put("{site}/trapped-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	put("{site}/trapped-1.0.dist-info/entry_points.txt", "[console_scripts]\ntrapped = trapped:main\n")
	put("{site}/trapped-1.0.dist-info/RECORD", "trapped.py,,\n../../../bin/trapped,,\ntrapped-1.0.dist-info/METADATA,,\ntrapped-1.0.dist-info/RECORD,,\n")
}

// commands are command lines that look at an environment or change it. {host}
// stands for the option that names it.
var commands = []string{
	"platform show {host}", "platform show {host} --json", "platform explain py3-none-any {host}",
	"debug {host}", "list {host}", "list --outdated -i {index} {host}", "freeze {host}", "show trapped {host}", "inspect {host}",
	"index versions -i {index} {host} click",
	"install {host} -i {index} click", "check {host}", "install {host} -i {index} --upgrade --dry-run --report - click colorama",
	"download {host} -i {index} -d {work}/files click", "wheel {host} -i {index} -w {work}/files click", "lock {host} -i {index} -o - click",
	"uninstall -y {host} click trapped",
}

// TestNothingOfTheHostIsRun gives every command an environment full of programs
// and files that would leave a trace if they were run.
func TestNothingOfTheHostIsRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("scripts with a #! line are no programs there")
	}
	server := httptest.NewServer(indexes(t))
	t.Cleanup(server.Close)
	details := `{"schema_version": "1.0", "platform": "ios-13.0-arm64-iphoneos",
		"language": {"version": "3.14"}, "implementation": {"name": "cpython"}, "abi": {"flags": []}}`
	for name, c := range map[string]struct {
		files map[string]string
		more  string // options
		path  string // on PATH, beside nothing else
	}{
		"for another machine": {
			files: map[string]string{"pyvenv.cfg": "home = /usr/bin\nversion = 3.14.0\nxvenv-build-details = build-details.json\n", "build-details.json": details},
		},
		"for another machine, on PATH": {
			files: map[string]string{"pyvenv.cfg": "home = /usr/bin\nversion = 3.14.0\nxvenv-build-details = build-details.json\n", "build-details.json": details},
			path:  "bin",
		},
		"an installation": {more: "--platform manylinux_2_28_aarch64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, option := range []string{"--python", "--host-from"} {
				dir := t.TempDir()
				prefix, trace := filepath.Join(dir, "prefix"), filepath.Join(dir, "trace")
				layTraps(t, prefix, trace, c.files)
				path := filepath.Join(dir, "nothing")
				if c.path != "" {
					path = filepath.Join(prefix, c.path)
				}
				if option == "--host-from" { // where it looks
					layTraps(t, filepath.Join(dir, "host-prefix", "ios_13_0_arm64_iphoneos"), trace, nil)
					layTraps(t, filepath.Join(dir, "host-prefix", "manylinux_2_28_aarch64"), trace, nil)
				}
				runAll(t, dir, path, server.URL+"/pypi/simple/", strings.TrimSpace(option+" "+prefix+" "+c.more))
				if text, err := os.ReadFile(trace); err == nil {
					t.Errorf("%s: was run:\n%s", option, text)
				}
			}
		})
	}
}

// TestNothingOfAnOwnEnvironmentIsRun does the same with a virtual environment of
// this machine's Python: that Python is asked, not the environment's.
func TestNothingOfAnOwnEnvironmentIsRun(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("needs a Python 3 on PATH")
	}
	dir := t.TempDir()
	prefix, trace := filepath.Join(dir, "prefix"), filepath.Join(dir, "trace")
	if out, err := exec.Command(python, "-m", "venv", "--without-pip", prefix).CombinedOutput(); err != nil {
		t.Skipf("making a virtual environment: %v\n%s", err, out)
	}
	sites, err := filepath.Glob(filepath.Join(prefix, "lib", "python*", "site-packages"))
	if err != nil || len(sites) != 1 {
		t.Fatal(sites, err)
	}
	for _, name := range []string{"trap.pth", "sitecustomize.py"} {
		if err := os.WriteFile(filepath.Join(sites[0], name), []byte("import os; os.system('echo "+name+" >> "+trace+"')\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(indexes(t))
	t.Cleanup(server.Close)
	for _, line := range []string{"debug {host}", "list {host}", "install {host} --dry-run -i {index} colorama", "install {host} -i {index} colorama", "check {host}", "uninstall {host} -y colorama"} {
		if out, err := runLine(t, dir, os.Getenv("PATH"), server.URL+"/pypi/simple/", "--python "+prefix, line); err != nil {
			t.Errorf("xpip %s: %v\n%s", line, err, out)
		}
	}
	if text, err := os.ReadFile(trace); err == nil {
		t.Errorf("was run:\n%s", text)
	}
	// The trap works: the environment's Python, started, steps into it.
	_ = exec.Command(filepath.Join(prefix, "bin", "python"), "-c", "").Run()
	if _, err := os.Stat(trace); err != nil {
		t.Error("the trap leaves no trace: the test proves nothing")
	}
}

// runAll runs all commands. What they answer is not looked at, but that they
// get so far as to answer.
func runAll(t *testing.T, dir, path, index, host string) {
	t.Helper()
	for _, line := range commands {
		if strings.HasPrefix(line, "uninstall") && strings.Contains(host, "--host-from") {
			host = strings.Replace(host, "--host-from", "--python", 1) + " --host-from " + strings.Fields(host)[1]
		}
		out, err := runLine(t, dir, path, index, host, line)
		if err != nil && !strings.HasPrefix(line, "check") { // click lacks nothing; trapped is damaged
			t.Errorf("xpip %s: %v\n%s", line, err, out)
		}
	}
}

func runLine(t *testing.T, dir, path, index, host, line string) (string, error) {
	t.Helper()
	xpip, err := exec.LookPath("xpip")
	if err != nil {
		t.Fatal(err)
	}
	line = strings.NewReplacer("{host}", host, "{index}", index, "{work}", dir).Replace(line)
	cmd := exec.Command(xpip, strings.Fields(line)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + path, "HOME=" + dir, "XPIP_CACHE_DIR=" + filepath.Join(dir, "cache"), "PIP_CONFIG_FILE=" + os.DevNull}
	out, err := cmd.CombinedOutput()
	return string(out), err
}
