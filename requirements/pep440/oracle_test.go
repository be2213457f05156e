package pep440

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"math/big"
	"os"
	"strconv"
	"sync"
	"testing"
)

// oracle is testdata/oracle.json.gz, the answers of packaging as written down
// by testdata/generate.py.
type oracle struct {
	Packaging string
	// Versions are pairs of a spelling and its normal form, nil when invalid.
	Versions [][2]*string
	// Order and Facts run along the valid Versions: places in the order of all
	// (equal for equal versions); epoch, public, base, local and a bit each for
	// pre-, post- and dev-release.
	Order []int
	Facts [][5]any
	// Candidates are the versions that Specifiers were asked about.
	Candidates []string
	// Specifiers are [text] when rejected, else [text, printed, prereleases,
	// hexadecimal bit set of the candidates contained].
	Specifiers [][]any
}

var loadOracle = sync.OnceValues(func() (*oracle, error) {
	file, err := os.Open("testdata/oracle.json.gz")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	var o oracle
	return &o, json.NewDecoder(unzipped).Decode(&o)
})

func readOracle(t testing.TB) *oracle {
	o, err := loadOracle()
	if err != nil {
		t.Fatal(err)
	}
	if o.Packaging != "26.3" || len(o.Versions) < 3000 || len(o.Specifiers) < 2000 || len(o.Candidates) < 300 {
		t.Fatalf("the oracle is not whole: packaging %s, %d versions, %d specifiers, %d candidates",
			o.Packaging, len(o.Versions), len(o.Specifiers), len(o.Candidates))
	}
	return o
}

// validVersions are the valid spellings of the oracle, parsed, beside Order.
func (o *oracle) validVersions(t testing.TB) []Version {
	var out []Version
	for _, pair := range o.Versions {
		if pair[1] == nil {
			continue
		}
		v, err := Parse(*pair[0])
		if err != nil {
			t.Fatalf("Parse(%q): %v; packaging normalises it to %q", *pair[0], err, *pair[1])
		}
		out = append(out, v)
	}
	return out
}

func TestOracleParse(t *testing.T) {
	for _, pair := range readOracle(t).Versions {
		v, err := Parse(*pair[0])
		switch {
		case pair[1] == nil && err == nil:
			t.Errorf("Parse(%q) = %s; packaging rejects it", *pair[0], v)
		case pair[1] != nil && err != nil:
			t.Errorf("Parse(%q): %v; packaging normalises it to %q", *pair[0], err, *pair[1])
		case pair[1] != nil && v.String() != *pair[1]:
			t.Errorf("Parse(%q) = %q; packaging normalises it to %q", *pair[0], v, *pair[1])
		}
	}
}

func TestOracleFacts(t *testing.T) {
	o := readOracle(t)
	for i, v := range o.validVersions(t) {
		fact := o.Facts[i]
		epoch, _ := new(big.Int).SetString(fact[0].(string), 10)
		want := epoch.Uint64()
		if !epoch.IsUint64() {
			want = ^uint64(0)
		}
		if v.Epoch() != want {
			t.Errorf("%s: epoch %d, want %d", v, v.Epoch(), want)
		}
		if v.Public() != fact[1] || v.Base() != fact[2] || v.Local() != fact[3] {
			t.Errorf("%s: public %q, base %q, local %q, want %q", v, v.Public(), v.Base(), v.Local(), fact[1:4])
		}
		bits := boolRank(v.IsPrerelease()) | boolRank(v.IsPostrelease())<<1 | boolRank(v.IsDevrelease())<<2
		if bits != int(fact[4].(float64)) {
			t.Errorf("%s: pre, post, dev = %03b, want %03b", v, bits, int(fact[4].(float64)))
		}
	}
}

func TestOracleOrder(t *testing.T) {
	o := readOracle(t)
	versions := o.validVersions(t)
	keys := make([]string, len(versions))
	for i, v := range versions {
		keys[i] = v.Key()
	}
	for i, v := range versions {
		for j, w := range versions {
			want := cmp.Compare(o.Order[i], o.Order[j])
			if got := v.Compare(w); got != want {
				t.Errorf("Compare(%s, %s) = %d, want %d", v, w, got, want)
			}
			if (keys[i] == keys[j]) != (want == 0) {
				t.Errorf("%s and %s: keys %q and %q, Compare %d", v, w, keys[i], keys[j], want)
			}
		}
	}
}

func TestOracleSpecifiers(t *testing.T) {
	o := readOracle(t)
	candidates := make([]Version, len(o.Candidates))
	for i, s := range o.Candidates {
		candidates[i] = MustParse(s)
	}
	checks := 0
	for _, row := range o.Specifiers {
		text := row[0].(string)
		s, err := ParseSpecifiers(text)
		if len(row) != 4 {
			if err == nil {
				t.Errorf("ParseSpecifiers(%q) = %q; packaging rejects it %v", text, s, row[1:])
			}
			continue
		}
		if err != nil {
			t.Errorf("%v; packaging accepts it as %q", err, row[1])
			continue
		}
		if s.String() != row[1] {
			t.Errorf("ParseSpecifiers(%q) = %q; packaging prints %q", text, s, row[1])
		}
		if got := s.AllowsPrereleases(); got != (row[2].(float64) == 1) {
			t.Errorf("%q: AllowsPrereleases = %t; packaging says %v", text, got, row[2])
		}
		bits, ok := new(big.Int).SetString(row[3].(string), 16)
		if !ok {
			t.Fatalf("%q: bit set %q", text, row[3])
		}
		set := s.Set()
		for i, v := range candidates {
			want := bits.Bit(i) == 1
			checks++
			if got := s.Contains(v); got != want {
				t.Errorf("%q contains %s: %t; packaging says %t", text, v, got, want)
			}
			// The set says the same, but for === that it holds at least as much.
			if in := set.Contains(v); in != want && (!in || !s.Arbitrary()) {
				t.Errorf("the set of %q contains %s: %t; packaging says %t", text, v, in, want)
			}
		}
	}
	if checks < 100_000 {
		t.Errorf("only %d checks", checks)
	}
	t.Log(strconv.Itoa(checks) + " checks")
}
