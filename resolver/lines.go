package resolver

import (
	"fmt"
	"strings"
)

// Error is the last line that pip prints.
func (e *NoCandidateError) Error() string {
	return "No matching distribution found for " + e.shown()
}

// shown is the requirement with who asks for it, as pip shows it.
func (e *NoCandidateError) shown() string {
	if n := len(e.Chain); n > 0 && e.Chain[n-1].Project != "" {
		return e.Requirement + " (from " + e.Chain[n-1].Project + ")"
	}
	return e.Requirement
}

// PipLines are the lines that pip prints for the error, without "ERROR: ".
func (e *NoCandidateError) PipLines() (lines []string) {
	if len(e.Yanked) > 0 {
		lines = append(lines, "Ignored the following yanked versions: "+strings.Join(e.Yanked, ", "))
	}
	if len(e.OtherPython) > 0 {
		lines = append(lines, "Ignored the following versions that require a different python version: "+strings.Join(e.OtherPython, "; "))
	}
	if e.Direct != "" {
		return []string{e.Direct + " is not a supported wheel on this platform."}
	}
	kind := "version"
	if e.FinalOnly {
		kind = "final version"
	}
	versions := "none"
	if len(e.Versions) > 0 {
		versions = strings.Join(e.Versions, ", ")
	}
	return append(lines,
		fmt.Sprintf("Could not find a %s that satisfies the requirement %s (from versions: %s)", kind, e.shown(), versions),
		e.Error())
}

// Lines say for people what was looked at and why it was not enough, below
// what pip says. A line that is not known is left out.
func (e *NoCandidateError) Lines() (lines []string) {
	if e.NotFound {
		if e.Withheld != "" {
			lines = append(lines, fmt.Sprintf("%s %s, so that nothing of it is installed.", e.Project, e.Withheld))
		} else {
			lines = append(lines, "There is no project named "+e.Project+".")
		}
		if len(e.Looked) > 0 {
			lines = append(lines, "  looked at   "+strings.Join(e.Looked, ", "))
		}
		return append(lines, chainLine(e.Chain)...)
	}
	if len(e.Hosts) > 1 {
		lines = append(lines, fmt.Sprintf("No version of %s fits all hosts.", e.Requirement))
		lines = append(lines, chainLine(e.Chain)...)
	}
	for i := range e.Hosts {
		r := &e.Hosts[i]
		if len(e.Hosts) == 1 {
			lines = append(lines, fmt.Sprintf("%s can't be installed for %s.", e.Requirement, r.Host))
			lines = append(lines, chainLine(e.Chain)...)
		} else {
			lines = append(lines, fmt.Sprintf("for %s:", r.Host))
		}
		lines = append(lines, e.hostLines(r)...)
	}
	for _, also := range e.Also {
		line := "  also        " + also.Requirement
		if also.Reason != "" {
			line += ": " + also.Reason
		}
		lines = append(lines, line)
	}
	if n := len(e.Versions); n > 0 && len(e.Hosts) > 0 && len(e.Hosts[0].Reasons) == 0 {
		if len(e.Hosts) > 1 {
			lines = append(lines, "for all of them:")
		}
		lines = append(lines, fmt.Sprintf("  versions    %s; the requirement allows none of them", span(e.Versions)))
	}
	if len(e.Try) == 0 {
		return append(lines, tryLines(e.anyWay())...)
	}
	return append(lines, tryLines(e.Try)...)
}

// anyWay is what always remains to try when no file fits.
func (e *NoCandidateError) anyWay() []Suggestion {
	if len(e.Hosts) == 0 || len(e.Hosts[0].Reasons) == 0 || e.Direct != "" {
		return nil
	}
	platform := e.Hosts[0].Host.Platform()
	return []Suggestion{
		{Text: fmt.Sprintf("an index that has %s for %s", e.Project, platform), Command: "--extra-index-url URL"},
		{Text: fmt.Sprintf("ask %s's authors for such wheels (cibuildwheel builds them)", e.Project)},
	}
}

func (e *NoCandidateError) hostLines(r *HostReport) (lines []string) {
	if len(r.Usable) > 0 {
		lines = append(lines, "  "+(&ReasonGroup{"could be had", r.Usable}).line())
	} else if r.Wheels > 0 {
		var families []string
		for _, c := range r.Families {
			families = append(families, fmt.Sprintf("%s %d", c.What, c.N))
		}
		lines = append(lines, fmt.Sprintf("  wheels      %s of %s (%s)",
			plural(r.Wheels, "file"), plural(r.VersionCount, "version"), strings.Join(families, ", ")))
	}
	const most = 4 // kinds of refusal
	shown, rest := 0, 0
	for _, g := range r.Reasons {
		switch {
		case r.Source != nil && len(g.Versions) == 1 && g.Versions[0] == r.Source.Version: // said below
		case shown == most:
			rest += len(g.Versions)
		default:
			shown++
			lines = append(lines, "  refused     "+g.line())
		}
	}
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("              and %s for other reasons", plural(rest, "version")))
	}
	if r.Source != nil {
		lines = append(lines, fmt.Sprintf("  source      %s %s %s", e.Project, r.Source.Version, r.Source.Reason))
		if r.Source.Log != "" {
			lines = append(lines, "              full build log: "+r.Source.Log)
		}
	}
	if r.Nearest != nil {
		lines = append(lines, fmt.Sprintf("  nearest     %s: %s", r.Nearest.File, r.Nearest.Mismatch.Sentence))
	}
	return lines
}

