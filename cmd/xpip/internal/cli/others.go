package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/requirements/pep440"
	"github.com/xpip/xpip/resolver"
)

// foreignFolders are the folders with packages that an environment's Python
// sees besides its own: those of the system's package manager, and those of the
// Python that a virtual environment was made of. They are looked at and never
// changed.
func foreignFolders(f *host.Facts, scheme host.Scheme) []location {
	if f == nil {
		return nil
	}
	own := []string{
		filepath.Join(f.Prefix, filepath.FromSlash(scheme.Purelib)),
		filepath.Join(f.Prefix, filepath.FromSlash(scheme.Platlib)),
	}
	var out []location
	for _, dir := range f.Site {
		if !isSameFile(dir, own[0]) && !isSameFile(dir, own[1]) {
			out = append(out, location{path: dir, layout: installer.TargetLayout, foreign: true})
		}
	}
	return out
}

// placeWithin is the environment itself, if its files do not say that it is
// another package manager's.
func (c *installCommand) placeWithin(s *session, named *host.Facts) (place, error) {
	o := c.options
	if !o.breakSystem && (!o.dryRun || o.report == "") { // pip excepts --dry-run with --report
		if err := checkManaged(named, c.language()); err != nil {
			return place{}, err
		}
	}
	others, err := lookBeside(foreignFolders(named, s.host.Scheme()))
	return place{path: named.Prefix, layout: installer.PrefixLayout, facts: named, others: others}, err
}

// beside is a distribution that the host's Python sees, in a folder that is not
// for us to change.
type beside struct {
	installed
	folder string
	counts bool // as what the environment has
}

// lookBeside lists the distributions of an environment's foreign folders, the
// first of each project in the order in which Python finds them.
func lookBeside(folders []location) ([]beside, error) {
	var out []beside
	seen := map[string]bool{}
	for _, at := range folders {
		prefix, err := installer.Open(at.path, at.layout, at.scheme)
		if err != nil {
			return nil, err
		}
		found, err := prefix.Installed()
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			if !seen[d.Key] {
				seen[d.Key] = true
				out = append(out, beside{installed{Distribution: d, prefix: prefix}, at.path, false})
			}
		}
	}
	return out, nil
}

// countBeside adds the packages of the foreign folders to those that are
// installed, unless the environment has its own.
func (s *session) countBeside(others []beside, present map[string]resolver.Installed) {
	for i := range others {
		d := &others[i]
		if _, own := present[d.Key]; own || d.Metadata == nil {
			continue
		}
		version, err := pep440.Parse(d.Version)
		if err == nil && (s.host.IsNative() || !d.foreign(s.host)) {
			d.counts = true
			present[d.Key] = resolver.Installed{Version: version, Metadata: resolverMetadata(d.Metadata)}
		}
	}
}

// sayKept says of the packages that are about to be installed which of another
// version stay where they are.
func (s *session) sayKept(others []beside, prefix string, plan *installer.Plan) {
	coming := map[string]bool{}
	for _, i := range plan.Installs {
		coming[i.Item.Wheel.Filename.Project] = len(i.Replaces) == 0
	}
	for i := range others {
		if d := &others[i]; coming[d.Key] {
			s.printer.Info("  Attempting uninstall: %s", d.Key)
			s.printer.Info("    Found existing installation: %s %s", d.Name, d.Version)
			s.app.sayOutside("    ", d, prefix)
		}
	}
}

// sayOutside says, in pip's words, that a package stays.
func (a *app) sayOutside(indent string, d *beside, prefix string) {
	a.printer.Info("%sNot uninstalling %s at %s, outside environment %s", indent, d.Key, d.folder, prefix)
	a.printer.Info("%sCan't uninstall '%s'. No files were found to uninstall.", indent, d.Key)
}

// unlistedError is pip's refusal to uninstall what has no list of its files, or
// is another tool's to uninstall.
type unlistedError struct {
	name, version string
	reason        string
	hint          string
}

func (e *unlistedError) Error() string {
	return fmt.Sprintf("Cannot uninstall %s %s", e.name, e.version)
}

// Diagnosis is what pip prints of it.
func (e *unlistedError) Diagnosis() (reference, context, note, hint string) {
	return "uninstall-no-record-file", e.reason, "", e.hint
}

