package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/wheel"
)

// liveBefore pins what the real index offers to the live tests.
const liveBefore = "2026-11-01T00:00:00Z"

// live builds xpip and skips the test unless XPIP_LIVE asks for the real index
// and the index answers.
func live(t *testing.T) (xpip string) {
	t.Helper()
	if os.Getenv("XPIP_LIVE") == "" {
		t.Skip("XPIP_LIVE is not set: this test asks the real index")
	}
	client := &http.Client{Timeout: 20 * time.Second}
	response, err := client.Get(index.DefaultURL() + "six/")
	if err != nil {
		t.Skipf("no index is reached from here: %v", err)
	}
	response.Body.Close()
	xpip = filepath.Join(t.TempDir(), "xpip")
	if out, err := exec.Command("go", "build", "-o", xpip, ".").CombinedOutput(); err != nil {
		t.Fatalf("building xpip: %v\n%s", err, out)
	}
	return xpip
}

// peer returns a program of the virtual environment that XPIP_PEERS names, in
// which pip and uv are installed in the versions of bench/requirements.txt.
func peer(t *testing.T, name string) string {
	t.Helper()
	env := os.Getenv("XPIP_PEERS")
	if env == "" {
		t.Skip("XPIP_PEERS names no virtual environment with pip and uv to compare with")
	}
	return filepath.Join(env, "bin", name)
}

