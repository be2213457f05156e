package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
)

// describedBy is what files say of the host: those of --host-from; what they
// leave open, and everything without that option, those of the environment that
// is worked for. It is nil if there is neither.
func (a *app) describedBy(o hostOptions) (*host.Facts, error) {
	if o.from == "" {
		return a.named(o.platforms...)
	}
	from, err := a.facts(o.from, o.platforms...)
	if errors.Is(err, fs.ErrNotExist) && !isFolder(o.from) && !isFile(o.from) {
		return nil, &commandError{
			msg:   fmt.Sprintf("There is no file or folder %s for --host-from.", pyQuote(o.from)),
			hints: []string{"It takes a description of the host, such as a build-details.json, or a folder with a Python in it.", "A platform by name is  --platform NAME"},
		}
	}
	if err != nil || a.general.python == "" {
		return from, err
	}
	into, err := a.named(o.platforms...)
	if err != nil {
		return nil, err
	}
	if err := o.agree(from, into); err != nil {
		return nil, err
	}
	both := *from
	if both.Python == "" {
		both.Python, both.PythonOrigin = into.Python, into.PythonOrigin
	}
	if both.Platform == "" {
		both.Platform, both.PlatformOrigin = into.Platform, into.PlatformOrigin
		both.Libc, both.LibcOrigin = into.Libc, into.LibcOrigin
	}
	if both.Implementation == "" {
		both.Implementation = into.Implementation
	}
	both.Scheme, both.Site = into.Scheme, into.Site // packages go there
	both.Conflicts = append(slices.Clone(from.Conflicts), into.Conflicts...)
	return &both, nil
}

// destination is the environment that packages go into if no folder is named
// for them: a description of the host is no such place.
func (a *app) destination(o hostOptions) (*host.Facts, error) {
	if o.from != "" && a.general.python == "" {
		return nil, nil
	}
	return a.named(o.platforms...)
}

// facts reads what a path says of a host, once in a run. Platforms choose where
// it describes several.
func (a *app) facts(path string, platforms ...string) (*host.Facts, error) {
	key := strings.Join(append([]string{path}, platforms...), "\x00")
	if known, ok := a.read[key]; ok {
		return known, nil
	}
	facts, err := host.Read(path, platforms...)
	if err != nil {
		return &facts, err
	}
	if a.read == nil {
		a.read = map[string]*host.Facts{}
	}
	a.read[key] = &facts
	return &facts, nil
}

// agree holds a description against the environment that packages go into. What
// an option settles need not agree.
func (o *hostOptions) agree(from, into *host.Facts) error {
	conflict := func(field, first, firstFile, second, secondFile string) error {
		return &host.ConflictError{
			Path: o.from, Field: field,
			First:  host.Source{Field: field, Value: first, File: firstFile},
			Second: host.Source{Field: field, Value: second, File: secondFile},
		}
	}
	if o.pythonVersion == "" && !samePython(from.Python, into.Python) {
		return conflict("python", from.Python, from.PythonOrigin, into.Python, into.PythonOrigin)
	}
	if o.implementation == "" && from.Implementation != "" && into.Implementation != "" && from.Implementation != into.Implementation {
		return conflict("implementation", from.Implementation, from.PythonOrigin, into.Implementation, into.PythonOrigin)
	}
	if len(o.platforms) == 0 && !sameMachine(from.Platform, into.Platform) {
		return conflict("platform", from.Platform, from.PlatformOrigin, into.Platform, into.PlatformOrigin)
	}
	return nil
}

// samePython reports whether two versions are the same as far as both are said.
func samePython(a, b string) bool {
	first, err := host.ParsePythonVersion(a)
	second, err2 := host.ParsePythonVersion(b)
	if err != nil || err2 != nil {
		return true // one is not said
	}
	return first.Major == second.Major && first.FreeThreaded == second.FreeThreaded &&
		(min(first.Parts, second.Parts) < 2 || first.Minor == second.Minor)
}

// sameMachine reports whether two names of platforms have the same system and
// processor: one may leave the version open that the other says.
func sameMachine(a, b string) bool {
	if a == "" || b == "" || a == b {
		return true
	}
	first, err := host.New(host.Options{Platforms: []string{a}})
	second, err2 := host.New(host.Options{Platforms: []string{b}})
	if err != nil || err2 != nil {
		return true // refused where it is used
	}
	for _, marker := range []string{"sys_platform", "platform_machine"} {
		x, _ := first.Environment().Get(marker)
		y, _ := second.Environment().Get(marker)
		if x.Text != y.Text {
			return false
		}
	}
	return true
}
