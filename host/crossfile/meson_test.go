package crossfile

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const mesonFile = `# the phone
[constants]
toolchain = '/opt/sdk'
triple = 'aarch64-linux-android24'   # API level 24
common = ['-O2', '-target', triple]
dict = {'a': 1}

[binaries]
c = [toolchain / 'bin' / 'clang'] + common
cpp = toolchain + '/bin/' + triple + '-clang++'
ar = 'llvm-ar'
strip = [
  'llvm-strip',  # one
  '--strip-all',
  ]

[host_machine]
system = 'android'
cpu_family = 'aarch64'
cpu = 'armv8-a'
endian = 'little'

[properties]
needs_exe_wrapper = true
sizeof_int = 4
name = 'it\'s'
odd = {'a': 'b'}
`

func TestMeson(t *testing.T) {
	m, err := ParseMeson([]byte(mesonFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		section, key string
		want         []string
	}{
		{"host_machine", "system", []string{"android"}},
		{"binaries", "c", []string{"/opt/sdk/bin/clang", "-O2", "-target", "aarch64-linux-android24"}},
		{"binaries", "cpp", []string{"/opt/sdk/bin/aarch64-linux-android24-clang++"}},
		{"binaries", "strip", []string{"llvm-strip", "--strip-all"}},
		{"properties", "needs_exe_wrapper", []string{"true"}},
		{"properties", "sizeof_int", []string{"4"}},
		{"properties", "name", []string{"it's"}},
		{"properties", "absent", nil},
		{"absent", "key", nil},
	} {
		if got, err := m.List(test.section, test.key); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s.%s is %q, %v; want %q", test.section, test.key, got, err, test.want)
		}
	}
	var syntax *SyntaxError
	if _, err := m.List("properties", "odd"); !errors.As(err, &syntax) || syntax.Line != 27 {
		t.Errorf("a dictionary: %v", err)
	}
	if _, err := m.Text("binaries", "c"); err == nil || !strings.Contains(err.Error(), "line 9: c is a list") {
		t.Errorf("a list as a text: %v", err)
	}
	if keys := m.Keys("host_machine"); !slices.Equal(keys, []string{"cpu", "cpu_family", "endian", "system"}) {
		t.Errorf("%q", keys)
	}
}

func TestMesonRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"key = 'value'\n":        "line 1: neither a section",
		"[a\nb = 'c'\n":          "line 1: a section is named",
		"[a]\n\nnothing\n":       "line 3: neither a section",
		"[a] b\n":                "line 1: a section is named",
		"\xff":                   "it is not UTF-8",
		"[a]\nk = 'open\n":       "line 2: a string does not end",
		"[a]\nk = ['x'\n":        "line 2: a list does not end",
		"[a]\nk = 'x' 'y'\n":     "line 2: something follows",
		"[a]\nk =\n":             "line 2: a value is missing",
		"[a]\nk = 'x' +\n":       "line 2: a value is missing",
		"[a]\nk = 'x' + ['y']\n": "line 2: a string and a list",
		"[a]\nk = ['x'] / 'y'\n": "line 2: a string and a list",
		"[a]\nk = unknown\n":     "line 2: \"unknown\" is no string",
		"[a]\nk = " + strings.Repeat("[", 40) + "\n":           "nested more than 32 deep",
		"[a]\n" + strings.Repeat("k = 1\n", 3) + "k = 'x\n":    "line 5: a string does not end", // the last counts
		"[constants]\nc = later\nlater = 'x'\n[a]\nk = c\n":    "line 5: \"c\" is no string",
		"[constants]\n" + doubled(20) + "[a]\nk = c19 + c19\n": "is no string", // c19 was too long to be one
	} {
		m, err := ParseMeson([]byte(text))
		if err == nil {
			_, err = m.List("a", "k")
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseMeson([]byte("[a]\n" + manyKeys(maxKeys+1))); err == nil || !strings.Contains(err.Error(), "more than 10000 keys") {
		t.Errorf("many keys: %v", err)
	}
}

// doubled are constants, each twice as long as the one before.
func doubled(n int) string {
	var b strings.Builder
	b.WriteString("c0 = '" + strings.Repeat("x", 1000) + "'\n")
	for i := 1; i < n; i++ {
		before := "c" + strconv.Itoa(i-1)
		b.WriteString("c" + strconv.Itoa(i) + " = " + before + " + " + before + "\n")
	}
	return b.String()
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("k" + strconv.Itoa(i) + " = 1\n")
	}
	return b.String()
}

func FuzzMeson(f *testing.F) {
	f.Add([]byte(mesonFile))
	f.Add([]byte("[a]\nk = ['x' / 'y', ['z'] + w]\n  + 'v'"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMeson(text)
		if err != nil {
			return
		}
		for _, section := range []string{"a", "host_machine", "binaries", "constants"} {
			for _, key := range m.Keys(section) {
				values, err := m.List(section, key)
				size := 0
				for _, v := range values {
					size += len(v)
				}
				if err == nil && size > 2*maxValue+len(text) {
					t.Fatalf("%d bytes of %d", size, len(text))
				}
			}
		}
	})
}