// cannotUninstall puts the refusals of the installer into pip's words.
func cannotUninstall(err error) error {
	var unlisted *installer.NotRemovableError
	var managed *installer.ManagedError
	switch {
	case errors.As(err, &managed):
		return &managedPackageError{managed}
	case errors.As(err, &unlisted) && unlisted.Unlisted:
		hint := fmt.Sprintf("The package was installed by %s. You should check if it can uninstall the package.", unlisted.Installer)
		if by := unlisted.Installer; by == "" || by == "pip" || by == "xpip" {
			hint = fmt.Sprintf("You might be able to recover from this via: xpip install --ignore-installed --no-deps %s==%s", unlisted.Name, unlisted.Version)
		}
		return &unlistedError{
			name: unlisted.Name, version: unlisted.Version, hint: hint,
			reason: fmt.Sprintf("The package's contents are unknown: no RECORD file was found for %s.", unlisted.Name),
		}
	case errors.As(err, &unlisted):
		return &commandError{
			msg: fmt.Sprintf("Cannot uninstall %s %s: %s", unlisted.Name, unlisted.Version, unlisted.Reason),
			hints: []string{
				"You might be able to recover from this via:",
				fmt.Sprintf("  xpip install --ignore-installed --no-deps %s==%s", unlisted.Name, unlisted.Version),
			},
		}
	}
	return err
}

// managedPackageError is the refusal to take a package from the system's
// package manager.
type managedPackageError struct{ *installer.ManagedError }

func (e *managedPackageError) Error() string {
	return fmt.Sprintf("Cannot uninstall %s %s: it was installed by %s, which goes on counting on its files", e.Name, e.Version, e.Manager)
}

func (e *managedPackageError) Unwrap() error { return e.ManagedError }

// Hints names the two ways there are.
func (e *managedPackageError) Hints() []string {
	return []string{
		fmt.Sprintf("Nothing was changed. Let %s install the version that you want, or give leave with --break-system-packages.", e.Manager),
	}
}

// maxManaged bounds an EXTERNALLY-MANAGED file, in bytes.
const maxManaged = 64 << 10

// externallyManagedError refuses to change an environment that belongs to
// another package manager (PEP 668).
type externallyManagedError struct{ context string }

func (e *externallyManagedError) Error() string { return "This environment is externally managed" }

// Diagnosis is what pip prints of it.
func (e *externallyManagedError) Diagnosis() (reference, context, note, hint string) {
	return "externally-managed-environment", e.context,
		"If you believe this is a mistake, please contact your Python installation or OS distribution provider. You can override this, at the risk of breaking your Python installation or OS, by passing --break-system-packages.",
		"See PEP 668 for the detailed specification."
}

// checkManaged refuses an environment that its files say to belong to another
// package manager. A virtual environment is its user's.
func checkManaged(f *host.Facts, language string) error {
	if f == nil || f.ExternallyManaged == "" || f.Virtual {
		return nil
	}
	text := managedText(f.ExternallyManaged, language)
	if text == "" {
		text = "The Python environment under " + f.Prefix + " is managed externally, and may not be\nmanipulated by the user. Please use specific tooling from the distributor of\nthe Python installation to interact with this environment instead."
	}
	return &externallyManagedError{text}
}

// managedText is what an EXTERNALLY-MANAGED file has to say in a language, such
// as "de_AT"; "" if it says nothing that can be read.
func managedText(file, language string) string {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxManaged {
		return ""
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	values := managedValues(string(raw))
	keys := []string{"error"}
	if language != "" {
		short, _, _ := strings.Cut(strings.ReplaceAll(language, "-", "_"), "_")
		keys = []string{"error-" + strings.ToLower(language), "error-" + strings.ToLower(short), "error"}
	}
	for _, key := range keys {
		if text := values[key]; text != "" {
			return text
		}
	}
	return ""
}

// managedValues reads the section externally-managed of a file in configparser's
// form: values go on in lines that are indented.
func managedValues(text string) map[string]string {
	values := map[string]string{}
	within, key := false, ""
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" && key != "":
			values[key] += "\n"
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case strings.TrimLeft(line, " \t") != line:
			if key != "" {
				values[key] += "\n" + trimmed
			}
		case trimmed[0] == '[':
			within, key = trimmed == "[externally-managed]", ""
		case within:
			key = ""
			if i := strings.IndexAny(trimmed, "=:"); i > 0 {
				key = strings.ToLower(strings.TrimSpace(trimmed[:i]))
				values[key] = strings.TrimSpace(trimmed[i+1:])
			}
		}
	}
	for key, text := range values {
		values[key] = strings.TrimSpace(text)
	}
	return values
}

// language is the one that messages are wanted in, "" if none is.
func (a *app) language() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, ok := a.getenv(name); ok && value != "" {
			value, _, _ = strings.Cut(value, ".")
			value, _, _ = strings.Cut(value, "@")
			if value == "C" || value == "POSIX" {
				return ""
			}
			return value
		}
	}
	return ""
}
