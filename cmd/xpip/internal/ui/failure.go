package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/requirements/reqfile"
	"github.com/xpip/xpip/resolver"
)

// explainer is an error that knows what to do about itself.
type explainer interface {
	error
	Hints() []string
}

// diagnostic is an error that pip shows under a name of its own, with what it
// is about, a note and a hint; each may be empty.
type diagnostic interface {
	error
	Diagnosis() (reference, context, note, hint string)
}

// diagnose shows an error in the form that pip has for those with a name.
func (p *Printer) diagnose(d diagnostic) {
	reference, context, note, hint := d.Diagnosis()
	p.problem(Silent, "error: ", "\x1b[31m", reference)
	lines := []string{"", "× " + d.Error()}
	margin := "╰─> "
	for line := range strings.Lines(context) {
		lines = append(lines, strings.TrimRight(margin+strings.TrimRight(line, "\n"), " "))
		margin = "    "
	}
	lines = append(lines, "")
	if note != "" {
		lines = append(lines, "note: "+note)
	}
	if hint != "" {
		lines = append(lines, "hint: "+hint)
	}
	p.Explain(lines)
}

// partial is an error about one of several hosts that are prepared together.
type partial interface {
	error
	About() string
}

// Failure shows err: pip's own lines where pip has some, then what was looked
// at and what to try. This is the one place where errors become text.
func (p *Printer) Failure(err error) {
	if named := diagnostic(nil); errors.As(err, &named) {
		p.diagnose(named)
		return
	}
	var one partial
	about := errors.As(err, &one)
	if about {
		err = errors.Unwrap(one) // said by the line below
	}
	headlines, explanation := describe(err)
	if about {
		explanation = append([]string{"This is about the slice " + one.About() + "."}, explanation...)
	}
	for _, line := range headlines {
		p.problem(Silent, "ERROR: ", "\x1b[31m", line) // even -qqq hears why a command failed, as in pip
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
		contrary *host.ConflictError
		hash     *index.HashError
		offline  *index.UnavailableError
		line     *reqfile.Error
		unbuilt  *resolver.NeedsCompilerError
		native   *installer.NativeError
		clash    *installer.ConflictError
		knowing  explainer
	)
	switch {
	case errors.Is(err, context.Canceled):
		return []string{"Operation cancelled by user"}, nil
	case errors.As(err, &none):
		return none.PipLines(), none.Lines()
	case errors.As(err, &conflict):
		explanation = append(conflict.PipLines(), "")
		explanation = append(explanation, conflict.Lines()...)
		return []string{conflict.Error()}, append(explanation, "",
			"ERROR: ResolutionImpossible: no set of versions satisfies all of these requirements")
	case errors.As(err, &unhashed):
		return blocks(unhashed.Lines()), nil
	case errors.As(err, &hash):
		return []string{describeHash(hash)}, nil
	case errors.As(err, &python):
		return []string{fmt.Sprintf("Package '%s' requires a different Python: %s not in '%s'", python.Project, python.Python, python.RequiresPython)},
			wantedBy(python.Chain)
	case errors.As(err, &untimed):
		return []string{fmt.Sprintf("Index %s does not provide upload-time metadata, which --uploaded-prior-to needs (%s has none).", untimed.Index, untimed.File)}, nil
	case errors.As(err, &platform):
		return []string{capitalize(platform.Error())}, platformHints(platform)
	case errors.As(err, &contrary):
		return []string{describeContradiction(contrary)}, []string{"Which of them is right, only you can say:  " + settles(contrary.Field)}
	case errors.Is(err, index.ErrOffline):
		return []string{"Not in the cache, and the network is off (--offline): " + missing(err)},
			[]string{"Nothing was changed. Run the command once without --offline, or name a folder with --find-links."}
	case errors.As(err, &offline):
		return []string{"Could not read " + offline.URL + ": " + offline.Err.Error()},
			[]string{"Nothing was changed. The index could not answer, so nothing is known of what it has; try again, or name another one with --index-url."}
	case errors.As(err, &unbuilt):
		explanation = nil
		if unbuilt.Log != "" {
			explanation = []string{"The full build log is " + unbuilt.Log}
		}
		if r := unbuilt.Remedy; r.Text != "" {
			explanation = append(explanation, "Try one of", "  - "+r.Text+":  "+r.Command)
		}
		return []string{fmt.Sprintf("%s %s", unbuilt.File, unbuilt.Reason)}, explanation
	case errors.As(err, &native):
		return []string{fmt.Sprintf("%s can't be installed: %s", native.Wheel, native.Reason())},
			[]string{"Another build of it may fit; --no-native-check turns this refusal into a warning."}
	case errors.As(err, &clash) && clash.Overwritable:
		return []string{capitalize(clash.Error())},
			[]string{"Nothing was changed. --allow-overwrite lets the new files take the place of the old ones."}
	case errors.Is(err, installer.ErrStoreDamaged):
		return []string{capitalize(err.Error())},
			[]string{"Nothing was changed. Run the same command again: the wheel is unpacked anew."}
	case errors.As(err, &knowing):
		return []string{knowing.Error()}, knowing.Hints()
	case errors.As(err, &line):
		return []string{describeLine(line)}, nil
	}
	return []string{capitalize(err.Error())}, nil
}

