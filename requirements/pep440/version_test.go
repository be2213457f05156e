package pep440

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestVersionParts(t *testing.T) {
	v := MustParse(" V1!2.0.0-RC.1-3.dev+Ubuntu_01 ")
	if got, want := v.String(), "1!2.0.0rc1.post3.dev0+ubuntu.1"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if got, want := v.Key(), "1!2rc1.post3.dev0+ubuntu.1"; got != want {
		t.Errorf("Key() = %q, want %q", got, want)
	}
	if !slices.Equal(v.Release(), []uint64{2, 0, 0}) || v.Epoch() != 1 || v.Base() != "1!2.0.0" || v.Local() != "ubuntu.1" {
		t.Errorf("release %v, epoch %d, base %s, local %s", v.Release(), v.Epoch(), v.Base(), v.Local())
	}
	large := MustParse("18446744073709551616.18446744073709551615")
	if got := large.Release(); !slices.Equal(got, []uint64{math.MaxUint64, math.MaxUint64}) {
		t.Errorf("Release() = %d, want saturated numbers", got)
	}
	if got, want := large.String(), "18446744073709551616.18446744073709551615"; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
}

func TestZeroVersion(t *testing.T) {
	var zero Version
	if !zero.IsZero() || zero.String() != "" || zero.Key() != "" || zero.Base() != "" || zero.Release() != nil ||
		zero.IsPrerelease() || zero.IsPostrelease() || zero.IsDevrelease() {
		t.Error("the zero Version is something")
	}
	for _, s := range []string{"0.dev0", "0", "1!0", "0+x"} {
		v := MustParse(s)
		if v.IsZero() || zero.Compare(v) >= 0 || v.Compare(zero) <= 0 {
			t.Errorf("the zero Version does not come before %s", s)
		}
	}
	if zero.Compare(Version{}) != 0 {
		t.Error("the zero Version does not equal itself")
	}
}

func TestParseError(t *testing.T) {
	for _, test := range []struct{ input, reason string }{
		{"", "it is empty"},
		{"latest", "it does not follow PEP 440"},
		{"1.0 beta", "a version has no ' ' in it"},
		{"1.0\u00e9", "a version has no 'é' in it"},
		{"1.0\xff", "a version has no '\ufffd' in it"},
		{"1.0+a..b", "a local label is letters and digits with single separators"},
		{"1." + strings.Repeat("0", MaxVersionLength-1), "longer than 128 characters"},
		{strings.Repeat("9", 1<<20), "longer than 128 characters"},
	} {
		_, err := Parse(test.input)
		var wrong *ParseError
		if !errors.As(err, &wrong) || wrong.Kind != "version" || wrong.Reason != test.reason {
			t.Errorf("Parse(%.40q): %v, want %q", test.input, err, test.reason)
		} else if len(wrong.Error()) > 400 {
			t.Errorf("Parse(%.40q): a message of %d bytes", test.input, len(wrong.Error()))
		}
	}
	if _, err := Parse("1." + strings.Repeat("0", MaxVersionLength-2)); err != nil {
		t.Error(err)
	}
}

// TestPackedFormIsUnique makes sure that no version has two representations:
// Compare takes the short way between two packed ones only.
func TestPackedFormIsUnique(t *testing.T) {
	for _, v := range readOracle(t).validVersions(t) {
		var buf [packedLength]number
		p := v.parts(&buf)
		packed, fits := p.pack()
		if fits != (v.exact == nil) || fits && packed != v {
			t.Errorf("%s: packed %t, fits %t", v, v.exact == nil, fits)
		}
		if again := p.version(); again.Compare(v) != 0 || again.String() != v.String() {
			t.Errorf("%s put together again is %s", v, again)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, pair := range [][2]string{
		{"0", "1"}, {"9", "10"}, {"18446744073709551615", "18446744073709551616"}, {"18446744073709551616", "18446744073709551617"},
		{"99999999999999999999", "100000000000000000000"}, {"18446744073709551619", "18446744073709551620"},
	} {
		n, m := parseNumber(pair[0]), parseNumber(pair[1])
		if n.next() != m || m.previous() != n || n.compare(m) >= 0 || m.compare(n) <= 0 || string(n.append(nil)) != pair[0] {
			t.Errorf("%v, %v: next %v, previous %v", n, m, n.next(), m.previous())
		}
	}
}

// TestVersionsAreShared is for the race detector: everything about a version
// and its sets may be asked from anywhere at once.
func TestVersionsAreShared(t *testing.T) {
	versions := []Version{MustParse("3.11.0"), MustParse("3.11"), MustParse("1.0-beta.1"), MustParse("2.1.0+cu118"), MustParse("1!2.0")}
	specifiers := mustSpecifiers(">=3.8,!=3.9.*,!=4+x")
	set := specifiers.Set()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, v := range versions {
				for _, w := range versions {
					v.Compare(w)
				}
				_, _, _ = v.String(), v.Key(), v.Release()
				_, _ = specifiers.Contains(v), set.Union(Exactly(v)).Complement().String()
			}
		})
	}
	group.Wait()
}

func TestCommonVersionsDoNotAllocate(t *testing.T) {
	specifiers := mustSpecifiers(">=1.21,!=1.25.*,<3")
	other := MustParse("1.43.28")
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range [...]string{"1.43.27", "2024.8.30", "2.31.0.20240406", "1.0rc1.post2.dev20241231"} {
			v, _ := Parse(s)
			v.Compare(other)
			specifiers.Contains(v)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	o := readOracle(f)
	for i := 0; i < len(o.Versions); i += 20 {
		f.Add(*o.Versions[i][0])
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err != nil {
			var wrong *ParseError
			if !errors.As(err, &wrong) || !v.IsZero() {
				t.Fatalf("Parse(%q) = %v, %v", s, v, err)
			}
			return
		}
		normal := v.String()
		again, err := Parse(normal)
		if len(normal) > MaxVersionLength {
			return // an implied 0 may go over the limit
		}
		if err != nil || again.Compare(v) != 0 || again.String() != normal || again.Key() != v.Key() {
			t.Fatalf("Parse(%q) = %q; again: %q, %v", s, normal, again, err)
		}
		key, err := Parse(v.Key())
		if err != nil || !key.Equal(v) {
			t.Fatalf("Parse(%q): key %q is not equal: %v", s, v.Key(), err)
		}
		if after(v).Compare(v) <= 0 || v.Local() == "" && afterLocals(v).Compare(after(v)) <= 0 {
			t.Fatalf("%s: cuts out of order", v)
		}
	})
}
