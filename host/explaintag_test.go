package host

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestExplainTag(t *testing.T) {
	glibc := Options{Platforms: []string{"manylinux_2_28_aarch64"}, PythonVersion: "3.13"}
	ios := Options{Platforms: []string{"ios_13_0_arm64"}, PythonVersion: "3.13"}
	pyodide := Options{Platforms: []string{"pyodide"}, PythonVersion: "3.13"}
	for _, test := range []struct {
		host  Options
		input string
		want  string // rank/of tag, or part and fix; then python, abi and platform, "-" those that do not fit
	}{
		{glibc, "manylinux_2_28_aarch64", "0/13 --manylinux_2_28_aarch64; platform"},
		{glibc, "manylinux2014_aarch64", "12/13 --manylinux2014_aarch64; platform"},
		{glibc, "aarch64-unknown-linux-gnu", "0/13 --manylinux_2_28_aarch64; platform"},
		{glibc, "linux/arm64", "0/13 --manylinux_2_28_aarch64; platform"},
		{glibc, "manylinux_2_34_aarch64", "libc version --platform manylinux_2_34_aarch64; -platform"},
		{glibc, "musllinux_1_2_aarch64", "libc ; -platform"},
		{glibc, "manylinux_2_28_x86_64", "arch ; -platform"},
		{glibc, "ios", "os ; -platform"},
		{glibc, "win_x64", "tag ; -platform"},
		{glibc, "manylinux_2_28", "tag ; -platform"},
		{glibc, "openbsd_7_7_amd64", "os ; -platform"},
		{glibc, "any", "0/13 --any; platform"},
		{glibc, "cp313-cp313-manylinux_2_28_aarch64", "0/393 cp313-cp313-manylinux_2_28_aarch64; python abi platform"},
		{glibc, "py2.py3-none-any", "379/393 py3-none-any; python abi platform"},
		{glibc, "cp312-cp312-manylinux_2_17_aarch64", "python --python-version 3.12; -python abi platform"},
		{glibc, "cp313-cp313t-manylinux_2_17_aarch64", "free-threading --python-version 3.13t; python -abi platform"},
		{glibc, "cp313-cp313d-manylinux_2_34_aarch64", "abi ; python -abi -platform"},
		{glibc, "pp311-pypy311_pp73-manylinux_2_17_aarch64", "implementation ; -python abi platform"},
		{glibc, "cp39-abi3-manylinux_2_34_aarch64.musllinux_1_2_aarch64", "libc version --platform manylinux_2_34_aarch64; python abi -platform"},
		{glibc, "dir/numpy-2.3.5-cp313-cp313-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl", "0/393 cp313-cp313-manylinux_2_28_aarch64; python abi platform"},
		{glibc, "x-1-cp313-cp313-any.whl", "tag ; python abi platform"},
		{ios, "cp313-cp313-ios_13_0_arm64_iphonesimulator", "sdk ; python abi -platform"},
		{ios, "ios_12_0_iphoneos_arm64", "10/11 --ios_12_0_arm64_iphoneos; platform"},
		{ios, "ios_15_0_arm64", "os version --platform ios_15_0_arm64_iphoneos; -platform"},
		{ios, "arm64-apple-ios15.0", "os version --platform ios_15_0_arm64_iphoneos; -platform"},
		{pyodide, "pyodide_2025_0_wasm32", "1/3 --pyodide_2025_0_wasm32; platform"},
	} {
		h := mustNew(t, test.host)
		e, err := h.ExplainTag(test.input)
		if err != nil {
			t.Errorf("%s: %v", test.input, err)
			continue
		}
		got := fmt.Sprintf("%d/%d %s; ", e.Rank, e.Of, e.Tag)
		if !e.Fits {
			got = string(e.Mismatch.Part) + " " + e.Mismatch.Fix + "; "
		}
		for _, p := range e.Parts {
			if !p.Fits {
				got += "-"
			}
			got += p.Name + " "
			if p.Fits != (p.Sentence == "") || p.Value == "" {
				t.Errorf("%s: %+v", test.input, p)
			}
		}
		if got = strings.TrimSpace(got); got != test.want {
			t.Errorf("%s on %s:\n got %s\nwant %s", test.input, h.Platform(), got, test.want)
		}
		if e.Fits && e.Tag.Python != "" {
			if rank, ok := h.Rank(e.Tag); !ok || rank != e.Rank || h.Tags()[rank] != e.Tag {
				t.Errorf("%s: rank %d, want %d", test.input, e.Rank, rank)
			}
		}
		if e.Fits != e.Mismatch.Fits() || e.Input != test.input {
			t.Errorf("%s: %+v", test.input, e)
		}
	}
	h := mustNew(t, glibc)
	for _, input := range []string{"", "words", "a-b", "x.whl", "cp313-cp313", "a--b", "py3-none-any-", strings.Repeat("a", 5000), "../../x"} {
		_, err := h.ExplainTag(input)
		var text *TagTextError
		if !errors.As(err, &text) || text.Input != input {
			t.Errorf("%.40q: %v", input, err)
		}
	}
}

// TestSystems: every entry of the list is a host, and has the names it says.
func TestSystems(t *testing.T) {
	list := Systems()
	named := 0
	for i := range systems {
		if systems[i].named() {
			named++
		}
	}
	if len(list) != named || len(list) < 36 {
		t.Errorf("%d systems are listed, %d have names", len(list), named)
	}
	seen := map[string]bool{}
	for _, s := range list {
		h := mustNew(t, Options{Platforms: []string{s.Tag}})
		if !slices.Equal(h.Spellings(), s.Spellings) || len(s.Spellings) == 0 {
			t.Errorf("%s: %+v", s.Tag, s.Spellings)
		}
		if seen[s.Tag] || s.Title == "" || s.Processor == "" || !strings.HasPrefix(s.Tag, s.Family) || (s.Floor == "") != (s.Usual == "") {
			t.Errorf("%+v", s)
		}
		seen[s.Tag] = true
	}
	for tag, want := range map[string]string{
		"manylinux_2_28_aarch64": "Linux with glibc manylinux aarch64 2.17 2.28", "ios_13_0_arm64_iphonesimulator": "iPhone simulator ios aarch64 12.0 13.0",
		"android_24_arm64_v8a": "Android android aarch64 16 24", "win32": "Windows win i686  ", "linux_armv6l": "Linux, C library not promised linux armv6l  ",
	} {
		i := slices.IndexFunc(list, func(s System) bool { return s.Tag == tag })
		if i < 0 {
			t.Errorf("no %s", tag)
			continue
		}
		s := list[i]
		if got := strings.Join([]string{s.Title, s.Family, s.Processor, s.Floor, s.Usual}, " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzExplainTag(f *testing.F) {
	for _, s := range []string{"manylinux_2_34_aarch64", "cp313-cp313-ios_13_0_arm64_iphoneos", "a-1-py2.py3-none-any.whl", "linux/arm64", "-"} {
		f.Add(s)
	}
	h, err := New(Options{Platforms: []string{"manylinux_2_28_aarch64"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, input string) {
		e, err := h.ExplainTag(input)
		if err == nil && (e.Fits != e.Mismatch.Fits() || len(e.Parts) == 0) {
			t.Errorf("%q: %+v", input, e)
		}
	})
}
