package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/reqfile"
	"github.com/xpip/xpip/resolver"
)

// explainer is an error that knows what to do about itself.
type explainer interface {
	error
	Hints() []string
}

// Failure shows err: pip's own lines where pip has some, then what was looked
// at and what to try. This is the one place where errors become text.
func (p *Printer) Failure(err error) {
	headlines, explanation := describe(err)
	for _, line := range headlines {
		p.Error("%s", line)
	}
	if len(explanation) > 0 {
		p.Explain(append([]string{""}, explanation...))
	}
}

// describe returns the lines that begin with ERROR: and those that follow.
func describe(err error) (headlines, explanation []string) {
	var (
		none     *resolver.NoCandidateError
		conflict *resolver.ConflictError
		unhashed *resolver.HashError
		python   *resolver.RequiresPythonError
		untimed  *resolver.MissingUploadTimeError
		platform *host.UnknownPlatformError
		hash     *index.HashError
		offline  *index.UnavailableError
		line     *reqfile.Error
		knowing  explainer
	)
	switch {
	case errors.As(err, &none):
		return describeNone(none)
	case errors.As(err, &conflict):
		return describeConflict(conflict)
	case errors.As(err, &unhashed):
		return describeUnhashed(unhashed), nil
	case errors.As(err, &hash):
		return []string{describeHash(hash)}, nil
	case errors.As(err, &python):
		return []string{fmt.Sprintf("Package '%s' requires a different Python: %s not in '%s'", python.Project, python.Python, python.RequiresPython)},
			chainLines(python.Chain)
	case errors.As(err, &untimed):
		return []string{fmt.Sprintf("Index %s does not provide upload-time metadata, which --uploaded-prior-to needs (%s has none).", untimed.Index, untimed.File)}, nil
	case errors.As(err, &platform):
		return []string{capitalize(platform.Error())}, platformHints(platform)
	case errors.As(err, &offline):
		return []string{"Could not read " + offline.URL + ": " + offline.Err.Error()},
			[]string{"Nothing was changed. The index could not answer, so nothing is known of what it has; try again, or name another one with --index-url."}
	case errors.As(err, &knowing):
		return []string{knowing.Error()}, knowing.Hints()
	case errors.As(err, &line):
		return []string{describeLine(line)}, nil
	}
	return []string{capitalize(err.Error())}, nil
}

// describeLine is a requirement that cannot be read: what, where, and the place
// in it under a caret.
func describeLine(e *reqfile.Error) string {
	var b strings.Builder
	b.WriteString(e.Msg)
	var syntax *requirements.SyntaxError
	parsed := errors.As(e.Err, &syntax)
	switch {
	case parsed:
		b.WriteString(": " + syntax.Msg)
	case e.Err != nil:
		b.WriteString(": " + e.Err.Error())
	}
	if e.File != "" && e.Line > 0 {
		fmt.Fprintf(&b, " (from line %d of %s)", e.Line, e.File)
	}
	if parsed {
		b.WriteString("\n" + syntax.Caret())
	}
	if e.Hint != "" && (!parsed || syntax.Hint == "") {
		b.WriteString("\nHint: " + e.Hint)
	}
	return b.String()
}

func describeNone(e *resolver.NoCandidateError) (headlines, explanation []string) {
	if len(e.Yanked) > 0 {
		headlines = append(headlines, "Ignored the following yanked versions: "+strings.Join(e.Yanked, ", "))
	}
	if len(e.OtherPython) > 0 {
		headlines = append(headlines, "Ignored the following versions that require a different python version: "+strings.Join(e.OtherPython, "; "))
	}
	from := "none"
	if len(e.Versions) > 0 {
		from = strings.Join(e.Versions, ", ")
	}
	what := "version"
	if e.FinalOnly {
		what = "final version"
	}
	wanted := e.Requirement
	if parent := lastParent(e.Chain); parent != "" {
		wanted += " (from " + parent + ")"
	}
	headlines = append(headlines,
		fmt.Sprintf("Could not find a %s that satisfies the requirement %s (from versions: %s)", what, wanted, from),
		"No matching distribution found for "+wanted)

	if e.NotFound {
		explanation = append(explanation, fmt.Sprintf("No project of the name %s was found.", e.Project))
		explanation = append(explanation, chainLines(e.Chain)...)
		for _, place := range e.Looked {
			explanation = append(explanation, "  looked at   "+place)
		}
	} else {
		for i, h := range e.Hosts {
			if i > 0 {
				explanation = append(explanation, "")
			}
			explanation = append(explanation, hostLines(e, h)...)
		}
	}
	try := e.Try
	if !e.NotFound && len(try) == 0 {
		try = anyWay(e)
	}
	return headlines, append(explanation, tryLines(try)...)
}

