package pep440

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	module "github.com/aquasecurity/go-pep440-version"
)

// The tests of this file state where go-pep440-version can be relied on, with
// packaging as the judge: everywhere but in the classes named here. A class that
// no longer occurs fails the test too: the module has been mended, and
// normalize.go may have less to put right.

// class is a known kind of disagreement between the module and packaging.
type class struct {
	name string
	is   func(version string) bool // the spelling of a version
}

var parseClasses = []class{
	{"numbers of 64 bits and more", regexp.MustCompile(`[1-9][0-9]{19}`).MatchString},
	{"white space that Go's \\s leaves out", func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return isSpace(r) && !strings.ContainsRune(" \t\n\f\r", r) })
	}},
	{"letters folded into ASCII", func(s string) bool { return strings.ContainsAny(s, "\u017f\u212a") }},
	{"separators in a local label", regexp.MustCompile(`\+.*[-_]`).MatchString},
	{"leading zeros in a local label", regexp.MustCompile(`[+._-]0+[0-9]+\s*$|[+._-]0+[0-9]+[._-][0-9a-zA-Z._-]*\s*$`).MatchString},
}

func classify(classes []class, seen map[string]int, spelling string) bool {
	for _, c := range classes {
		if c.is(spelling) {
			seen[c.name]++
			return true
		}
	}
	return false
}

func checkAllSeen(t *testing.T, classes []class, seen map[string]int) {
	t.Helper()
	t.Log(seen)
	for _, c := range classes {
		if seen[c.name] == 0 {
			t.Errorf("the module no longer errs in the class %q", c.name)
		}
	}
}

func TestModuleParse(t *testing.T) {
	seen := map[string]int{}
	for _, pair := range readOracle(t).Versions {
		v, err := module.Parse(*pair[0])
		if (err == nil) == (pair[1] != nil) && (err != nil || v.String() == *pair[1]) {
			continue
		}
		if !classify(parseClasses, seen, *pair[0]) {
			t.Errorf("module.Parse(%q) = %q, %v; packaging: %v", *pair[0], v, err, pair[1] != nil)
		}
	}
	checkAllSeen(t, parseClasses, seen)
}

func TestModuleCompare(t *testing.T) {
	o := readOracle(t)
	var versions []module.Version
	var ours []Version
	for _, v := range o.validVersions(t) {
		if m, err := module.Parse(v.String()); err == nil { // the normal form, as we have it
			versions, ours = append(versions, m), append(ours, v)
		}
	}
	large := regexp.MustCompile(`\+.*[1-9][0-9]{19}`)
	differ := 0
	for i := range versions {
		for j := i % 64; j < len(versions); j += 64 {
			if versions[i].Compare(versions[j]) == ours[i].Compare(ours[j]) {
				continue
			}
			differ++
			if !large.MatchString(ours[i].String()) && !large.MatchString(ours[j].String()) {
				t.Errorf("module: Compare(%s, %s) = %d", ours[i], ours[j], versions[i].Compare(versions[j]))
			}
		}
	}
	if differ == 0 {
		t.Error("the module no longer errs about large numbers in local labels")
	}
}

var checkClasses = []class{
	{"~= with an epoch", regexp.MustCompile(`^~=.*!`).MatchString},
	{"~= with a pre-release", regexp.MustCompile(`^~=.*(a|b|c|rc|pre|dev)`).MatchString},
	{"prefix with an epoch", regexp.MustCompile(`^[=!]=.*!.*\*$`).MatchString},
	{"prefix not in normal form", regexp.MustCompile(`^[=!]=(v|0[0-9]|.*\.00).*\*$`).MatchString},
	{"zero padding", regexp.MustCompile(`^([=!]=.*\.\*|~=.*)$`).MatchString},
	{"pre-release words cut short", regexp.MustCompile(`alpha|beta|preview`).MatchString},
	{"separators in a local label", regexp.MustCompile(`\+.*[-_]`).MatchString},
	{"> compares base versions", regexp.MustCompile(`^>[^=]`).MatchString},
	{"< of a post-release", regexp.MustCompile(`^<[^=].*(post|-)`).MatchString},
}

func TestModuleCheck(t *testing.T) {
	o := readOracle(t)
	candidates := make([]*module.Version, len(o.Candidates))
	for i, s := range o.Candidates {
		if m, err := module.Parse(s); err == nil {
			candidates[i] = &m
		}
	}
	seen := map[string]int{}
	for n, row := range o.Specifiers {
		text := row[0].(string)
		if len(row) != 4 || strings.Contains(text, ",") || strings.HasPrefix(text, "===") {
			continue
		}
		specifiers, err := module.NewSpecifiers(text)
		if err != nil {
			continue // it rejects upper case among others
		}
		bits, _ := new(big.Int).SetString(row[3].(string), 16)
		step := 4 // it is slow
		if strings.Contains(text, "+") {
			step = 1
		}
		for i := n % step; i < len(candidates); i += step {
			if m := candidates[i]; m == nil || specifiers.Check(*m) == (bits.Bit(i) == 1) {
				continue
			}
			if !classify(checkClasses, seen, text) {
				t.Errorf("module: %q of %s: %t", text, o.Candidates[i], bits.Bit(i) != 1)
			}
		}
	}
	checkAllSeen(t, checkClasses, seen)
}