// missing is what an offline run would have needed.
func missing(err error) string {
	var offline *index.UnavailableError
	if errors.As(err, &offline) {
		return offline.URL
	}
	return err.Error()
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
	if parsed {
		b.WriteString("\n" + syntax.Caret())
	}
	if e.File != "" && e.Line > 0 {
		fmt.Fprintf(&b, " (from line %d of %s)", e.Line, e.File)
	}
	if e.Hint != "" && (!parsed || syntax.Hint == "") {
		b.WriteString("\nHint: " + e.Hint)
	}
	return b.String()
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

// describeContradiction is what two files say of one field of the host.
func describeContradiction(e *host.ConflictError) string {
	name := e.Field
	switch e.Field {
	case "python":
		name = "Python version"
	case "abi":
		name = "ABI"
	case "libc":
		name = "C library"
	}
	return fmt.Sprintf("The description of the host in %s contradicts itself about the %s.\n    %s: %s\n    %s: %s",
		e.Path, name, e.First.File, e.First.Value, e.Second.File, e.Second.Value)
}

// settles is the option that says a field of the host, so that no file has to.
func settles(field string) string {
	switch field {
	case "platform", "libc":
		return "--platform NAME"
	case "python":
		return "--python-version VERSION"
	case "implementation", "abi":
		return "--" + field + " NAME"
	case "scheme":
		return "--prefix DIR or --target DIR"
	}
	return "--marker " + field + "=VALUE"
}

// platformHints are the suggestions that the error's sentence does not name.
func platformHints(e *host.UnknownPlatformError) []string {
	var lines []string
	for _, s := range e.Suggestions {
		if e.Reason != "" && !strings.Contains(e.Reason, s) {
			lines = append(lines, "  --platform "+s)
		}
	}
	if len(lines) > 0 {
		lines = append([]string{"Try one of"}, lines...)
	}
	return lines
}

func wantedBy(chain []resolver.Step) []string {
	if text := resolver.FormatChain(chain); text != "" {
		return []string{"  wanted by   " + text}
	}
	return nil
}

// blocks joins indented lines to the line that they belong to.
func blocks(lines []string) []string {
	var out []string
	for _, line := range lines {
		if strings.HasPrefix(line, " ") && len(out) > 0 {
			out[len(out)-1] += "\n" + line
			continue
		}
		out = append(out, line)
	}
	return out
}

// capitalize begins a sentence, unless it begins with a name or an address.
func capitalize(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if s == "" || strings.ContainsAny(first, ":/._\"'0123456789") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
