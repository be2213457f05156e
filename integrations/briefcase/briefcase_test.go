// Package briefcase holds what lets Briefcase work with xpip, and tests it with
// the Briefcase that the index has.
package briefcase

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/index"
)

// bench is a Briefcase from the index with an xpip to work with.
type bench struct {
	python string // of the virtual environment that Briefcase is installed in
	xpip   string
	cache  string
	// hostPython is the version to ask for where Briefcase's own Python is older
	// than any that Pillow has wheels for iOS of; else "".
	hostPython string
}

// prepare skips the test unless XPIP_LIVE asks for the real index, and says what
// is missing.
func prepare(t *testing.T) bench {
	t.Helper()
	if os.Getenv("XPIP_LIVE") == "" {
		t.Skip("XPIP_LIVE is not set: this test installs Briefcase from the real index")
	}
	if runtime.GOOS == "windows" {
		t.Skip("environments for iOS are made on Linux and macOS")
	}
	client := &http.Client{Timeout: 20 * time.Second}
	response, err := client.Get(index.DefaultURL() + "/briefcase/")
	if err != nil {
		t.Skipf("no index is reached from here: %v", err)
	}
	response.Body.Close()
	dir := t.TempDir()
	b := bench{xpip: filepath.Join(dir, "bin", "xpip"), cache: filepath.Join(dir, "cache"), python: filepath.Join(dir, "env", "bin", "python")}
	if out, err := exec.Command("go", "build", "-o", b.xpip, "../../cmd/xpip").CombinedOutput(); err != nil {
		t.Fatalf("building xpip: %v\n%s", err, out)
	}
	base := findPython(t)
	for _, argv := range [][]string{
		{base, "-m", "venv", filepath.Join(dir, "env")},
		{b.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "briefcase"},
	} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
		}
	}
	out, err := exec.Command(b.python, "-c", "import sys; print(sys.version_info >= (3, 13))").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(out)) != "True" {
		b.hostPython = "3.14"
	}
	return b
}

// findPython returns the newest Python here that Briefcase runs on. XPIP_PYTHON
// names another.
func findPython(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("XPIP_PYTHON"), "python3.14", "python3.13", "python3"} {
		if name == "" {
			continue
		}
		if err := exec.Command(name, "-c", "import sys, venv, ensurepip; assert sys.version_info >= (3, 10)").Run(); err == nil {
			return name
		}
	}
	t.Skip("no Python 3.10 or newer, with venv, is on PATH")
	return ""
}

// install runs testdata/install.py and returns what it and everything below it
// wrote. The way is how xpip comes in: as "venv" or "uv" in place of what
// Briefcase calls, or not at all, which leaves "pip".
func (b bench) install(t *testing.T, way, folder, requirements string, args ...string) (output string, code int) {
	t.Helper()
	manager := way
	if way == "pip" {
		manager = "venv"
	}
	argv := append([]string{filepath.Join("testdata", "install.py"), manager, folder, "13.0", requirements}, args...)
	cmd := exec.Command(b.python, append(argv, b.versionArgs()...)...)
	cmd.Env = b.environ()
	switch way {
	case "venv": // Briefcase runs `python -m pip`
		dropIn, err := filepath.Abs("drop-in")
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, "PYTHONPATH="+dropIn, "XPIP="+b.xpip)
	case "uv": // Briefcase runs `uv`; no other uv is there
		bin := t.TempDir()
		if err := os.Symlink(b.xpip, filepath.Join(bin, "uv")); err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, "PATH="+strings.Join([]string{bin, filepath.Dir(b.python), "/usr/bin", "/bin"}, string(filepath.ListSeparator)))
	}
	return execute(t, cmd)
}

// versionArgs are the arguments that ask for the version of hostPython.
func (b bench) versionArgs() []string {
	if b.hostPython == "" {
		return nil
	}
	return []string{"--python-version", b.hostPython}
}

// environ is this process's environment with a cache of the test's own.
func (b bench) environ() []string {
	return append(os.Environ(), "PIP_CACHE_DIR="+b.cache, "PIP_CONFIG_FILE="+os.DevNull)
}

func execute(t *testing.T, cmd *exec.Cmd) (output string, code int) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// wheelhouse fills a folder by xpip with wheels for several platforms.
func (b bench) wheelhouse(t *testing.T, requirements string, platforms ...string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, platform := range platforms {
		argv := append([]string{"wheel", "--platform", platform, "--python-version", b.version(t), "-w", folder}, strings.Fields(requirements)...)
		cmd := exec.Command(b.xpip, argv...)
		cmd.Env = b.environ()
		if out, code := execute(t, cmd); code != 0 {
			t.Fatalf("xpip %s: exit %d\n%s", strings.Join(argv, " "), code, out)
		}
	}
	return folder
}

