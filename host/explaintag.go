package host

import (
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// An Explanation says whether a tag fits a host, and part by part why.
type Explanation struct {
	// Input is what was asked about. Tag is the one of its tags that counts:
	// the best that the host has, else the nearest. Python and ABI are ""
	// where a platform alone was asked about.
	Input string
	Tag   wheel.Tag
	// Note says how the input was read if it is no tag of today, "" else.
	Note string
	// Fits reports whether the host has the tag. Rank is then its place among
	// the host's tags, 0 being the best, and Of how many these are. For a
	// platform alone they count platform tags.
	Fits     bool
	Rank, Of int
	// Mismatch says what is wrong and what would help; zero if it fits.
	Mismatch Mismatch
	// Parts are python, abi and platform, those that were asked about, in
	// this order.
	Parts []PartOfTag
}

// PartOfTag is one of the three parts of a tag.
type PartOfTag struct {
	Name, Value string // "python", "cp313"
	Fits        bool
	// Sentence says what is wrong, "" if nothing is.
	Sentence string
}

// TagTextError refuses what is neither a platform, nor a tag, nor the file name
// of a wheel.
type TagTextError struct {
	Input string
	Err   error // what is wrong with it as what it looks most like
}

func (e *TagTextError) Error() string {
	return "explaining " + pyQuote(e.Input) + ": it is no platform (manylinux_2_28_aarch64), no tag (cp313-abi3-win_amd64) and no file name of a wheel: " + e.Err.Error()
}

func (e *TagTextError) Unwrap() error { return e.Err }

// ExplainTag says whether something fits the host: a platform by any of its
// names (manylinux_2_34_aarch64, linux/arm64), a tag, also a compressed set
// (cp313-abi3-win_amd64, py2.py3-none-any), or the file name of a wheel. The
// error is a *TagTextError.
func (h *Host) ExplainTag(input string) (Explanation, error) {
	text := strings.TrimSpace(input)
	refuse := func(err error) (Explanation, error) { return Explanation{}, &TagTextError{Input: input, Err: err} }
	if strings.HasSuffix(strings.ToLower(text), ".whl") {
		f, err := wheel.ParseFilename(text[strings.LastIndexAny(text, `/\`)+1:])
		if err != nil {
			return refuse(err)
		}
		return h.explainTags(input, slices.Collect(f.Tags())), nil
	}
	if e, ok := h.explainPlatformName(text); ok {
		return e, nil
	}
	if strings.Count(text, "-") == 2 {
		tags, err := wheel.ParseTags(text)
		if err != nil {
			return refuse(err)
		}
		return h.explainTags(input, tags), nil
	}
	_, err := spellingContext{}.resolve(text)
	return refuse(err)
}

// explainPlatformName compares a platform alone. It reports false for what is
// none.
func (h *Host) explainPlatformName(name string) (Explanation, bool) {
	e := Explanation{Input: name, Of: len(h.tags.platforms)}
	tag := wheel.CanonicalPlatform(strings.ToLower(name))
	p, _, family, err := parseTag(tag)
	switch {
	case family && err == nil:
		if tag != strings.ToLower(name) {
			e.Note = name + " is the older name of " + tag
		}
		if p.os == osIOS && p.name != tag { // the short form
			tag = p.name
		}
	case family, isTagWord(tag) && strings.Contains(tag, "_") && !strings.Contains(tag, "-"):
		if _, ok, err := (spellingContext{}).read(tag); ok && err == nil {
			return h.explainSpelling(e, tag)
		}
	default:
		return h.explainSpelling(e, strings.ToLower(name))
	}
	return h.explainOnePlatform(e, tag, err), true
}

// explainSpelling compares a platform that goes by the name of another tool.
func (h *Host) explainSpelling(e Explanation, name string) (Explanation, bool) {
	r, ok, err := spellingContext{}.read(name)
	if !ok || err != nil {
		return e, false
	}
	e.Note = r.note
	return h.explainOnePlatform(e, r.name, nil), true
}

func (h *Host) explainOnePlatform(e Explanation, tag string, err error) Explanation {
	m := h.nearestPlatform([]string{tag})
	if unknown, ok := err.(*UnknownPlatformError); ok && unknown.Reason != "" && !m.Fits() { //nolint:errorlint // made by parseTag, never wrapped
		m.Part, m.Sentence, m.Fix, m.Distance = PartTag, "no host has it. "+unknown.Reason, "", distances[PartTag]
	}
	e.Tag.Platform, e.Fits = tag, m.Fits()
	if e.Fits {
		e.Rank = max(0, slices.Index(h.tags.platforms, tag)) // "any" goes with every Python
	} else {
		e.Mismatch = m
	}
	e.Parts = []PartOfTag{{Name: "platform", Value: tag, Fits: e.Fits, Sentence: m.Sentence}}
	return e
}

// explainTags compares the tags of a set.
func (h *Host) explainTags(input string, tags []wheel.Tag) Explanation {
	e := Explanation{Input: input, Of: h.tags.size}
	var pythons, abis, platforms []string
	for _, t := range tags {
		pythons, abis, platforms = appendNew(pythons, t.Python), appendNew(abis, t.ABI), appendNew(platforms, t.Platform)
		if rank, ok := h.Rank(t); ok && (!e.Fits || rank < e.Rank) {
			e.Fits, e.Rank, e.Tag = true, rank, t
		}
	}
	runtime, machine := Mismatch{Tag: e.Tag}, Mismatch{Tag: e.Tag}
	if !e.Fits {
		runtime, machine = h.nearestRuntime(pythons, abis), h.nearestPlatform(platforms)
		e.Mismatch = h.judge(runtime, machine)
		e.Tag = e.Mismatch.Tag
	}
	python := PartOfTag{Name: "python", Value: e.Tag.Python, Fits: true}
	abi := PartOfTag{Name: "abi", Value: e.Tag.ABI, Fits: true}
	if !runtime.Fits() {
		wrong := &python
		if runtime.Part == PartABI || runtime.Part == PartFreeThreading {
			wrong = &abi
		}
		wrong.Fits, wrong.Sentence = false, runtime.Sentence
	}
	e.Parts = []PartOfTag{python, abi, {Name: "platform", Value: e.Tag.Platform, Fits: machine.Fits(), Sentence: machine.Sentence}}
	return e
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