// anyWay is what always remains to try when no file of a project fits a host.
func anyWay(e *resolver.NoCandidateError) []resolver.Suggestion {
	if len(e.Hosts) == 0 {
		return nil
	}
	platform := e.Hosts[0].Host.Platform()
	return []resolver.Suggestion{
		{Text: fmt.Sprintf("an index that has %s for this host", e.Project), Command: "--extra-index-url URL"},
		{Text: fmt.Sprintf("ask %s's authors for wheels for %s (cibuildwheel builds them)", e.Project, platform)},
	}
}

// hostLines says what there is of a project for one host.
func hostLines(e *resolver.NoCandidateError, h resolver.HostReport) []string {
	lines := []string{fmt.Sprintf("%s can't be installed for %s.", e.Requirement, h.Host)}
	lines = append(lines, chainLines(e.Chain)...)
	if h.Wheels > 0 {
		text := fmt.Sprintf("  wheels      %s of %s", count(h.Wheels, "file"), count(h.VersionCount, "version"))
		if len(h.Families) > 0 {
			text += ": " + counts(h.Families)
		}
		lines = append(lines, text)
	}
	if h.Sdists > 0 && h.Source == nil && h.Wheels == 0 {
		lines = append(lines, "  sdists      "+count(h.Sdists, "file"))
	}
	for _, g := range h.Reasons {
		if h.Source != nil && len(g.Versions) == 1 && g.Versions[0] == h.Source.Version {
			continue // said below
		}
		lines = append(lines, fmt.Sprintf("  refused     %s: %s", versionList(g.Versions), g.Reason))
	}
	if s := h.Source; s != nil {
		lines = append(lines, fmt.Sprintf("  source      %s %s %s", e.Project, s.Version, s.Reason))
		if s.Log != "" {
			lines = append(lines, "              full build log: "+s.Log)
		}
	}
	if n := h.Nearest; n != nil {
		lines = append(lines, fmt.Sprintf("  nearest     %s: %s", n.File, n.Mismatch.Sentence))
	}
	return lines
}

func describeConflict(e *resolver.ConflictError) (headlines, explanation []string) {
	headlines = []string{fmt.Sprintf("Cannot install %s because these package versions have conflicting dependencies.", joinAnd(e.Wants))}
	explanation = append(explanation, "The conflict is caused by:")
	for _, c := range e.Causes {
		explanation = append(explanation, "    "+causeLine(c))
	}
	if len(e.NoCandidates) > 0 {
		explanation = append(explanation, "", "Additionally, some packages in these conflicts have no matching distributions available for your environment:")
		for _, name := range e.NoCandidates {
			explanation = append(explanation, "    "+name)
		}
	}
	if len(e.Explanation) > 0 {
		explanation = append(explanation, "")
		explanation = append(explanation, e.Explanation...)
	}
	explanation = append(explanation, tryLines(e.Try)...)
	explanation = append(explanation, "", "ERROR: ResolutionImpossible: no set of versions satisfies all of these requirements")
	return headlines, explanation
}

func causeLine(c resolver.Cause) string {
	switch {
	case c.Parent != "":
		return fmt.Sprintf("%s %s depends on %s", c.Parent, c.Version, c.Requirement)
	case c.Constraint:
		return "The user requested (constraint) " + c.Requirement
	case c.Origin != "":
		return fmt.Sprintf("The user requested %s (from %s)", c.Requirement, c.Origin)
	}
	return "The user requested " + c.Requirement
}

