package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/xpip/xpip/requirements"
)

// settle sets the environment, with the markers that options settle.
func (b *builder) settle(env requirements.Environment) error {
	env, settled, err := applyMarkers(env, b.given.Markers)
	if err != nil {
		return err
	}
	for _, name := range settled {
		b.origins[name] = "--marker"
	}
	b.env = env
	return nil
}

// derive makes the host of options that name no platform: the build machine's
// Python, changed where an option says so, as pip does it.
func (h *Host) derive(native *Host) (*Host, error) {
	b := builder{Host: h}
	b.platforms, b.native, b.scheme = native.platforms, native.native, native.scheme
	maps.Copy(b.origins, native.origins)
	if err := b.readABIs(); err != nil {
		return nil, err
	}
	if err := b.readPython(); err != nil {
		return nil, err
	}
	otherVersion := b.python.Parts > 0
	if !otherVersion {
		b.python = native.python
	}
	if err := b.implementationOr(native.impl, native.origins["implementation"]); err != nil {
		return nil, err
	}
	otherImplementation := b.impl != native.impl
	if !otherVersion && !otherImplementation && len(b.abis) == 0 {
		b.abis, b.threaded, b.tags = native.abis, native.threaded, native.tags
	} else {
		if err := b.chooseABIs(); err != nil {
			return nil, err
		}
		platforms := native.tags.platforms
		if b.exact {
			platforms = platforms[:1]
		}
		b.tags = newTagSet(platforms, tagSections(b.impl, b.python, b.abis, b.threaded, b.impl+b.python.nodot()))
	}
	env := native.env
	if otherVersion || otherImplementation {
		env = b.otherPython(env)
		b.scheme = schemeFor(b.main().os, b.implementation, b.python, b.threaded)
		b.origins["scheme"] = "the default of " + b.implementation.title
	}
	if err := b.settle(env); err != nil {
		return nil, err
	}
	return h.seal(), nil
}

// otherPython replaces the markers that belong to the Python alone.
func (b *builder) otherPython(env requirements.Environment) requirements.Environment {
	values := make(map[string]requirements.Value)
	for _, name := range env.Names() {
		values[name], _ = env.Get(name)
	}
	replaced := map[string]requirements.Value{"python_version": known(b.python.Short())}
	pythonMarkers(replaced, b.implementation, b.implKnown, b.python)
	for name, value := range replaced {
		values[name] = value
		b.origins[name] = "Python " + b.python.String()
	}
	return requirements.NewEnvironment(values)
}

// computeDigest hashes what choices, installs and builds can depend on.
func (h *Host) computeDigest() string {
	sum := sha256.New()
	write := func(fields ...string) {
		for _, field := range fields {
			fmt.Fprintf(sum, "%d:%s", len(field), field) //nolint:errcheck // a hash takes everything
		}
		io.WriteString(sum, "\n") //nolint:errcheck // a hash takes everything
	}
	write("host", "1")
	write(h.Platforms()...)
	write(h.tags.platforms...)
	for _, s := range h.tags.sections {
		write(s.python, s.abi, fmt.Sprint(s.pure))
	}
	for _, t := range h.tags.listed {
		write(t.Python, t.ABI, t.Platform)
	}
	for _, name := range h.env.Names() {
		v, _ := h.env.Get(name)
		write(name, v.Text, fmt.Sprint(v.Known), strings.Join(v.Among, ","))
	}
	write(h.python.String(), h.python.full, h.impl, fmt.Sprint(h.threaded), fmt.Sprintf("%+v", h.scheme))
	return hex.EncodeToString(sum.Sum(nil))
}

// A Field is one fact about a host, for people to read.
type Field struct {
	Name, Value string
	// Origin says where the value came from.
	Origin string
}

// Fields lists what is known of the host, each with its origin: platform,
// Python, implementation, ABIs, scheme, then the marker variables in the order
// of PEP 508.
func (h *Host) Fields() []Field {
	version := h.python
	version.FreeThreaded = h.threaded
	fields := []Field{
		{"platform", strings.Join(h.Platforms(), ", "), h.origins["platform"]},
		{"python", version.String(), h.origins["python"]},
		{"implementation", h.impl, h.origins["implementation"]},
		{"abi", strings.Join(h.abis, ", "), h.origins["abi"]},
		{"scheme", h.scheme.Purelib + ", " + h.scheme.Scripts, h.origins["scheme"]},
	}
	for _, name := range h.env.Names() {
		v, _ := h.env.Get(name)
		fields = append(fields, Field{name, v.Text, h.origins[name]})
	}
	return fields
}
