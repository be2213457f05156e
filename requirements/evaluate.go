package requirements

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xpip/xpip/requirements/pep440"
)

// Decision is the answer of a marker.
type Decision struct {
	// Holds is whether the marker is true, the defaults taken for values that
	// are not known.
	Holds bool
	// Unknown names the variables whose value is not known and on which the
	// answer depends: for some of the values they can have it is another.
	Unknown []string
	// Undefined is what in the marker has no meaning: the name of a variable
	// that no specification defines or the environment lacks, or a comparison
	// such as `os_name ~= "posix"`. Holds is then false, and what carries the
	// marker is not to be used: neither answer could be trusted.
	Undefined string
}

// Evaluate says whether m holds in env for a dependency of a project of which
// the given extras are asked for: as pip has it, whether it holds for one of
// them, or with no extra if there are none. The variables of lock files are
// undefined.
//
// The rules are those of packaging 26.3 (dependency specifiers, revised in
// 2026): python_version, python_full_version, implementation_version and
// platform_release compare as versions when the other side makes a version
// clause with the operator; everything else compares as text, where <= and >=
// mean == and < and > are false.
func (m Marker) Evaluate(env Environment, extras ...string) Decision {
	if m.expression == nil {
		return Decision{Holds: true}
	}
	e := newEvaluation(m.expression, env)
	e.defined.add(extraVariable)
	e.extras = extras
	if len(extras) == 0 {
		e.extras = noExtras
	}
	return e.decide()
}

// noExtras is what the variable extra is compared with when none is asked for.
var noExtras = []string{""}

// EvaluateLock is Evaluate for the markers of a lock file (PEP 751), in which
// extras and dependency_groups are sets and extra is undefined.
func (m Marker) EvaluateLock(env Environment, extras, groups []string) Decision {
	if m.expression == nil {
		return Decision{Holds: true}
	}
	e := newEvaluation(m.expression, env)
	e.defined.add(extrasVariable)
	e.defined.add(groupsVariable)
	e.extras = noExtras
	e.sets = [2][]string{normalizeAll(extras), normalizeAll(groups)}
	return e.decide()
}

func normalizeAll(names []string) []string {
	normalized := make([]string, len(names))
	for i, name := range names {
		normalized[i] = NormalizeName(name)
	}
	return normalized
}

// evaluation is the state of deciding one marker.
type evaluation struct {
	*expression
	environment *environmentValues
	defined     variableSet
	unknown     variableSet
	// text is the value of each variable that is assumed at the moment.
	text   [extraVariable + 1]string
	extras []string
	// sets are the values of extras and dependency_groups.
	sets [2][]string
}

var emptyEnvironment environmentValues

func newEvaluation(x *expression, env Environment) *evaluation {
	e := &evaluation{expression: x, environment: env.values}
	if e.environment == nil {
		e.environment = &emptyEnvironment
	}
	e.defined = e.environment.present
	e.unknown = e.environment.unknown & x.variables
	for v := range e.environment.value {
		e.text[v] = e.environment.value[v].Text
	}
	return e
}

func (e *evaluation) decide() Decision {
	if name := e.undefinedIn(e.terms); name != "" {
		return Decision{Undefined: name}
	}
	d := Decision{Holds: e.holds()}
	if e.unknown == 0 || e.settled() {
		return d
	}
	for _, v := range e.dependencies() {
		d.Unknown = append(d.Unknown, variableNames[v])
	}
	return d
}

// undefinedIn returns the first part of the terms that has no meaning. Terms
// that would not matter count too, so that the answer does not hang on the
// host.
func (e *evaluation) undefinedIn(terms []term) string {
	for i := range terms {
		t := &terms[i]
		if t.group != nil {
			if name := e.undefinedIn(t.group); name != "" {
				return name
			}
			continue
		}
		subject := t.subject()
		switch {
		case subject.variable == undefinedVariable || !e.defined.has(subject.variable):
			return subject.text
		case subject.variable >= extrasVariable:
			if !t.left.literal || t.op == opCompatible || t.op == opArbitrary {
				return t.String()
			}
		case t.op == opCompatible || t.op == opArbitrary:
			if _, ok := t.clause(e.value(subject.variable)); !ok {
				return t.String()
			}
		}
	}
	return ""
}

// holds computes the marker with the values that are assumed at the moment.
func (e *evaluation) holds() bool {
	if !e.variables.has(extraVariable) {
		return e.any(e.terms)
	}
	for _, extra := range e.extras {
		e.text[extraVariable] = NormalizeName(extra)
		if e.any(e.terms) {
			return true
		}
	}
	return false
}