// version is that of the host's Python.
func (b bench) version(t *testing.T) string {
	t.Helper()
	if b.hostPython != "" {
		return b.hostPython
	}
	out, err := exec.Command(b.python, "-c", "import platform; print(platform.python_version())").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestLiveBriefcase lets Briefcase's own classes install for both slices of an
// iOS app: PyYAML, which has no wheel for iOS and becomes pure, and Pillow.
func TestLiveBriefcase(t *testing.T) {
	b := prepare(t)
	for _, manager := range []string{"venv", "uv"} {
		t.Run(manager, func(t *testing.T) {
			folder := t.TempDir()
			out, code := b.install(t, manager, folder, "PyYAML Pillow", "--only-binary", ":none:")
			if code != 0 {
				t.Fatalf("exit %d\n%s", code, out)
			}
			if !strings.Contains(out, "Successfully installed") || strings.ContainsAny(out, "\r\x1b") {
				t.Errorf("not the plain lines of an install:\n%q", out)
			}
			device := b.checkSlice(t, filepath.Join(folder, "app_packages.iphoneos"), "ios_13_0_arm64_iphoneos")
			simulator := b.checkSlice(t, filepath.Join(folder, "app_packages.iphonesimulator"), "ios_13_0_arm64_iphonesimulator")
			if !maps.Equal(device, simulator) {
				t.Errorf("the slices have different versions: %v and %v", device, simulator)
			}
			for _, project := range []string{"pyyaml", "pillow"} {
				if device[project] == "" {
					t.Errorf("%s is missing: there are %v", project, device)
				}
			}
		})
		t.Run(manager+" keeps to wheels", func(t *testing.T) {
			b.refused(t, manager, "PyYAML", "No matching distribution found for PyYAML")
		})
		t.Run(manager+" needs a compiler", func(t *testing.T) {
			b.refused(t, manager, "psycopg2", "needs a compiler", "--only-binary", ":none:")
		})
	}
	t.Run("wheelhouse for iOS", func(t *testing.T) {
		wheels := b.wheelhouse(t, "PyYAML Pillow", "ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphonesimulator")
		folder := t.TempDir()
		if out, code := b.install(t, "pip", folder, "PyYAML Pillow", "--no-index", "--find-links", wheels); code != 0 {
			t.Fatalf("exit %d\n%s", code, out)
		}
		for _, sdk := range []string{"iphoneos", "iphonesimulator"} {
			present(t, folder, "app_packages."+sdk+"/yaml/__init__.py", "app_packages."+sdk+"/PIL/_imaging.*-"+sdk+".so")
		}
	})
	t.Run("wheelhouse for Android", func(t *testing.T) {
		wheels := b.wheelhouse(t, "PyYAML MarkupSafe", "android_24_arm64_v8a", "android_24_x86_64")
		folder := t.TempDir()
		argv := append([]string{filepath.Join("testdata", "android.py"), folder, wheels, "PyYAML MarkupSafe"}, b.versionArgs()...)
		cmd := exec.Command(b.python, argv...)
		cmd.Env = b.environ()
		if out, code := execute(t, cmd); code != 0 {
			t.Fatalf("exit %d\n%s", code, out)
		}
		present(t, folder, "arm64_v8a/yaml/__init__.py", "arm64_v8a/markupsafe/_speedups*.so", "x86_64/markupsafe/_speedups*.so")
	})
}

// present demands a file for every pattern.
func present(t *testing.T, folder string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Errorf("there is no %s, %v", pattern, err)
		}
	}
}

// refused demands Briefcase's own error for a failed install, with its hint, and
// a line of xpip's that says why.
func (b bench) refused(t *testing.T, manager, requirement, reason string, args ...string) {
	t.Helper()
	folder := t.TempDir()
	out, code := b.install(t, manager, folder, requirement, args...)
	if code != 200 || !strings.Contains(out, "RequirementsInstallError 200 iphoneos") || !strings.Contains(out, "the hint for iphoneos") {
		t.Errorf("exit %d, want Briefcase's 200\n%s", code, out)
	}
	if !strings.Contains(out, "\nERROR: ") || !strings.Contains(out, reason) {
		t.Errorf("nothing says %q in\n%s", reason, out)
	}
	left, err := filepath.Glob(filepath.Join(folder, "app_packages.iphoneos", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("after a refusal there is %v, %v", left, err)
	}
}

// TestDropIn holds the module that stands in front of pip against a Python
// alone: what it hands over, and that everything else still reaches pip.
func TestDropIn(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 is on PATH")
	}
	if out, err := exec.Command(python, "-c", "import pip").CombinedOutput(); err != nil {
		t.Skipf("this Python has no pip: %s", out)
	}
	dropIn, err := filepath.Abs("drop-in")
	if err != nil {
		t.Fatal(err)
	}
	xpip := filepath.Join(t.TempDir(), "xpip")
	script := "#!/bin/sh\necho \"xpip got: $*\"\necho \"build with: $PIP_BUILD_PYTHON\"\nexit 3\n"
	if err := os.WriteFile(xpip, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(xpip).Run(); err == nil || err.Error() != "exit status 3" {
		t.Skipf("this system does not run scripts: %v", err)
	}
	for name, c := range map[string]struct {
		args, want string
		code       int
	}{
		"a foreign install": {"-m pip --python /v/bin/python install --target=/t --platform ios_13_0_arm64_iphoneos six", "xpip got: --python /v/bin/python install --target=/t --platform ios_13_0_arm64_iphoneos six\nbuild with: ", 3},
		"joined":            {"-m pip install --platform=win_amd64 six", "xpip got: install --platform=win_amd64 six", 3},
		"pip's own":         {"-m pip --version", "pip ", 0},
		"imported":          {"-c import(pip)", "site-packages", 0},
	} {
		args := strings.Fields(c.args)
		if i := slices.Index(args, "import(pip)"); i > 0 {
			args[i] = "import pip, pip._internal.cli; print('site-packages', pip.__version__)"
		}
		cmd := exec.Command(python, args...)
		cmd.Env = append(os.Environ(), "PYTHONPATH="+dropIn, "XPIP="+xpip, "PYTHONDONTWRITEBYTECODE=1")
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.HasPrefix(string(out), c.want) {
			t.Errorf("%s: exit %d\n%s\nwant %q", name, code, out, c.want)
		}
	}
}
