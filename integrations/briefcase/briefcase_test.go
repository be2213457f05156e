// Package briefcase holds what lets Briefcase work with xpip, and tests it with
// the Briefcase that the index has.
package briefcase

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
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

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/wheel"
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
// wrote.
func (b bench) install(t *testing.T, manager, folder, requirements string, args ...string) (output string, code int) {
	t.Helper()
	if b.hostPython != "" {
		args = append(args, "--python-version", b.hostPython)
	}
	cmd := exec.Command(b.python, append([]string{filepath.Join("testdata", "install.py"), manager, folder, "13.0", requirements}, args...)...)
	cmd.Env = append(os.Environ(), "PIP_CACHE_DIR="+b.cache, "PIP_CONFIG_FILE="+os.DevNull)
	switch manager {
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
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
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

// checkSlice demands of a folder of packages what Briefcase and Xcode need of it
// and returns the version of every project.
func (b bench) checkSlice(t *testing.T, folder, platform string) map[string]string {
	t.Helper()
	python := b.hostPython
	if python == "" {
		out, err := exec.Command(b.python, "-c", "import platform; print(platform.python_version())").Output()
		if err != nil {
			t.Fatal(err)
		}
		python = strings.TrimSpace(string(out))
	}
	h, err := host.New(host.Options{Platforms: []string{platform}, PythonVersion: python})
	if err != nil {
		t.Fatal(err)
	}
	infos, err := filepath.Glob(filepath.Join(folder, "*.dist-info"))
	if err != nil {
		t.Fatal(err)
	}
	versions, recorded := map[string]string{}, map[string]bool{}
	for _, info := range infos {
		metadata, err := wheel.ParseMetadata(read(t, filepath.Join(info, "METADATA")))
		if err != nil {
			t.Fatal(err)
		}
		versions[strings.ToLower(metadata.Name)] = metadata.Version
		filename := wheelOf(t, info)
		if _, fits := h.BestRank(filename); !fits {
			t.Errorf("%s is not for %s", filename, h)
		}
		var natives []wheel.Native
		for _, entry := range checkRecord(t, folder, info) {
			recorded[entry.Path] = true
			content := read(t, filepath.Join(folder, filepath.FromSlash(entry.Path)))
			if _, native := wheel.Sniff(entry.Path, content); native {
				facts, err := wheel.Inspect(entry.Path, bytes.NewReader(content), int64(len(content)))
				if err != nil {
					t.Errorf("%s: %v", entry.Path, err)
				}
				natives = append(natives, facts)
			}
		}
		if pure := !strings.HasPrefix(filepath.Base(info), "pillow-"); pure != (len(natives) == 0) {
			t.Errorf("%s has %d files of machine code", filename, len(natives))
		}
		for _, unfit := range h.CheckWheel(filename, natives) {
			t.Errorf("%s: %v", filename, unfit)
		}
	}
	walk(t, folder, func(name string) {
		if !recorded[name] {
			t.Errorf("%s is in no RECORD", name)
		}
		if strings.HasSuffix(name, ".pyc") || strings.HasPrefix(name, "bin/") {
			t.Errorf("%s is of no use on an iPhone", name)
		}
	})
	return versions
}

// checkRecord reads a RECORD; every file that it names must be there, within the
// folder, with hash and size.
func checkRecord(t *testing.T, folder, info string) []wheel.RecordEntry {
	t.Helper()
	entries, err := wheel.ParseRecord(bytes.NewReader(read(t, filepath.Join(info, "RECORD"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !filepath.IsLocal(filepath.FromSlash(entry.Path)) {
			t.Fatalf("%s leads out of the folder", entry.Path)
		}
		if entry.Path == filepath.Base(info)+"/RECORD" {
			continue
		}
		content := read(t, filepath.Join(folder, filepath.FromSlash(entry.Path)))
		sum := sha256.Sum256(content)
		if entry.Algorithm != "sha256" || entry.Digest != base64.RawURLEncoding.EncodeToString(sum[:]) || entry.Size != int64(len(content)) {
			t.Errorf("%s is not as recorded: %+v", entry.Path, entry)
		}
	}
	return entries
}

// wheelOf is the name of a wheel with the tags that a .dist-info states.
func wheelOf(t *testing.T, info string) wheel.Filename {
	t.Helper()
	stated, err := wheel.ParseInfo(read(t, filepath.Join(info, "WHEEL")))
	if err != nil {
		t.Fatal(err)
	}
	filename, err := wheel.ParseFilename(strings.TrimSuffix(filepath.Base(info), ".dist-info") + "-py3-none-any.whl")
	if err != nil {
		t.Fatal(err)
	}
	var tags []wheel.Tag
	for _, text := range stated.Tags {
		parsed, err := wheel.ParseTags(text)
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, parsed...)
	}
	if filename, err = filename.WithTags(tags); err != nil {
		t.Fatal(err)
	}
	return filename
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// walk calls visit with every file below a folder, named with slashes.
func walk(t *testing.T, folder string, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		visit(filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
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