func describeUnhashed(e *resolver.HashError) []string {
	if len(e.Unpinned) > 0 {
		text := "In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:"
		for _, p := range e.Unpinned {
			text += "\n    " + p.Requirement + fromChain(p.Chain)
		}
		return []string{text}
	}
	text := "Hashes are required in --require-hashes mode, but they are missing from some requirements. " +
		"Add lines like these to your requirements files to prevent tampering. " +
		"(--require-hashes turns on by itself when any requirement has a hash.)"
	for _, p := range e.Missing {
		text += "\n    " + p.Requirement
		if p.Hash != "" {
			text += " --hash=" + p.Hash
		}
		text += fromChain(p.Chain)
	}
	return []string{text}
}

func describeHash(e *index.HashError) string {
	var b strings.Builder
	if e.FromIndex {
		fmt.Fprintf(&b, "%s does not have the hash that its index promises. It was damaged on the way or replaced; nothing of it is used.", e.Filename)
	} else {
		b.WriteString("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.")
	}
	fmt.Fprintf(&b, "\n    %s from %s:", e.Filename, e.URL)
	for i, want := range e.Want {
		word := "Expected"
		if i > 0 {
			word = "      or"
		}
		fmt.Fprintf(&b, "\n        %s %s %s", word, e.Algorithm, want)
	}
	fmt.Fprintf(&b, "\n             Got        %s", e.Got)
	return b.String()
}

func platformHints(e *host.UnknownPlatformError) []string {
	lines := []string{}
	if e.Reason != "" && len(e.Suggestions) > 0 {
		lines = append(lines, "Try one of")
		for _, s := range e.Suggestions {
			lines = append(lines, "  --platform "+s)
		}
	}
	return lines
}

// chainLines says who wanted a package, outermost first.
func chainLines(chain []resolver.Step) []string {
	if len(chain) == 0 {
		return nil
	}
	parts := make([]string, 0, len(chain)+1)
	first := chain[0]
	switch {
	case first.Origin != "":
		parts = append(parts, first.Origin)
	case len(chain) == 1:
		return nil // the user's own words, just quoted
	default:
		parts = append(parts, "the command line")
	}
	for _, step := range chain[1:] {
		parts = append(parts, strings.TrimSpace(step.Project+" "+step.Version))
	}
	parts = append(parts, chain[len(chain)-1].Requirement.String())
	return []string{"  wanted by   " + strings.Join(parts, " -> ")}
}

func fromChain(chain []resolver.Step) string {
	if len(chain) == 0 {
		return ""
	}
	last := chain[len(chain)-1]
	switch {
	case last.Project != "":
		return fmt.Sprintf(" (from %s==%s)", last.Project, last.Version)
	case last.Origin != "":
		return fmt.Sprintf(" (from %s)", last.Origin)
	}
	return ""
}

func lastParent(chain []resolver.Step) string {
	if len(chain) == 0 {
		return ""
	}
	return chain[len(chain)-1].Project
}

func tryLines(try []resolver.Suggestion) []string {
	if len(try) == 0 {
		return nil
	}
	lines := []string{"Try one of"}
	if len(try) == 1 {
		lines[0] = "Try"
	}
	for _, s := range try {
		text := "  - " + s.Text
		if s.Command != "" {
			text += ":  " + s.Command
		}
		lines = append(lines, text)
	}
	return lines
}

func counts(list []resolver.Count) string {
	parts := make([]string, len(list))
	for i, c := range list {
		parts[i] = fmt.Sprintf("%s %d", c.What, c.N)
	}
	return strings.Join(parts, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// versionList shows the newest few of many versions.
func versionList(versions []string) string {
	const shown = 4
	if len(versions) <= shown {
		return strings.Join(versions, ", ")
	}
	return fmt.Sprintf("%s and %d older", strings.Join(versions[:shown-1], ", "), len(versions)-shown+1)
}

func joinAnd(items []string) string {
	items = slices.Compact(slices.Clone(items))
	switch len(items) {
	case 0:
		return "this"
	case 1:
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

func capitalize(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
