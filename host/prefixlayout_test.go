package host

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vars is a _sysconfigdata module with the given variables: KEY=value.
func vars(pairs ...string) string {
	var b strings.Builder
	b.WriteString("# system configuration generated and used by the sysconfig module\nbuild_time_vars = {")
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		b.WriteString("'" + key + "': '" + value + "',\n ")
	}
	return b.String() + "}\n"
}

func linuxVars(short, multiarch string) string {
	nodot := strings.ReplaceAll(strings.TrimSuffix(short, "t"), ".", "")
	if strings.HasSuffix(short, "t") {
		nodot += "t"
	}
	return vars("VERSION="+strings.TrimSuffix(short, "t"), "MACHDEP=linux", "MULTIARCH="+multiarch, "EXT_SUFFIX=.cpython-"+nodot+"-"+multiarch+".so")
}

const (
	loaderARM64 = "/lib/ld-linux-aarch64.so.1"
	loaderX8664 = "/lib64/ld-linux-x86-64.so.2"

	debianSysconfig = "_INSTALL_SCHEMES = {'deb_system': {}, 'posix_local': {}}\n"
)

// debianRoot is a root file system as Debian's, with an absolute link for lib.
func debianRoot() map[string]string {
	return map[string]string{
		"etc/debian_version": "13.1\n", "lib": "->/usr/lib", "bin": "->usr/bin",
		"usr/bin/python3": "->python3.13", "usr/bin/python3.13": interpreter(elfAArch64, loaderARM64, "GLIBC_2.17", "GLIBC_2.38").String(),
		"usr/lib/ld-linux-aarch64.so.1":                                 "->aarch64-linux-gnu/ld-linux-aarch64.so.1",
		"usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1":               glibc(elfAArch64, "GLIBC_2.17"),
		"usr/lib/aarch64-linux-gnu/libc.so.6":                           glibc(elfAArch64, "libc.so.6", "GLIBC_2.17", "GLIBC_2.41", "GLIBC_2.9", "GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR"),
		"usr/lib/python3.13/_sysconfigdata__aarch64-linux-gnu.py":       "->_sysconfigdata__linux_aarch64-linux-gnu.py",
		"usr/lib/python3.13/_sysconfigdata__linux_aarch64-linux-gnu.py": linuxVars("3.13", "aarch64-linux-gnu"),
		"usr/lib/python3.13/sysconfig/__init__.py":                      debianSysconfig,
		"usr/lib/python3.13/EXTERNALLY-MANAGED":                         "[externally-managed]\n",
		"usr/include/python3.13/patchlevel.h":                           "#define PY_VERSION\t\"3.13.5\"\n",
		"usr/lib/python3/dist-packages/":                                "",
		"usr/local/lib/python3.13/dist-packages/":                       "",
	}
}

func with(files map[string]string, more ...string) map[string]string {
	out := make(map[string]string)
	for name, text := range files {
		out[name] = text
	}
	for i := 0; i < len(more); i += 2 {
		if out[more[i]] = more[i+1]; more[i+1] == "-" {
			delete(out, more[i])
		}
	}
	return out
}

