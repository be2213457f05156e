package requirements

import (
	"slices"
	"strconv"
	"strings"
)

// truth is an answer that may be missing.
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

// settled reports whether the answer is the same whatever comparisons with
// unknown values would give. That is quick to see and nearly always enough.
func (e *evaluation) settled() bool {
	if !e.variables.has(extraVariable) {
		return e.bound(e.terms) != maybe
	}
	answer := no
	for _, extra := range e.extras {
		e.text[extraVariable] = NormalizeName(extra)
		answer = max(answer, e.bound(e.terms))
	}
	return answer != maybe
}

// bound computes alternatives of conjunctions in three-valued logic.
func (e *evaluation) bound(terms []term) truth {
	answer, all := no, yes
	for i := range terms {
		t := &terms[i]
		if t.or {
			answer, all = max(answer, all), yes
		}
		switch {
		case all == no:
		case t.group != nil:
			all = min(all, e.bound(t.group))
		case e.unknown.has(t.subject().variable):
			all = min(all, maybe)
		case !e.compare(&t.comparison):
			all = no
		}
	}
	return max(answer, all)
}

// maxTrials bounds the comparisons that are made to see what an answer depends
// on.
const maxTrials = 1 << 17

// dependencies returns the variables of unknown value for which two values
// exist, all else equal, that change the answer. It tries every combination of
// the values that can make a difference; if those are too many to try, every
// unknown variable of the marker counts.
func (e *evaluation) dependencies() []variable {
	var variables []variable
	var samples [][]string
	total := 1
	for v := range environmentSize {
		if !e.unknown.has(v) {
			continue
		}
		variables = append(variables, v)
		values, enough := e.samples(v)
		samples = append(samples, values)
		if total *= len(values); total > maxTrials || !enough {
			return append(variables, e.unknownAfter(v)...)
		}
	}
	if total*countComparisons(e.terms)*len(e.extras) > maxTrials {
		return variables
	}
	answers := make([]bool, total)
	for trial := range answers {
		rest := trial
		for i, v := range variables {
			e.text[v] = samples[i][rest%len(samples[i])]
			rest /= len(samples[i])
		}
		answers[trial] = e.holds()
	}
	stride := 1
	var found []variable
	for i, v := range variables {
		size := len(samples[i])
		for trial, answer := range answers {
			if answer != answers[trial-trial/stride%size*stride] {
				found = append(found, v)
				break
			}
		}
		stride *= size
	}
	return found
}

// unknownAfter returns the unknown variables of the marker behind v.
func (e *evaluation) unknownAfter(v variable) []variable {
	var variables []variable
	for v++; v < environmentSize; v++ {
		if e.unknown.has(v) {
			variables = append(variables, v)
		}
	}
	return variables
}

func countComparisons(terms []term) int {
	n := 0
	for _, t := range terms {
		if t.group != nil {
			n += countComparisons(t.group)
		} else {
			n++
		}
	}
	return n
}

// samples returns values that the variable can have, enough to make the
// marker's comparisons with it come out in every way that they can; it reports
// false if those are too many.
func (e *evaluation) samples(v variable) ([]string, bool) {
	value := &e.environment.value[v]
	among := value.Among
	if len(among) == 0 {
		among = e.series(v)
	}
	literals := literalsFor(v, e.terms, nil)
	samples := []string{value.Text}
	enough := true
	if len(among) == 0 {
		contained := containedIn(v, e.terms, nil)
		enough = len(contained) <= maxContained
		if enough {
			samples = append(samples, anySamples(literals, contained)...)
		}
	}
	for _, choice := range among {
		if series, ok := strings.CutSuffix(choice, ".*"); ok {
			samples = append(samples, seriesSamples(series, literals)...)
		} else {
			samples = append(samples, choice)
		}
	}
	slices.Sort(samples)
	return slices.Compact(samples), enough
}

// maxContained bounds the texts that a marker looks for in one variable: every
// set of them may be there.
const maxContained = 8

// containedIn collects the literals that the marker looks for in the variable.
func containedIn(v variable, terms []term, contained []string) []string {
	for i := range terms {
		t := &terms[i]
		switch {
		case t.group != nil:
			contained = containedIn(v, t.group, contained)
		case (t.op == opIn || t.op == opNotIn) && t.left.literal && t.right.variable == v && !slices.Contains(contained, t.left.text):
			contained = append(contained, t.left.text)
		}
	}
	return contained
}

// series returns what python_version says about the full version of the
// interpreter, and for CPython about that of the implementation.
func (e *evaluation) series(v variable) []string {
	known := func(v variable) bool { return e.environment.present.has(v) && !e.environment.unknown.has(v) }
	if !known(pythonVersion) {
		return nil
	}
	series := e.environment.value[pythonVersion].Text + ".*"
	cpython := known(implementationName) && e.environment.value[implementationName].Text == "cpython"
	if v == pythonFullVersion || v == implementationVersion && cpython {
		return []string{series}
	}
	return nil
}

// literalsFor collects what the variable is compared with, and the words of
// it: "in" and "not in" look for one of several.
func literalsFor(v variable, terms []term, literals []string) []string {
	for i := range terms {
		t := &terms[i]
		if t.group != nil {
			literals = literalsFor(v, t.group, literals)
			continue
		}
		if t.subject().variable != v {
			continue
		}
		literal := t.right.text
		if t.left.literal {
			literal = t.left.text
		}
		literals = append(literals, literal)
		if words := strings.FieldsFunc(literal, isListSeparator); len(words) > 1 {
			literals = append(literals, words...)
		}
	}
	return literals
}

func isListSeparator(r rune) bool { return isSpace(r) || r == ',' || r == '|' || r == ';' }

// anySamples are values of a variable that can have any: each literal, a
// version just above each, one below and one above all, a text like no other,
// one that contains all literals, and one for each set of those that are looked
// for in it.
func anySamples(literals, contained []string) []string {
	samples := []string{"", "0", "99999999", "?"}
	for _, literal := range literals {
		samples = append(samples, literal)
		if release, ok := parseRelease(strings.TrimSuffix(literal, ".*")); ok {
			samples = append(samples, release.String()+".0.0.1")
		}
	}
	for set := range 1 << len(contained) {
		var text []string
		for i, literal := range contained {
			if set>>i&1 == 1 {
				text = append(text, literal)
			}
		}
		samples = append(samples, strings.Join(text, "\x1f")) // which no literal has
	}
	return append(samples, strings.Join(literals, " "))
}

// seriesSamples are releases of a series: the first, one beyond all that the
// literals name, those named and their neighbours.
func seriesSamples(series string, literals []string) []string {
	samples := []string{series + ".0", series + ".99999999"}
	for _, literal := range literals {
		rest, ok := strings.CutPrefix(literal, series+".")
		if !ok {
			continue
		}
		micro, err := strconv.Atoi(rest[:skipDigits(rest, 0)])
		if err != nil {
			continue
		}
		for n := max(micro-1, 0); n <= micro+1; n++ {
			samples = append(samples, series+"."+strconv.Itoa(n))
		}
	}
	return samples
}

func (r release) String() string {
	var b strings.Builder
	for i, n := range r {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.FormatUint(uint64(n), 10))
	}
	return b.String()
}
