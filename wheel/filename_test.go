package wheel

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestParseFilename(t *testing.T) {
	for _, c := range []struct {
		name                             string
		project, version, build, variant string
		pythons, abis, platforms         string
	}{
		{"pillow-13.0.0-cp314-cp314-ios_13_0_arm64_iphoneos.whl", "pillow", "13.0.0", "", "", "cp314", "cp314", "ios_13_0_arm64_iphoneos"},
		{"Ruamel.Yaml_clib-0.2-1local-py2.py3-none-any.whl", "ruamel-yaml-clib", "0.2", "1local", "", "py2 py3", "none", "any"},
		{"numpy-1.26-1-cp312-cp312-ios_12_0_iphoneos_arm64.whl", "numpy", "1.26", "1", "", "cp312", "cp312", "ios_12_0_arm64_iphoneos"},
		{"numpy-1.26-cp312-cp312-ios_12_0_iphonesimulator_x86_64.whl", "numpy", "1.26", "", "", "cp312", "cp312", "ios_12_0_x86_64_iphonesimulator"},
		{"numpy-1.26-cp312-cp312-android_24_aarch64.whl", "numpy", "1.26", "", "", "cp312", "cp312", "android_24_arm64_v8a"},
		{"numpy-1.26-cp312-cp312-android_21_arm.android_21_i686.android_21_x86_64.whl", "numpy", "1.26", "", "", "cp312", "cp312", "android_21_armeabi_v7a android_21_x86 android_21_x86_64"},
		{"numpy-2.0-cp312-abi3.abi3t-MANYLINUX_2_28_x86_64.whl", "numpy", "2.0", "", "", "cp312", "abi3 abi3t", "manylinux_2_28_x86_64"},
		{"torch-2.9+cu130-cp312-cp312-linux_x86_64-x86_64_v3.whl", "torch", "2.9+cu130", "", "x86_64_v3", "cp312", "cp312", "linux_x86_64"},
		{"torch-2.9-007b-cp312-cp312-linux_x86_64-null.whl", "torch", "2.9", "007b", "null", "cp312", "cp312", "linux_x86_64"},
	} {
		f, err := ParseFilename(c.name)
		if err != nil {
			t.Errorf("%q: %v", c.name, err)
			continue
		}
		got := []string{f.Project, f.Version, f.Build.String(), f.Variant, strings.Join(f.Pythons(), " "), strings.Join(f.ABIs(), " "), strings.Join(f.Platforms(), " ")}
		if want := []string{c.project, c.version, c.build, c.variant, c.pythons, c.abis, c.platforms}; !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", c.name, got, want)
		}
		raw, err := json.Marshal(f)
		var back Filename
		if err != nil || json.Unmarshal(raw, &back) != nil || back != f {
			t.Errorf("%q: %+v after JSON", c.name, back)
		}
	}
}

func TestParseFilenameRefuses(t *testing.T) {
	for _, name := range []string{
		"", ".whl", "a-1.0-py3-none-any.zip", "a-1.0-py3-none.whl", "a-1.0-1-2-3-py3-none-any.whl",
		"a-1.0-py3-none-any-UPPER.whl", "a-1.0-x1-py3-none-any.whl", "a-1.0-1-py3-none-any-x-y.whl",
		"../a-1.0-py3-none-any.whl", "a-1.0-1/..-py3-none-any.whl", `a-1.0-1\-py3-none-any.whl`, "a-1.0-py3-none-a/b.whl",
		"a-1.0-py3-none-any\n.whl", "a-1.0-py3-none-.whl", "a-1.0-py3.-none-any.whl", "a-1.0-3py-none-any.whl",
		"a-one-py3-none-any.whl", "-1.0-py3-none-any.whl", "a__b-1.0-py3-none-any.whl", "a b-1.0-py3-none-any.whl",
		"a-1.0-" + strings.Repeat("py3.", 400) + "py3-none-any.whl",
		"a-1.0-" + strings.Repeat("a.", 50) + "a-" + strings.Repeat("a.", 50) + "a-" + strings.Repeat("a.", 50) + "a.whl",
	} {
		if f, err := ParseFilename(name); err == nil {
			t.Errorf("%q: accepted as %+v", name, f)
		}
	}
}

func TestBuildTagOrder(t *testing.T) {
	ordered := []string{"", "-0", "-0a", "-1", "-1a", "-1b", "-2", "-9", "-010", "-10a", "-123456789012345678901234567890"}
	var tags []BuildTag
	for _, b := range ordered {
		f, err := ParseFilename("a-1.0" + b + "-py3-none-any.whl")
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, f.Build)
	}
	for i := range tags {
		for j := range tags {
			if got := tags[i].Compare(tags[j]); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q and %q: %d", ordered[i], ordered[j], got)
			}
		}
	}
}

func TestWithTags(t *testing.T) {
	f, err := ParseFilename("Some_Pkg-1.0-3x-cp311-cp311-linux_x86_64-variant.whl")
	if err != nil {
		t.Fatal(err)
	}
	pure, err := f.WithTags([]Tag{{"py2", "none", "any"}, {"py3", "none", "any"}})
	if err != nil || pure.Raw != "Some_Pkg-1.0-3x-py2.py3-none-any.whl" || !pure.IsPure() || f.IsPure() {
		t.Errorf("got %q, %v", pure.Raw, err)
	}
	if odd, err := f.WithTags([]Tag{{"py2", "none", "any"}, {"py3", "abi3", "any"}}); err == nil {
		t.Errorf("no cross product, yet %q", odd.Raw)
	}
	if none, err := f.WithTags(nil); err == nil {
		t.Errorf("no tag, yet %q", none.Raw)
	}
}