// TestReadLayouts reads prefixes of every kind, and says what host they make.
func TestReadLayouts(t *testing.T) {
	android := interpreter(elfAArch64, "")
	android.needed = []string{"libc.so", "liblog.so"}
	soft := interpreter(elfARM, "/lib/ld-linux.so.3", "GLIBC_2.4")
	soft.flags = 0x05000200
	conda := map[string]string{
		"bin/python3.12": interpreter(elfPPC64, "/lib64/ld64.so.2", "GLIBC_2.17").String(), "bin/python": "->python3.12",
		"conda-meta/python-3.12.7-h1234567_0_cpython.json":              "{}",
		"lib/python3.12/_sysconfigdata__linux_powerpc64le-linux-gnu.py": linuxVars("3.12", "powerpc64le-linux-gnu"),
		"lib/python3.12/_sysconfigdata_powerpc64le_conda_linux_gnu.py":  linuxVars("3.12", "powerpc64le-linux-gnu"),
		"lib/python3.12/site-packages/":                                 "",
	}
	for name, c := range map[string]struct {
		files     map[string]string
		path      string
		platforms []string
		python    string
		abi       string
		tag       string // the second
		scheme    string
		root      string
		sites     []string
	}{
		"root of Debian":                   {debianRoot(), "", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.13.5", "cp313", "cp313-cp313-manylinux_2_41_aarch64", "local/lib/python3.13/dist-packages", ".", []string{"usr/local/lib/python3.13/dist-packages", "usr/lib/python3/dist-packages"}},
		"its prefix":                       {debianRoot(), "usr", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.13.5", "cp313", "", "local/lib/python3.13/dist-packages", ".", []string{"usr/local/lib/python3.13/dist-packages", "usr/lib/python3/dist-packages"}},
		"its interpreter":                  {debianRoot(), "usr/bin/python3.13", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.13.5", "cp313", "", "local/lib/python3.13/dist-packages", ".", []string{"usr/local/lib/python3.13/dist-packages", "usr/lib/python3/dist-packages"}},
		"its interpreter through the link": {debianRoot(), "bin/python3", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.13.5", "cp313", "", "local/lib/python3.13/dist-packages", ".", []string{"usr/local/lib/python3.13/dist-packages", "usr/lib/python3/dist-packages"}},
		"virtual environment in it": {
			with(debianRoot(), "opt/venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.13.4\ninclude-system-site-packages = true\n", "opt/venv/bin/python", "->/usr/bin/python3.13", "opt/venv/lib/python3.13/site-packages/", ""),
			"opt/venv", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.13.5", "cp313", "", "lib/python3.13/site-packages", ".",
			[]string{"opt/venv/lib/python3.13/site-packages", "usr/local/lib/python3.13/dist-packages", "usr/lib/python3/dist-packages"},
		},
		"crossenv of it": {
			with(debianRoot(), "xe/build/pyvenv.cfg", "home = /nowhere\n", "xe/cross/pyvenv.cfg", "home = $DIR/usr/bin\nversion = 3.13.1\nexecutable = /nowhere/python3.13\n", "xe/cross/bin/python3", trap, "xe/cross/lib/python3.13/site-packages/", ""),
			"xe", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.13.5", "cp313", "", "lib/python3.13/site-packages", "", []string{"xe/cross/lib/python3.13/site-packages"},
		},
		"image with a Python of its own": {
			with(debianRoot(), "usr/local/bin/python3", "->python3.14", "usr/local/bin/python3.14", interpreter(elfAArch64, loaderARM64).with("3.14.1rc2").String(),
				"usr/local/lib/python3.14/sysconfig/__init__.py", "", "usr/local/lib/python3.14/site-packages/", ""),
			"", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.14.1", "cp314", "", "lib/python3.14/site-packages", ".", []string{"usr/local/lib/python3.14/site-packages"},
		},
		"root of Alpine": {
			map[string]string{
				"etc/alpine-release": "3.22", "usr/bin/python3": "->python3.12", "usr/bin/python3.12": elfSpec{order: interpreter(elfX8664, "").order, wide: true, machine: elfX8664, interp: "/lib/ld-musl-x86_64.so.1", needed: []string{"libc.musl-x86_64.so.1"}}.String(),
				"lib/ld-musl-x86_64.so.1": interpreter(elfX8664, "").with("1.2.5").String(), "lib/libc.musl-x86_64.so.1": "->ld-musl-x86_64.so.1",
				"usr/lib/python3.12/_sysconfigdata__linux_x86_64-linux-musl.py": linuxVars("3.12", "x86_64-linux-musl"), "usr/lib/libpython3.12.so.1.0": interpreter(elfX8664, "").with("3.12.11").String(),
			},
			"", []string{"linux_x86_64", "musllinux_1_2_x86_64"}, "3.12.11", "cp312", "cp312-cp312-musllinux_1_2_x86_64", "lib/python3.12/site-packages", ".", nil,
		},
		"root of Fedora": {
			map[string]string{
				"etc/os-release": "", "usr/bin/python3": interpreter(elfS390X, "/lib/ld64.so.1").String(), "lib64": "->usr/lib64", "lib": "->usr/lib",
				"usr/lib/ld64.so.1": "->../lib64/ld64.so.1", "usr/lib64/ld64.so.1": glibc(elfS390X, "GLIBC_2.4"), "usr/lib64/libc.so.6": glibc(elfS390X, "GLIBC_2.42"),
				"usr/lib64/python3.14/_sysconfigdata__linux_s390x-linux-gnu.py": strings.Replace(linuxVars("3.14", "s390x-linux-gnu"), "{", "{'PLATLIBDIR': 'lib64', ", 1),
				"usr/lib64/python3.14/sysconfig/__init__.py":                    "_INSTALL_SCHEMES['rpm_prefix'] = 1", "usr/lib64/python3.14/site-packages/": "", "usr/lib/python3.14/site-packages/": "",
			},
			"", []string{"linux_s390x", "manylinux_2_42_s390x"}, "3.14", "cp314", "", "local/lib/python3.14/site-packages", ".", []string{"usr/lib64/python3.14/site-packages", "usr/lib/python3.14/site-packages"},
		},
		"conda of another processor": {conda, "", []string{"linux_ppc64le", "manylinux_2_17_ppc64le"}, "3.12.7", "cp312", "", "lib/python3.12/site-packages", "", []string{"lib/python3.12/site-packages"}},
		"conda in a root": {
			with(debianRoot(), "opt/conda/bin/python3.12", interpreter(elfAArch64, loaderARM64).with("3.12.8").String(), "opt/conda/bin/python", "->python3.12", "opt/conda/lib/python3.12/os.py", ""),
			"opt/conda", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.12.8", "cp312", "", "lib/python3.12/site-packages", ".", nil,
		},
		"Python below usr in a root": {
			with(debianRoot(), "usr/share/pythons/3.12/bin/python3.12", interpreter(elfAArch64, loaderARM64).with("3.12.8").String(), "usr/share/pythons/3.12/lib/python3.12/os.py", ""),
			"usr/share/pythons/3.12", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.12.8", "cp312", "", "lib/python3.12/site-packages", ".", nil,
		},
		"link to a Python elsewhere in a root": {
			with(debianRoot(), "usr/local/bin/python3", "->/opt/python/bin/python3.12", "opt/python/bin/python3.12", interpreter(elfAArch64, loaderARM64).with("3.12.8").String(), "opt/python/lib/python3.12/os.py", ""),
			"", []string{"linux_aarch64", "manylinux_2_41_aarch64"}, "3.12.8", "cp312", "", "lib/python3.12/site-packages", ".", nil,
		},
		"link to an interpreter": {
			with(conda, "links/python", "->../bin/python3.12"),
			"links/python", []string{"linux_ppc64le", "manylinux_2_17_ppc64le"}, "3.12.7", "cp312", "", "lib/python3.12/site-packages", "", nil,
		},
		"soft-float ARM": {
			map[string]string{"bin/python3.13": soft.String(), "bin/python": "->python3.13", "lib/python3.13/os.py": ""},
			"", []string{"linux_armv7l"}, "3.13", "cp313", "", "lib/python3.13/site-packages", "", nil,
		},
		"virtual environment of Windows": {
			map[string]string{"pyvenv.cfg": `home = C:\Python313` + "\nversion = 3.13.2\n", "Scripts/python.exe": "->../arm64.exe", "arm64.exe": peHeader(0xaa64), "Lib/site-packages/": ""},
			"", []string{"win_arm64"}, "3.13.2", "cp313", "", "Lib/site-packages", "", []string{"Lib/site-packages"},
		},
		"32-bit ARM": {
			with(debianRoot(), "usr/bin/python3.13", interpreter(elfARM, "/lib/ld-linux-armhf.so.3").String(), "usr/lib/ld-linux-armhf.so.3", glibc(elfARM, "GLIBC_2.4"), "usr/lib/arm-linux-gnueabihf/libc.so.6", glibc(elfARM, "GLIBC_2.31"),
				"usr/lib/python3.13/_sysconfigdata__aarch64-linux-gnu.py", "-", "usr/lib/python3.13/_sysconfigdata__linux_aarch64-linux-gnu.py", linuxVars("3.13", "arm-linux-gnueabihf")),
			"", []string{"linux_armv7l", "manylinux_2_31_armv7l"}, "3.13.5", "cp313", "", "local/lib/python3.13/dist-packages", ".", nil,
		},
		"free-threaded": {
			map[string]string{"bin/python3.14t": interpreter(elfRISCV, "/lib/ld-linux-riscv64-lp64d.so.1", "GLIBC_2.31").with("3.14.0").String(), "bin/python3": "->python3.14t", "lib/python3.14t/_sysconfigdata_t_linux_riscv64-linux-gnu.py": linuxVars("3.14t", "riscv64-linux-gnu"), "lib/python3.14/": ""},
			"", []string{"linux_riscv64", "manylinux_2_31_riscv64"}, "3.14.0t", "cp314t", "", "lib/python3.14t/site-packages", "", nil,
		},
		"PyPy": {
			map[string]string{"bin/pypy3.11": interpreter(elfAArch64, loaderARM64, "GLIBC_2.28").String(), "bin/python3": "->pypy3.11", "lib/pypy3.11/_sysconfigdata__linux_aarch64-linux-gnu.py": vars("EXT_SUFFIX=.pypy311-pp73-aarch64-linux-gnu.so", "SOABI=pypy311-pp73", "MULTIARCH=aarch64-linux-gnu")},
			"", []string{"linux_aarch64", "manylinux_2_28_aarch64"}, "3.11", "pypy311_pp73", "pp311-pypy311_pp73-manylinux_2_28_aarch64", "lib/pypy3.11/site-packages", "", nil,
		},
		"Android": {
			map[string]string{"lib/python3.13/_sysconfigdata__android_aarch64-linux-android.py": androidVars, "lib/libpython3.13.so": android.with("3.13.9").String()},
			"", []string{"android_24_arm64_v8a"}, "3.13.9", "cp313", "cp313-cp313-android_23_arm64_v8a", "lib/python3.13/site-packages", "", nil,
		},
		"FreeBSD": {
			map[string]string{"bin/python3.13": trap, "lib/python3.13/_sysconfigdata__freebsd14_.py": vars("VERSION=3.13", "MACHDEP=freebsd14", "MULTIARCH=", "EXT_SUFFIX=.cpython-313.so", "HOST_GNU_TYPE=x86_64-portbld-freebsd14.2")},
			"", []string{"freebsd_14_2_release_amd64"}, "3.13", "cp313", "", "lib/python3.13/site-packages", "", nil,
		},
		"WASI": {
			map[string]string{"lib/python3.13/_sysconfigdata__wasi_wasm32-wasi.py": vars("VERSION=3.13", "MACHDEP=wasi", "MULTIARCH=wasm32-wasi", "EXT_SUFFIX=.cpython-313-wasm32-wasi.so")},
			"", []string{"wasi_0_0_0_wasm32"}, "3.13", "cp313", "", "lib/python3.13/site-packages", "", nil,
		},
		"framework": {
			map[string]string{"Python.framework/Versions/3.13/lib/python3.13/_sysconfigdata__darwin_darwin.py": vars("VERSION=3.13", "MACHDEP=darwin", "MULTIARCH=darwin", "EXT_SUFFIX=.cpython-313-darwin.so", "MACOSX_DEPLOYMENT_TARGET=10.13", "CFLAGS=-g -arch arm64 -arch x86_64 -O3"),
				"Python.framework/Versions/Current": "->3.13", "Python.framework/Versions/3.13/bin/python3.13": trap},
			"Python.framework", []string{"macosx_10_13_universal2"}, "3.13", "cp313", "", "lib/python3.13/site-packages", "", nil,
		},
		"Windows": {
			map[string]string{"python.exe": "MZ", "python314.dll": "MZ", "python3.dll": "MZ", "Lib/os.py": "", "Lib/site-packages/": "", "Include/patchlevel.h": "#define PY_VERSION \"3.14.2\"\n", "Lib/build-details.json": `{"schema_version": "1.0", "platform": "win-arm64", "language": {"version": "3.14"}, "implementation": {"name": "cpython"}, "abi": {"flags": [], "extension_suffix": ".cp314-win_arm64.pyd"}}`},
			"", []string{"win_arm64"}, "3.14.2", "cp314", "", "Lib/site-packages", "", []string{"Lib/site-packages"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.files)
			facts, err := Read(filepath.Join(dir, filepath.FromSlash(c.path)))
			if err != nil {
				t.Fatal(err)
			}
			h, err := New(Options{Prefix: &facts})
			if err != nil {
				t.Fatalf("%v, of %+v", err, facts)
			}
			if !slices.Equal(h.Platforms(), c.platforms) || h.Python().String() != c.python || h.Scheme().Purelib != c.scheme || !slices.Equal(h.ABIs(), []string{c.abi}) {
				t.Errorf("%v, Python %s, %v, %s", h.Platforms(), h.Python(), h.ABIs(), h.Scheme().Purelib)
			}
			if c.tag != "" && h.Tags()[1].String() != c.tag {
				t.Errorf("the second tag is %s", h.Tags()[1])
			}
			root := ""
			if c.root != "" {
				root = filepath.Join(dir, c.root)
			}
			if facts.Root != root {
				t.Errorf("root %q", facts.Root)
			}
			for i, site := range facts.Site {
				facts.Site[i], _ = filepath.Rel(dir, site)
			}
			if c.sites != nil && !slices.Equal(facts.Site, c.sites) {
				t.Errorf("sites %q", facts.Site)
			}
			if (facts.ExternallyManaged != "") != (strings.Contains(c.scheme, "dist-packages")) {
				t.Errorf("protected by %q", facts.ExternallyManaged)
			}
			if isFile(filepath.Join(dir, "was-run")) {
				t.Error("the interpreter was run")
			}
		})
	}
}

const xcframeworkPlist = `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>AvailableLibraries</key><array>
<dict><key>LibraryIdentifier</key><string>ios-arm64</string><key>LibraryPath</key><string>Python.framework</string><key>SupportedArchitectures</key><array><string>arm64</string></array><key>SupportedPlatform</key><string>ios</string></dict>
<dict><key>LibraryIdentifier</key><string>ios-arm64_x86_64-simulator</string><key>LibraryPath</key><string>Python.framework</string><key>SupportedArchitectures</key><array><string>arm64</string><string>x86_64</string></array><key>SupportedPlatform</key><string>ios</string><key>SupportedPlatformVariant</key><string>simulator</string></dict>
</array></dict></plist>`

func TestReadXCFramework(t *testing.T) {
	slice := func(multiarch string) string {
		return vars("VERSION=3.13", "MACHDEP=ios", "MULTIARCH="+multiarch, "IPHONEOS_DEPLOYMENT_TARGET=13.0", "EXT_SUFFIX=.cpython-313-"+multiarch[strings.Index(multiarch, "-")+1:]+".so")
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"Python.xcframework/Info.plist": xcframeworkPlist,
		"Python.xcframework/ios-arm64/lib-arm64/python3.13/_sysconfigdata__ios_arm64-iphoneos.py":                           slice("arm64-iphoneos"),
		"Python.xcframework/ios-arm64_x86_64-simulator/lib-arm64/python3.13/_sysconfigdata__ios_arm64-iphonesimulator.py":   slice("arm64-iphonesimulator"),
		"Python.xcframework/ios-arm64_x86_64-simulator/lib-x86_64/python3.13/_sysconfigdata__ios_x86_64-iphonesimulator.py": slice("x86_64-iphonesimulator"),
	})
	framework := filepath.Join(dir, "Python.xcframework")
	var several *SlicesError
	if _, err := Read(framework); !errors.As(err, &several) || len(several.Platforms) != 3 {
		t.Errorf("several slices: %v", err)
	}
	for path, c := range map[string]struct{ asked, want string }{
		"":                      {"ios_17_0_arm64", "ios_13_0_arm64_iphoneos"},
		"Info.plist":            {"iphonesimulator", "ios_13_0_arm64_iphonesimulator"},
		"../Python.xcframework": {"x86_64-apple-ios-simulator", "ios_13_0_x86_64_iphonesimulator"},
		"ios-arm64":             {"", "ios_13_0_arm64_iphoneos"},
		"..":                    {"ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphoneos"},
	} {
		var asked []string
		if c.asked != "" {
			asked = []string{c.asked}
		}
		facts, err := Read(filepath.Join(framework, path), asked...)
		if err != nil {
			t.Errorf("%s for %s: %v", path, c.asked, err)
			continue
		}
		h, err := New(Options{Prefix: &facts})
		if err != nil || h.Platform() != c.want || h.Python().String() != "3.13" || len(facts.Conflicts) > 0 {
			t.Errorf("%s for %s: %v, %v, of %+v", path, c.asked, h, err, facts)
		}
	}
}

// TestReadApp reads the folder of an app as Briefcase makes it.
func TestReadApp(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"Support/Python.xcframework/Info.plist":                                                           xcframeworkPlist,
		"Support/Python.xcframework/ios-arm64/lib-arm64/python3.13/_sysconfigdata__ios_arm64-iphoneos.py": vars("VERSION=3.13", "MACHDEP=ios", "MULTIARCH=arm64-iphoneos", "IPHONEOS_DEPLOYMENT_TARGET=13.0"),
		"Hello/app_packages.iphoneos/":                                                                    "", "Hello/app_packages.iphonesimulator/": "", "Hello/app/": "",
	})
	for platform, folder := range map[string]string{"ios_13_0_arm64": "app_packages.iphoneos", "iphonesimulator": "app_packages.iphonesimulator"} {
		facts, err := Read(dir, platform)
		if err != nil {
			t.Fatal(err)
		}
		h, err := New(Options{Prefix: &facts, Platforms: []string{platform}})
		if err != nil {
			t.Fatal(err)
		}
		if s := h.Scheme(); facts.Prefix != filepath.Join(dir, "Hello") || s.Purelib != folder && facts.Python != "" || s.ScriptKind != ScriptsNone {
			t.Errorf("%s: %q, %+v", platform, facts.Prefix, s)
		}
	}
}