// any computes alternatives of conjunctions.
func (e *evaluation) any(terms []term) bool {
	all := true
	for i := range terms {
		t := &terms[i]
		if t.or {
			if all {
				return true
			}
			all = true
		}
		switch {
		case !all:
		case t.group != nil:
			all = e.any(t.group)
		default:
			all = e.compare(&t.comparison)
		}
	}
	return all
}

func (e *evaluation) compare(c *comparison) bool {
	v := c.subject().variable
	if v >= extrasVariable {
		member := slices.Contains(e.sets[v-extrasVariable], c.left.text)
		switch c.op {
		case opIn:
			return member
		case opNotIn:
			return !member
		}
		// A text never equals a set.
		return c.op == opNotEqual
	}
	left, right := c.sides(e.value(v))
	if comparesVersions(v) {
		if holds, ok := compareReleases(left, c.op, right); ok {
			return holds
		}
		if clause, ok := c.clause(e.value(v)); ok {
			return matchClause(clause, left)
		}
	}
	switch c.op {
	case opEqual, opLessEqual, opGreaterEqual:
		return left == right
	case opNotEqual:
		return left != right
	case opIn:
		return strings.Contains(right, left)
	case opNotIn:
		return !strings.Contains(right, left)
	}
	return false
}

// value returns the value that is assumed for a variable. An interpreter built
// between releases calls itself 3.14.1+, which packaging reads as a local
// version.
func (e *evaluation) value(v variable) string {
	text := e.text[v]
	if v == pythonFullVersion && strings.HasSuffix(text, "+") {
		return text + "local"
	}
	return text
}

// subject returns the operand whose value comes from the environment.
func (c *comparison) subject() *operand {
	if c.left.literal {
		return &c.right
	}
	return &c.left
}

// sides returns the texts that are compared, given the subject's value.
func (c *comparison) sides(value string) (left, right string) {
	if c.left.literal {
		return c.left.text, value
	}
	return value, c.right.text
}

// comparesVersions reports whether the specification makes the variable a
// version.
func comparesVersions(v variable) bool {
	return v == pythonVersion || v == pythonFullVersion || v == implementationVersion || v == platformRelease
}

// clause returns the version clause that the operator and the right side make,
// if they make one and the variable is a version.
func (c *comparison) clause(value string) (string, bool) {
	if c.op == opIn || c.op == opNotIn || !comparesVersions(c.subject().variable) {
		return "", false
	}
	_, right := c.sides(value)
	clause := c.op.String() + right
	end := scanSpecifier(clause, 0)
	if end == 0 || skipSpace(clause, end) != len(clause) {
		return "", false
	}
	return clause, true
}

// matchClause reports whether the version clause matches the text, which
// nothing but "===" does when it is no version.
func matchClause(clause, text string) bool {
	if arbitrary, ok := strings.CutPrefix(clause, "==="); ok {
		return strings.EqualFold(strings.TrimFunc(arbitrary, isSpace), text)
	}
	specifiers, err := pep440.ParseSpecifiers(clause)
	if err != nil {
		return false
	}
	version, err := pep440.Parse(text)
	return err == nil && specifiers.Contains(version)
}

// compareReleases compares two versions that are nothing but a few small
// numbers, as nearly all in markers are, without parsing them.
func compareReleases(left string, op operator, right string) (holds, ok bool) {
	if op > opGreater {
		return false, false
	}
	a, ok := parseRelease(left)
	if !ok {
		return false, false
	}
	b, ok := parseRelease(right)
	if !ok {
		return false, false
	}
	order := slices.CompareFunc(a[:], b[:], cmp.Compare)
	switch op {
	case opLess:
		return order < 0, true
	case opLessEqual:
		return order <= 0, true
	case opNotEqual:
		return order != 0, true
	case opEqual:
		return order == 0, true
	case opGreaterEqual:
		return order >= 0, true
	}
	return order > 0, true
}

// release is up to four numbers, zeros for what is missing.
type release [4]uint32

func parseRelease(s string) (r release, ok bool) {
	part, digits := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			if digits++; digits > 9 {
				return r, false
			}
			r[part] = r[part]*10 + uint32(c-'0')
		case c == '.' && digits > 0 && part+1 < len(r):
			part++
			digits = 0
		default:
			return r, false
		}
	}
	return r, digits > 0
}