func TestCanonicalPlatform(t *testing.T) {
	for in, want := range map[string]string{
		"ios_13_0_arm64_iphoneos":         "ios_13_0_arm64_iphoneos",
		"ios_12_0_iphoneos_arm64":         "ios_12_0_arm64_iphoneos",
		"ios_12_0_iphonesimulator_arm64":  "ios_12_0_arm64_iphonesimulator",
		"ios_12_0_iphonesimulator_x86_64": "ios_12_0_x86_64_iphonesimulator",
		"ios_12_iphoneos_arm64":           "ios_12_iphoneos_arm64",
		"ios_12_0_iphoneos_":              "ios_12_0_iphoneos_",
		"android_24_aarch64":              "android_24_arm64_v8a",
		"android_24_x86":                  "android_24_x86",
		"android_24":                      "android_24",
		"any":                             "any",
		"":                                "",
	} {
		if got := CanonicalPlatform(in); got != want || CanonicalPlatform(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestParseSdistFilename(t *testing.T) {
	for _, c := range []struct{ name, project, version, format string }{
		{"foo-1.0.tar.gz", "", "1.0", "tar.gz"},
		{"foo-1.0.tar.gz", "Foo", "1.0", "tar.gz"},
		{"foo_bar-1.0.zip", "foo-bar", "1.0", "zip"},
		{"foo-bar-1.0.TAR.BZ2", "foo_bar", "1.0", "tar.bz2"},
		{"foo-1.0-1.tar.xz", "foo", "1.0-1", "tar.xz"},
		{"foo-2-1.0.tgz", "foo-2", "1.0", "tar.gz"},
		{"foo-2-1.tbz", "foo", "2-1", "tar.bz2"},
		{"foo-1.0.tar.zst", "", "1.0", "tar.zst"},
		{"zope.interface-5.0.tar.gz", "zope-interface", "5.0", "tar.gz"},
	} {
		f, err := ParseSdistFilename(c.name, c.project)
		if err != nil || f.Version != c.version || f.Format != c.format {
			t.Errorf("%q of %q: %+v, %v", c.name, c.project, f, err)
		}
	}
	for _, c := range [][2]string{
		{"foo-1.0.whl", ""}, {"foo.tar.gz", ""}, {"foo-1.0.tar.gz", "bar"}, {"foo-docs.tar.gz", ""}, {"-1.0.tar.gz", ""},
		{"../foo-1.0.tar.gz", ""}, {"foo-1.0\x1b.tar.gz", ""}, {".tar.gz", ""}, {"foo-bar-1.0.tar.gz", "foo"},
	} {
		if f, err := ParseSdistFilename(c[0], c[1]); err == nil {
			t.Errorf("%q of %q: accepted as %+v", c[0], c[1], f)
		}
	}
}

func TestCheckNames(t *testing.T) {
	for _, c := range []struct {
		paths             []string
		windows, foldCase bool // refused there
	}{
		{[]string{"a.py", "b/c.py"}, false, false},
		{[]string{"aux.py"}, true, false},
		{[]string{"a/CON"}, true, false},
		{[]string{"nul .txt"}, true, false},
		{[]string{"com1.tar.gz"}, true, false},
		{[]string{"lpt²"}, true, false},
		{[]string{"conin$"}, true, false},
		{[]string{"console.py", "com.py", "com10.py", "auxiliary.py"}, false, false},
		{[]string{"a./b"}, true, false},
		{[]string{"a /b"}, true, false},
		{[]string{"a:b"}, true, false},
		{[]string{"a?b"}, true, false},
		{[]string{"Mod.py", "mod.py"}, false, true},
		{[]string{"Pkg/a.py", "pkg/b.py"}, false, true},
		{[]string{"Pkg/a.py", "Pkg/b.py"}, false, false},
		{[]string{"caf\u00e9.py", "cafe\u0301.py"}, false, true},
		{[]string{"straße", "STRASSE"}, false, true},
	} {
		for _, windows := range []bool{false, true} {
			for _, fold := range []bool{false, true} {
				err := checkAllNames(c.paths, windows, fold)
				if want := windows && c.windows || fold && c.foldCase; (err != nil) != want {
					t.Errorf("%q, windows %v, fold %v: %v", c.paths, windows, fold, err)
				}
			}
		}
	}
}

// checkAllNames is CheckNames for each of the folders that paths lead to.
func checkAllNames(paths []string, windows, foldCase bool) error {
	folders := map[string][]string{}
	for _, p := range paths {
		for dir := p; dir != "."; dir = path.Dir(dir) {
			if in := path.Dir(dir); !slices.Contains(folders[in], path.Base(dir)) {
				folders[in] = append(folders[in], path.Base(dir))
			}
		}
	}
	for _, names := range folders {
		if err := CheckNames(names, windows, foldCase); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkParseFilename(b *testing.B) {
	names := []string{
		"numpy-2.5.5-cp312-cp312-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
		"charset_normalizer-3.5.2-py3-none-any.whl",
		"pillow-13.0.0-1-cp314-cp314t-ios_13_0_arm64_iphoneos.whl",
		"cryptography-50.0.2-cp311-abi3-macosx_10_9_universal2.whl",
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ParseFilename(names[i%len(names)]); err != nil {
			b.Fatal(err)
		}
	}
}