// span names the ends of a sorted list of versions.
func span(versions []string) string {
	if n := len(versions); n > 2 {
		return fmt.Sprintf("%d from %s to %s", n, versions[0], versions[n-1])
	}
	return strings.Join(versions, " and ")
}

// line names the newest versions of a group and the reason.
func (g *ReasonGroup) line() string {
	const most = 3
	if len(g.Versions) == 0 {
		return g.Reason
	}
	names := strings.Join(g.Versions[:min(len(g.Versions), most)], ", ")
	if more := len(g.Versions) - most; more > 0 {
		names += fmt.Sprintf(" and %d older", more)
	}
	return names + ": " + g.Reason
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// chainLine says who wanted it; nothing if that is only the command line.
func chainLine(chain []Step) []string {
	if text := FormatChain(chain); text != "" {
		return []string{"  wanted by   " + text}
	}
	return nil
}

// FormatChain writes a requirement chain: "-r reqs.txt (line 3) -> feedgen 1.0.0 -> lxml>=6".
// It is empty for what the user typed.
func FormatChain(chain []Step) string {
	if len(chain) == 0 || len(chain) == 1 && chain[0].Origin == "" {
		return ""
	}
	var parts []string
	for i := range chain {
		s := &chain[i]
		switch {
		case s.Project != "":
			parts = append(parts, s.Project+" "+s.Version)
		case s.Origin != "":
			parts = append(parts, s.Origin)
		}
	}
	return strings.Join(append(parts, plain(&chain[len(chain)-1].Requirement)), " -> ")
}

func tryLines(list []Suggestion) (lines []string) {
	if len(list) == 0 {
		return nil
	}
	lines = []string{"Try one of"}
	for _, s := range list {
		line := "  - " + s.Text
		if s.Command != "" {
			line += ":  " + s.Command
		}
		lines = append(lines, line)
	}
	return lines
}

// Error is pip's first line.
func (e *ConflictError) Error() string {
	wants := joinAnd(e.Wants)
	if wants == "" {
		wants = "the requested packages"
	}
	return "Cannot install " + wants + " because these package versions have conflicting dependencies."
}

// PipLines are the lines that pip prints below Error, without the advice.
func (e *ConflictError) PipLines() []string {
	lines := []string{"The conflict is caused by:"}
	for _, c := range e.Causes {
		switch {
		case c.Constraint:
			lines = append(lines, "    The user requested (constraint) "+c.Requirement)
		case c.Parent == "":
			lines = append(lines, "    The user requested "+c.Requirement)
		default:
			lines = append(lines, fmt.Sprintf("    %s %s depends on %s", c.Parent, c.Version, c.Requirement))
		}
	}
	if len(e.NoCandidates) > 0 {
		lines = append(lines, "",
			"Additionally, some packages in these conflicts have no matching distributions available for your environment:")
		for _, name := range e.NoCandidates {
			lines = append(lines, "    "+name)
		}
	}
	return lines
}

// Lines say for people why the requirements exclude each other.
func (e *ConflictError) Lines() []string {
	return append(append([]string(nil), e.Explanation...), tryLines(e.Try)...)
}

func (e *HashError) Error() string {
	if len(e.Unpinned) > 0 {
		return "In --require-hashes mode, all requirements must have their versions pinned with ==."
	}
	return "Hashes are required in --require-hashes mode, but they are missing from some requirements."
}

// Lines are what pip prints, item by item.
func (e *HashError) Lines() (lines []string) {
	if len(e.Missing) > 0 {
		lines = append(lines, "Hashes are required in --require-hashes mode, but they are missing from some requirements. "+
			"Here is a list of those requirements along with the hashes their archives have. "+
			"Add lines like these to your requirements files to prevent tampering. "+
			"(If you did not enable --require-hashes manually, note that it turns on automatically when any package has a hash.)")
		for _, p := range e.Missing {
			line := "    " + p.Requirement
			if p.Hash != "" {
				line += " --hash=" + p.Hash
			}
			lines = append(lines, line)
		}
	}
	if len(e.Unpinned) > 0 {
		lines = append(lines, "In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:")
		for _, p := range e.Unpinned {
			line := "    " + p.Requirement
			if chain := FormatChain(p.Chain); chain != "" {
				line += " (from " + chain + ")"
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func (e *RequiresPythonError) Error() string {
	return fmt.Sprintf("Package %q requires a different Python: %s not in %q", e.Project, e.Python, e.RequiresPython)
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("no solution found in %d steps: the requirements allow too many versions; tighten some of them", e.Steps)
}
