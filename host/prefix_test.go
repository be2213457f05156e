package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/xpip/xpip/host/sysvars"
)

const iosDetails = `{"schema_version": "1.0", "base_prefix": "/x", "platform": "ios-13.0-arm64-iphoneos",
 "language": {"version": "3.14", "version_info": {"major": 3, "minor": 14, "micro": 2, "releaselevel": "final", "serial": 0}},
 "implementation": {"name": "cpython", "_multiarch": "arm64-iphoneos"}, "abi": {"flags": []}}`

const androidVars = `# system configuration generated and used by the sysconfig module
build_time_vars = {'ABIFLAGS': '',
 'ANDROID_API_LEVEL': 24,
 'CONFIG_ARGS': "'--host=aarch64-linux-android' "
                "'MACHDEP': 'ios',",
 'LONG': 'one '
         'two',
 'MACHDEP': 'android',
 'MULTIARCH': 'aarch64-linux-android',
 'VERSION': '3.13'}
`

// write makes files below dir; a name that ends in a slash is a folder, a text
// that begins with "->" a link.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, link := strings.CutPrefix(text, "->"); link {
			if err = os.Symlink(to, path); err != nil && runtime.GOOS == "windows" {
				t.Skipf("links need a privilege here: %v", err)
			}
		} else if strings.HasSuffix(name, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = os.WriteFile(path, []byte(strings.ReplaceAll(text, "$DIR", dir)), 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// trap is an interpreter that must not be run; a program that starts it would
// leave a file behind.
const trap = "#!/bin/sh\ntouch $DIR/was-run\n"

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		path  string
		want  Facts // paths relative to the folder
	}{
		"venv": {
			map[string]string{"pyvenv.cfg": "home = /nowhere/bin\ninclude-system-site-packages = false\nversion = 3.11.2\nexecutable = /nowhere/bin/python3.11\n", "bin/python": trap},
			"bin/python",
			Facts{Prefix: ".", Executable: "bin/python", Virtual: true, Base: "/nowhere/bin/python3.11", BaseHome: "/nowhere/bin", Python: "3.11.2", PythonOrigin: "pyvenv.cfg"},
		},
		"venv by its folder": {
			map[string]string{"pyvenv.cfg": "home = /nowhere/bin\nversion = 3.14.0rc2\n", "bin/python3": trap, "lib/python3.14/site-packages/": ""},
			"",
			Facts{Prefix: ".", Executable: "bin/python3", Virtual: true, BaseHome: "/nowhere/bin", Python: "3.14.0", PythonOrigin: "pyvenv.cfg", Site: []string{"lib/python3.14/site-packages"}},
		},
		"virtualenv, free-threaded": {
			map[string]string{"pyvenv.cfg": "home=/opt/bin\r\nimplementation=PyPy\r\nversion_info=3.13.1.final.0\r\nbase-executable=/opt/bin/python3.13t\r\n", "Scripts/python.exe": trap, "lib/python3.13t/": ""},
			"Scripts/python.exe",
			Facts{Prefix: ".", Executable: "Scripts/python.exe", Virtual: true, Base: "/opt/bin/python3.13t", BaseHome: "/opt/bin", Implementation: "pp", Python: "3.13.1t", PythonOrigin: "pyvenv.cfg"},
		},
		"link that leads nowhere": {
			map[string]string{"pyvenv.cfg": "home = /nowhere\nversion = 3.13\n", "bin/python": "->/nowhere/python3.13"},
			"bin/python",
			Facts{Prefix: ".", Executable: "bin/python", Virtual: true, BaseHome: "/nowhere", Python: "3.13", PythonOrigin: "pyvenv.cfg"},
		},
		"xvenv with build details": {
			map[string]string{"v/pyvenv.cfg": "home = /nowhere/bin\nversion = 3.14.9\nxvenv-build-details = $DIR/s/build-details.json\n", "v/bin/python": trap, "s/build-details.json": iosDetails},
			"v/bin/python",
			Facts{Prefix: "v", Executable: "v/bin/python", Virtual: true, Cross: true, BaseHome: "/nowhere/bin", Implementation: "cp", Python: "3.14.2", PythonOrigin: "s/build-details.json", Platform: "ios-13.0-arm64-iphoneos", PlatformOrigin: "s/build-details.json"},
		},
		"xvenv with sysconfig data": {
			map[string]string{"v/pyvenv.cfg": "home = /nowhere/bin\nversion = 3.13.9\nxvenv-sysconfig = ../s/python3.13/_sysconfigdata__android_aarch64-linux-android.py\n", "v/bin/python": trap, "s/python3.13/_sysconfigdata__android_aarch64-linux-android.py": androidVars},
			"v",
			Facts{Prefix: "v", Executable: "v/bin/python", Virtual: true, Cross: true, BaseHome: "/nowhere/bin", Python: "3.13.9", PythonOrigin: "v/pyvenv.cfg", Platform: "android-24-arm64_v8a", PlatformOrigin: "s/python3.13/_sysconfigdata__android_aarch64-linux-android.py"},
		},
		"installation with build details": {
			map[string]string{"lib/python3.14/build-details.json": iosDetails, "bin/python3.14": trap},
			"bin/python3.14",
			Facts{Prefix: ".", Executable: "bin/python3.14", Implementation: "cp", Python: "3.14.2", PythonOrigin: "lib/python3.14/build-details.json", Platform: "ios-13.0-arm64-iphoneos", PlatformOrigin: "lib/python3.14/build-details.json"},
		},
		"installation of several versions": {
			map[string]string{"lib/python3.12/": "", "lib/python3.13/": "", "bin/python3.12": trap},
			"bin/python3.12",
			Facts{Prefix: ".", Executable: "bin/python3.12", Python: "3.12", PythonOrigin: "lib/python3.12"},
		},
		"nothing said": {
			map[string]string{"bin/python": trap},
			"bin/python",
			Facts{Prefix: ".", Executable: "bin/python"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.files)
			want := c.want
			for i := range want.Site {
				want.Site[i] = filepath.Join(dir, filepath.FromSlash(want.Site[i]))
			}
			for _, p := range []*string{&want.Prefix, &want.Executable, &want.PythonOrigin, &want.PlatformOrigin} {
				if *p != "" {
					*p = filepath.Join(dir, filepath.FromSlash(*p))
				}
			}
			got, err := Read(filepath.Join(dir, filepath.FromSlash(c.path)))
			got.Sources, got.Markers = nil, nil
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
			}
			if _, err := os.Stat(filepath.Join(dir, "was-run")); err == nil {
				t.Error("the interpreter was run")
			}
		})
	}
}

func TestReadPrefixRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		path  string
		text  string
	}{
		"nothing there":      {nil, "absent", "no such file"},
		"any folder":         {map[string]string{"readme": "x"}, "", "not the folder of a Python environment"},
		"large pyvenv.cfg":   {map[string]string{"pyvenv.cfg": strings.Repeat("#", maxVenvConfig+1)}, "", "more than"},
		"record of a folder": {map[string]string{"pyvenv.cfg": "xvenv-build-details = d\n", "d/": ""}, "", "not a regular file"},
		"record of nothing":  {map[string]string{"pyvenv.cfg": "xvenv-sysconfig = /nowhere/x.py\n"}, "", "/nowhere/x.py"},
		"no JSON":            {map[string]string{"pyvenv.cfg": "xvenv-build-details = d\n", "d": "{"}, "", "understanding"},
		"later schema":       {map[string]string{"pyvenv.cfg": "xvenv-build-details = d\n", "d": `{"schema_version": "2.0"}`}, "", "version 1"},
		"no platform":        {map[string]string{"pyvenv.cfg": "xvenv-build-details = d\n", "d": `{"schema_version": "1.0"}`}, "", "platform"},
		"no version":         {map[string]string{"pyvenv.cfg": "xvenv-build-details = d\n", "d": `{"schema_version": "1.0", "platform": "p"}`}, "", "version"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.files)
			_, err := Read(filepath.Join(dir, c.path))
			var refused *PrefixError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want a PrefixError with %q", err, c.text)
			}
			if absent := c.path != "" || c.files["readme"] != ""; errors.Is(err, fs.ErrNotExist) != (absent || strings.Contains(name, "nothing")) {
				t.Errorf("%v: is it absence?", err)
			}
		})
	}
}

func TestNewOfPrefix(t *testing.T) {
	facts := &Facts{Platform: "ios-15.1-arm64-iphonesimulator", PlatformOrigin: "/b.json", Python: "3.13.4", PythonOrigin: "/p.cfg", Implementation: "cp"}
	for name, c := range map[string]struct {
		options                  Options
		platform, python, origin string
	}{
		"all of the prefix":    {Options{}, "ios_15_1_arm64_iphonesimulator", "3.13.4", "/b.json"},
		"platform of the user": {Options{Platforms: []string{"ios_13_0_arm64"}}, "ios_13_0_arm64_iphoneos", "3.13.4", "--platform"},
		"version of the user":  {Options{PythonVersion: "3.14"}, "ios_15_1_arm64_iphonesimulator", "3.14", "/b.json"},
	} {
		c.options.Prefix = facts
		h, err := New(c.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if h.Platform() != c.platform || h.Python().String() != c.python || h.Origin("platform") != c.origin {
			t.Errorf("%s: %s, Python %s, platform from %s", name, h.Platform(), h.Python(), h.Origin("platform"))
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("home = /nowhere/bin\nversion = 3.11.2\n"), []byte(iosDetails))
	f.Add([]byte("implementation = \nversion_info = 3.13.0.final.0\n"), []byte(androidVars))
	f.Fuzz(func(t *testing.T, config, content []byte) {
		details, err := parseBuildDetails(content)
		if err == nil && leadingVersion(details.Language.Version) == "" {
			t.Error("no version and no error")
		}
		if vars, err := sysvars.ParseModule(content); err == nil {
			sysconfigPlatform(vars)
		}
		for _, value := range parseVenvConfig(config) {
			if v := leadingVersion(value); v != "" {
				if _, err := ParsePythonVersion(v); err != nil {
					t.Errorf("%q of %q: %v", v, value, err)
				}
			}
			abbreviation(value)
		}
	})
}