// execute runs a program without the user's configuration and returns its output.
func execute(t *testing.T, argv ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		t.Fatalf("starting %s: %v", argv[0], err)
	}
	if strings.Contains(errOut.String(), "does not provide upload-time metadata") {
		t.Skipf("the index says no upload times, so nothing can be pinned: %s", errOut.String())
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

func TestLiveInstall(t *testing.T) {
	xpip := live(t)
	cache := t.TempDir()
	cases := []struct {
		platform, python string
		packages         []string
		want, absent     []string // projects
		before           string   // "" is liveBefore
	}{
		{"ios_13_0_arm64", "3.14", []string{"pillow", "markupsafe", "httpx"}, []string{"pillow", "markupsafe", "httpx", "certifi"}, nil, ""},
		{"ios_13_0_arm64_iphonesimulator", "3.14", []string{"pillow", "markupsafe", "httpx"}, []string{"pillow"}, nil, ""},
		{"ios_13_0_x86_64_iphonesimulator", "3.14", []string{"pillow", "markupsafe", "httpx"}, []string{"pillow"}, nil, ""},
		{"android_24_arm64_v8a", "3.14", []string{"aiohttp", "markupsafe"}, []string{"aiohttp", "multidict"}, nil, ""},
		{"pyemscripten_2026_0_wasm32", "", []string{"pydantic"}, []string{"pydantic-core"}, nil, ""},
		{"manylinux_2_28_aarch64", "3.13", []string{"pandas", "scikit-learn"}, []string{"numpy", "scipy"}, nil, ""},
		{"musllinux_1_2_x86_64", "3.13", []string{"cryptography"}, []string{"cffi"}, nil, ""},
		{"win_amd64", "3.13", []string{"uvicorn[standard]"}, []string{"colorama", "httptools"}, []string{"uvloop"}, "2025-11-01T00:00:00Z"}, // later ones no longer ask for colorama
		{"macosx_14_0_arm64", "3.13", []string{"jupyterlab"}, []string{"pyzmq", "appnope"}, []string{"pywinpty"}, ""},
	}
	for _, c := range cases {
		t.Run(c.platform, func(t *testing.T) {
			target := filepath.Join(t.TempDir(), "target")
			before := liveBefore
			if c.before != "" {
				before = c.before
			}
			argv := []string{xpip, "install", "--isolated", "--cache-dir", cache, "--uploaded-prior-to", before,
				"--only-binary", ":all:", "--platform", c.platform, "--target", target}
			if c.python != "" {
				argv = append(argv, "--python-version", c.python)
			}
			stdout, stderr, code := execute(t, append(argv, c.packages...)...)
			if code != 0 {
				t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
			}
			h, err := host.New(host.Options{Platforms: []string{c.platform}, PythonVersion: c.python})
			if err != nil {
				t.Fatal(err)
			}
			got := checkTree(t, h, target)
			for _, name := range c.want {
				if !slices.Contains(got, name) {
					t.Errorf("%s is missing; there are %v", name, got)
				}
			}
			for _, name := range c.absent {
				if slices.Contains(got, name) {
					t.Errorf("%s has no place on this host", name)
				}
			}
		})
	}
}

// checkTree demands that every file below target fits the host and returns the
// projects that are there.
func checkTree(t *testing.T, h *host.Host, target string) []string {
	t.Helper()
	infos, err := filepath.Glob(filepath.Join(target, "*.dist-info"))
	if err != nil {
		t.Fatal(err)
	}
	var projects []string
	recorded := map[string]bool{}
	for _, info := range infos {
		filename := wheelOf(t, h, info)
		projects = append(projects, filename.Project)
		var natives []wheel.Native
		for _, entry := range recordOf(t, info) {
			path := filepath.Join(target, filepath.FromSlash(entry.Path))
			recorded[path] = true
			content, err := os.ReadFile(path)
			if err != nil {
				t.Errorf("%s is recorded: %v", entry.Path, err)
				continue
			}
			if _, native := wheel.Sniff(entry.Path, content); !native {
				continue
			}
			facts, err := wheel.Inspect(entry.Path, bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Errorf("inspecting %s: %v", entry.Path, err)
			}
			natives = append(natives, facts)
		}
		for _, unfit := range h.CheckWheel(filename, natives) {
			t.Errorf("%s: %v", filename, unfit)
		}
	}
	err = filepath.WalkDir(target, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !recorded[path] {
			t.Errorf("%s is in no RECORD", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return projects
}

// wheelOf is the wheel that a .dist-info came from, by the tags that it states,
// one of which must be the host's.
func wheelOf(t *testing.T, h *host.Host, info string) wheel.Filename {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(info, "WHEEL"))
	if err != nil {
		t.Fatal(err)
	}
	stated, err := wheel.ParseInfo(text)
	if err != nil {
		t.Fatal(err)
	}
	base := strings.TrimSuffix(filepath.Base(info), ".dist-info")
	filename, err := wheel.ParseFilename(base + "-py3-none-any.whl")
	if err != nil {
		t.Fatalf("%s: %v", info, err)
	}
	var tags []wheel.Tag
	for _, text := range stated.Tags {
		parsed, err := wheel.ParseTags(text)
		if err != nil {
			t.Fatalf("%s: %v", info, err)
		}
		tags = append(tags, parsed...)
	}
	if filename, err = filename.WithTags(tags); err != nil {
		t.Fatalf("%s: %v", info, err)
	}
	if _, fits := h.BestRank(filename); !fits {
		t.Errorf("no tag of %s is the host's", filename)
	}
	return filename
}

func recordOf(t *testing.T, info string) []wheel.RecordEntry {
	t.Helper()
	f, err := os.Open(filepath.Join(info, "RECORD"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries, err := wheel.ParseRecord(f)
	if err != nil {
		t.Fatalf("%s: %v", info, err)
	}
	return entries
}

// TestLiveResolveAsUV compares the versions that xpip and uv choose.
func TestLiveResolveAsUV(t *testing.T) {
	xpip := live(t)
	uv := peer(t, "uv")
	cache := t.TempDir()
	type on struct{ platform, uv, python string }
	linux := on{"manylinux_2_28_x86_64", "x86_64-manylinux_2_28", "3.12"}
	aarch64 := on{"manylinux_2_28_aarch64", "aarch64-manylinux_2_28", "3.12"}
	windows := on{"win_amd64", "windows", "3.12"}
	mac := on{"macosx_13_0_arm64", "macos", "3.13"}
	ios := on{"ios_13_0_arm64_iphoneos", "arm64-apple-ios", "3.13"}
	android := on{"android_24_arm64_v8a", "aarch64-linux-android", "3.13"}
	cases := []struct {
		wanted []string
		hosts  []on
	}{
		{[]string{"apache-airflow"}, []on{linux, aarch64}},
		{[]string{"boto3", "urllib3<1.27"}, []on{ios, windows}},
		{[]string{"django[argon2]"}, []on{windows, mac}},
		{[]string{"toga-core"}, []on{ios, android}},
	}
	for _, c := range cases {
		for _, h := range c.hosts {
			t.Run(c.wanted[0]+"/"+h.platform, func(t *testing.T) {
				argv := []string{xpip, "install", "--isolated", "--cache-dir", filepath.Join(cache, "xpip"), "-q",
					"--uploaded-prior-to", liveBefore, "--only-binary", ":all:",
					"--platform", h.platform, "--python-version", h.python,
					"--target", filepath.Join(t.TempDir(), "t"), "--dry-run", "--report", "-"}
				stdout, stderr, code := execute(t, append(argv, c.wanted...)...)
				if code != 0 {
					t.Fatalf("xpip: exit %d\n%s", code, stderr)
				}
				ours := reported(t, stdout)
				theirs := compiled(t, uv, filepath.Join(cache, "uv"), h.uv, h.python, c.wanted)
				if !maps.Equal(ours, theirs) {
					t.Errorf("xpip and uv differ:\n%s", difference(ours, theirs))
				}
			})
		}
	}
}

// reported reads name and version of every project in a --report.
func reported(t *testing.T, report string) map[string]string {
	t.Helper()
	var parsed struct {
		Install []struct {
			Metadata struct{ Name, Version string }
		}
	}
	if err := json.Unmarshal([]byte(report), &parsed); err != nil {
		t.Fatalf("reading the report: %v", err)
	}
	out := map[string]string{}
	for _, item := range parsed.Install {
		out[requirements.NormalizeName(item.Metadata.Name)] = item.Metadata.Version
	}
	return out
}

func compiled(t *testing.T, uv, cache, platform, python string, wanted []string) map[string]string {
	t.Helper()
	in := filepath.Join(t.TempDir(), "requirements.in")
	if err := os.WriteFile(in, []byte(strings.Join(wanted, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := execute(t, uv, "pip", "compile", "-q", "--no-config", "--no-header", "--no-annotate",
		"--only-binary", ":all:", "--cache-dir", cache, "--exclude-newer", liveBefore,
		"--python-platform", platform, "--python-version", python, in)
	if code != 0 {
		t.Fatalf("uv: exit %d\n%s", code, stderr)
	}
	out := map[string]string{}
	for _, line := range strings.Split(stdout, "\n") {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), "=="); ok {
			name, _, _ = strings.Cut(name, "[")
			out[requirements.NormalizeName(name)] = version
		}
	}
	return out
}

func difference(ours, theirs map[string]string) string {
	var b strings.Builder
	names := slices.Sorted(maps.Keys(ours))
	for name := range theirs {
		if _, ok := ours[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if ours[name] != theirs[name] {
			fmt.Fprintf(&b, "  %s: xpip %q, uv %q\n", name, ours[name], theirs[name])
		}
	}
	return b.String()
}

// TestLiveSource builds sdists of the real index for a phone: what gets by
// without a compiler is installed, pure, and can be imported by any Python; what
// does not is refused with the reason, and nothing is written.
func TestLiveSource(t *testing.T) {
	xpip := live(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("building from source needs a Python 3")
	}
	cache := t.TempDir()
	install := func(t *testing.T, project string) (target, stdout, stderr string, code int) {
		target = filepath.Join(t.TempDir(), "target")
		stdout, stderr, code = execute(t, xpip, "install", "--isolated", "--cache-dir", cache, "--uploaded-prior-to", liveBefore,
			"--platform", "ios_13_0_arm64", "--python-version", "3.13", "--no-deps", "--no-binary", project, "--target", target, project)
		return target, stdout, stderr, code
	}
	for project, module := range map[string]string{
		"docopt": "docopt", "sgmllib3k": "sgmllib", "pyyaml": "yaml", "wrapt": "wrapt", "markupsafe": "markupsafe", "msgpack": "msgpack",
	} {
		t.Run(project, func(t *testing.T) {
			target, stdout, stderr, code := install(t, project)
			if code != 0 {
				t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
			}
			h, err := host.New(host.Options{Platforms: []string{"ios_13_0_arm64"}, PythonVersion: "3.13"})
			if err != nil {
				t.Fatal(err)
			}
			checkTree(t, h, target)
			for _, info := range must(filepath.Glob(filepath.Join(target, "*.dist-info"))) {
				if filename := wheelOf(t, h, info); !filename.IsPure() {
					t.Errorf("%s is not pure", filename)
				}
			}
			program := fmt.Sprintf("import sys; sys.path.insert(0, %q); import %s", target, module)
			if out, err := exec.Command(python, "-I", "-B", "-c", program).CombinedOutput(); err != nil {
				t.Errorf("importing %s: %v\n%s", module, err, out)
			}
		})
	}
	for project, reason := range map[string]string{
		"lxml": "cc -c", "numpy": "meson.build asks for C", "orjson": "written in Rust",
	} {
		t.Run(project, func(t *testing.T) {
			target, stdout, stderr, code := install(t, project)
			if code != 1 || !strings.Contains(stderr, "needs a compiler") || !strings.Contains(stderr, reason) {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
			if _, err := os.Stat(target); err == nil {
				t.Error("the refusal left a folder")
			}
		})
	}
}

// TestLiveTreeAsPip compares the tree that xpip and pip make of the same
// wheels: names, and bytes but for RECORD and INSTALLER, less bytecode and the
// scripts, whose first line pip writes for the build machine.
func TestLiveTreeAsPip(t *testing.T) {
	xpip := live(t)
	python := peer(t, "python")
	cache := t.TempDir()
	cases := []struct {
		platform, python string
		packages         []string
	}{
		{"ios_13_0_arm64_iphoneos", "3.14", []string{"pillow", "markupsafe", "httpx"}},
		{"manylinux2014_x86_64", "3.12", []string{"jinja2", "pygments", "pyyaml", "cffi"}},
		{"win_amd64", "3.12", []string{"markupsafe", "pywin32"}},
	}
	for _, c := range cases {
		t.Run(c.platform, func(t *testing.T) {
			ours, theirs := filepath.Join(t.TempDir(), "xpip"), filepath.Join(t.TempDir(), "pip")
			common := []string{"install", "--isolated", "--only-binary", ":all:",
				"--platform", c.platform, "--python-version", c.python, "--no-deps"}
			argv := append([]string{xpip}, common...)
			argv = append(argv, "--cache-dir", filepath.Join(cache, "x"), "--uploaded-prior-to", liveBefore, "--target", ours)
			if _, stderr, code := execute(t, append(argv, c.packages...)...); code != 0 {
				t.Fatalf("xpip: exit %d\n%s", code, stderr)
			}
			// pip finds upload times in JSON alone: it is told the versions.
			argv = append([]string{python, "-m", "pip"}, common...)
			argv = append(argv, "--no-compile", "--implementation", "cp", "--abi", "cp"+strings.ReplaceAll(c.python, ".", ""),
				"--cache-dir", filepath.Join(cache, "p"), "--target", theirs)
			for _, info := range must(filepath.Glob(filepath.Join(ours, "*.dist-info"))) {
				name, version, _ := strings.Cut(strings.TrimSuffix(filepath.Base(info), ".dist-info"), "-")
				argv = append(argv, name+"=="+version)
			}
			if _, stderr, code := execute(t, argv...); code != 0 {
				t.Fatalf("pip: exit %d\n%s", code, stderr)
			}
			a, b := treeDigests(t, ours), treeDigests(t, theirs)
			if !maps.Equal(a, b) {
				t.Errorf("the trees differ:\n%s", difference(a, b))
			}
		})
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func treeDigests(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if strings.HasPrefix(rel, "bin/") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch filepath.Base(rel) {
		case "RECORD":
			content = []byte(recordRows(string(content)))
		case "INSTALLER":
			content = nil
		}
		out[rel] = fmt.Sprintf("%x", sha256.Sum256(content))[:16]
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// recordRows is a RECORD as a sorted set, less the rows of files that the two
// tools are known to write differently.
func recordRows(text string) string {
	var rows []string
	for _, row := range strings.Split(text, "\n") {
		row = strings.TrimSpace(row)
		if row == "" || strings.Contains(row, "/INSTALLER,") || strings.Contains(row, "bin/") || strings.Contains(row, ".pyc") {
			continue
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return strings.Join(rows, "\n")
}