// TestReadConflicts: two files that cannot both be right are an error that
// names them, and an option settles it.
func TestReadConflicts(t *testing.T) {
	details := func(platform, suffix string, flags string) string {
		return `{"schema_version": "1.0", "platform": "` + platform + `", "language": {"version": "3.13"}, "implementation": {"name": "cpython"}, "abi": {"flags": [` + flags + `], "extension_suffix": "` + suffix + `"}}`
	}
	const name = "usr/lib/python3.13/build-details.json"
	const varsName = "usr/lib/python3.13/_sysconfigdata__linux_aarch64-linux-gnu.py"
	for label, c := range map[string]struct {
		files   map[string]string
		field   string // "" if there is no conflict
		settled Options
	}{
		"build machine's platform":      {with(debianRoot(), name, details("linux-x86_64", ".cpython-313-aarch64-linux-gnu.so", "")), "platform", Options{Platforms: []string{"manylinux_2_28_aarch64"}}},
		"build machine's suffix":        {with(debianRoot(), name, details("linux-aarch64", ".cpython-313-x86_64-linux-gnu.so", "")), "platform", Options{Platforms: []string{"manylinux_2_28_aarch64"}}},
		"interpreter of another kind":   {with(debianRoot(), "usr/bin/python3.13", interpreter(elfX8664, loaderX8664).String()), "platform", Options{Platforms: []string{"manylinux_2_28_aarch64"}}},
		"empty platform":                {with(debianRoot(), name, details("", ".cpython-313-aarch64-linux-gnu.so", "")), "", Options{}},
		"flags without the suffix's t":  {with(debianRoot(), name, details("linux-aarch64", ".cpython-313-aarch64-linux-gnu.so", `"t"`)), "", Options{}},
		"another version":               {with(debianRoot(), varsName, linuxVars("3.12", "aarch64-linux-gnu")), "python", Options{PythonVersion: "3.13"}},
		"another third part":            {with(debianRoot(), name, strings.Replace(details("linux-aarch64", "", ""), `"3.13"`, `"3.13.4"`, 1)), "python", Options{PythonVersion: "3.13.5"}},
		"threads":                       {with(debianRoot(), varsName, linuxVars("3.13t", "aarch64-linux-gnu"), "usr/include/python3.13/pyconfig.h", "", name, details("linux-aarch64", ".cpython-313-aarch64-linux-gnu.so", "")), "abi", Options{ABIs: []string{"cp313"}}},
		"glibc by name, musl by loader": {with(debianRoot(), "usr/bin/python3.13", interpreter(elfAArch64, "/lib/ld-musl-aarch64.so.1").with("x").String()), "", Options{}},
		"kernel's word for 32-bit ARM":  {with(debianRoot(), "usr/bin/python3.13", interpreter(elfARM, loaderARM64).String(), varsName, vars("MACHDEP=linux", "VERSION=3.13", "MULTIARCH=arm-linux-gnueabihf", "HOST_GNU_TYPE=armv8l-unknown-linux-gnueabihf"), name, details("linux-armv8l", "", "")), "", Options{}},
	} {
		t.Run(label, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.files)
			facts, err := Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			_, err = New(Options{Prefix: &facts})
			var conflict *ConflictError
			if c.field == "" {
				if err != nil {
					t.Errorf("%v", err)
				}
				return
			}
			if !errors.As(err, &conflict) || conflict.Field != c.field || conflict.First.Value == conflict.Second.Value {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(err.Error(), conflict.First.File) || !strings.Contains(err.Error(), conflict.Second.File) {
				t.Errorf("the message names no files: %v", err)
			}
			c.settled.Prefix = &facts
			if _, err := New(c.settled); err != nil {
				t.Errorf("an option does not settle it: %v", err)
			}
		})
	}
}

// TestReadStaysInRoot: links of a root file system lead nowhere else.
func TestReadStaysInRoot(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"python3.13/EXTERNALLY-MANAGED": "", "python3.13/site-packages/": "", "libc.so.6": glibc(elfAArch64, "GLIBC_2.99")})
	for name, c := range map[string]map[string]string{
		"library by an absolute link": with(debianRoot(), "usr/lib/python3.13", "-", "usr/lib/python3.13/sysconfig/__init__.py", "-", "usr/lib/python3.13/EXTERNALLY-MANAGED", "-",
			"usr/lib/python3.13/_sysconfigdata__aarch64-linux-gnu.py", "-", "usr/lib/python3.13/_sysconfigdata__linux_aarch64-linux-gnu.py", "-",
			"usr/lib/python3.13", "->"+outside+"/python3.13"),
		"library upwards": with(debianRoot(), "usr/lib/python3.13/EXTERNALLY-MANAGED", "->"+strings.Repeat("../", 30)+strings.TrimPrefix(outside, "/")+"/python3.13/EXTERNALLY-MANAGED"),
		"C library":       with(debianRoot(), "usr/lib/aarch64-linux-gnu/libc.so.6", "->"+outside+"/libc.so.6"),
		"loop":            with(debianRoot(), "usr/lib/python3.13/EXTERNALLY-MANAGED", "->EXTERNALLY-MANAGED", "usr/lib/aarch64-linux-gnu/libc.so.6", "->../aarch64-linux-gnu/libc.so.6"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c)
			facts, err := Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range append(facts.Site, facts.ExternallyManaged) {
				if real, err := filepath.EvalSymlinks(path); err == nil && strings.HasPrefix(real, outside) && path != "" {
					t.Errorf("%q is %q", path, real)
				}
			}
			if strings.Contains(facts.Libc, "99") || name != "C library" && name != "library by an absolute link" && facts.ExternallyManaged != "" {
				t.Errorf("read from outside: %+v", facts)
			}
		})
	}
	if _, err := Read(filepath.Join(outside, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
