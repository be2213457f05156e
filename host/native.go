package host

import (
	"bytes"
	"context"
	_ "embed" // probe.py
	"encoding/json"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xpip/xpip/requirements"
)

//go:embed probe.py
var probeScript string

// maxProbe bounds what is read of a Python's answer, in bytes.
const maxProbe = 1 << 20

const probeMark = "\nxpip-probe:"

// NativeError says why the build machine's Python could not be asked.
type NativeError struct {
	Python string
	Err    error
	Stderr string // the end of what it wrote there
}

func (e *NativeError) Error() string {
	s := fmt.Sprintf("asking %q about itself: %v", e.Python, e.Err)
	if e.Stderr != "" {
		s += ": " + e.Stderr
	}
	return s
}

func (e *NativeError) Unwrap() error { return e.Err }

// Native describes the build machine's own Python, by asking it once.
func Native(ctx context.Context, python string) (*Host, error) {
	answer, err := Probe(ctx, python)
	if err != nil {
		return nil, err
	}
	return ParseNative(answer)
}

// Probe runs a Python of the build machine once and returns what it says of
// itself, in the form that [ParseNative] reads; it may be kept. The Python
// runs isolated from its user's settings and from the working directory. The
// error is a *NativeError.
func Probe(ctx context.Context, python string) ([]byte, error) {
	var out, messages bounded
	cmd := exec.CommandContext(ctx, python, "-I", "-c", probeScript)
	cmd.Stdout, cmd.Stderr = &out, &messages
	cmd.WaitDelay = 2 * time.Second // for a child that keeps the pipes open
	if err := cmd.Run(); err != nil {
		text := strings.TrimSpace(string(messages.data))
		return nil, &NativeError{Python: python, Err: err, Stderr: text[max(0, len(text)-500):]}
	}
	i := bytes.LastIndex(out.data, []byte(probeMark))
	if i < 0 {
		return nil, &NativeError{Python: python, Err: fmt.Errorf("it did not answer")}
	}
	answer, _, _ := bytes.Cut(out.data[i+len(probeMark):], []byte("\n"))
	return slices.Clone(answer), nil
}

// bounded keeps the first maxProbe bytes written to it and drops the rest.
type bounded struct{ data []byte }

func (b *bounded) Write(p []byte) (int, error) {
	b.data = append(b.data, p[:min(len(p), maxProbe-len(b.data))]...)
	return len(p), nil
}

// probe is the answer of probe.py.
type probe struct {
	Schema           int               `json:"schema"`
	Executable       string            `json:"executable"`
	Prefix           string            `json:"prefix"`
	BasePrefix       string            `json:"base_prefix"`
	Base             probeBase         `json:"base"`
	Version          []int             `json:"version"`
	Implementation   string            `json:"implementation"`
	Nodot            string            `json:"nodot"`
	GILDisabled      bool              `json:"gil_disabled"`
	Debug            bool              `json:"debug"`
	Pymalloc         bool              `json:"pymalloc"`
	ExtSuffix        string            `json:"ext_suffix"`
	System           string            `json:"system"`
	Platform         string            `json:"platform"`
	Bits             int               `json:"bits"`
	ELF              *probeELF         `json:"elf"`
	Glibc            string            `json:"glibc"`
	Musl             string            `json:"musl"`
	RefusedManylinux []int             `json:"refused_manylinux"`
	MacOS            []string          `json:"macos"`
	IOS              []string          `json:"ios"`
	AndroidAPI       int               `json:"android_api"`
	Pyemscripten     string            `json:"pyemscripten"`
	Paths            map[string]string `json:"paths"`
	Markers          map[string]string `json:"markers"`
}

type probeBase struct {
	Executable string   `json:"executable"`
	Library    []string `json:"library"`
	Purelib    string   `json:"purelib"`
}

type probeELF struct {
	Bits        int    `json:"bits"`
	Little      bool   `json:"little"`
	Machine     int    `json:"machine"`
	Flags       uint32 `json:"flags"`
	Interpreter string `json:"interpreter"`
}

// ParseNative describes the Python whose answer to [Probe] is given.
func ParseNative(data []byte) (*Host, error) {
	if len(data) > maxProbe {
		return nil, fmt.Errorf("reading a Python's description: more than %d bytes", maxProbe)
	}
	var facts probe
	if err := json.Unmarshal(data, &facts); err != nil {
		return nil, fmt.Errorf("reading a Python's description: %w", err)
	}
	if facts.Schema != 1 || len(facts.Version) != 3 {
		return nil, fmt.Errorf("reading a Python's description: it is of another xpip")
	}
	return facts.host()
}

func (f *probe) host() (*Host, error) {
	v := PythonVersion{Major: f.Version[0], Minor: f.Version[1], Micro: f.Version[2], Parts: 3, FreeThreaded: f.GILDisabled}
	if v.Major < 2 || v.Major > 9 || v.Minor < 0 || v.Minor > 99 {
		return nil, fmt.Errorf("reading a Python's description: no Python %d.%d", v.Major, v.Minor)
	}
	// Builds from a checkout report "3.14.0+", which is no version: packaging
	// repairs it in the same way.
	if full := f.Markers["python_full_version"]; strings.HasSuffix(full, "+") {
		f.Markers["python_full_version"] = full + "local"
	}
	v, err := v.complete(f.Markers["python_full_version"])
	if err != nil {
		return nil, fmt.Errorf("reading a Python's description: %w", err)
	}
	impl, _, err := lookupImplementation(f.Implementation)
	if err != nil {
		return nil, fmt.Errorf("reading a Python's description: %w", err)
	}
	main, platformTags, err := f.platforms()
	if err != nil {
		return nil, fmt.Errorf("reading a Python's description: %w", err)
	}
	h := &Host{
		python: v, impl: impl.short, platforms: []platform{main}, native: f,
		threaded: f.GILDisabled, origins: make(map[string]string),
	}
	h.abis = f.abis(impl, v)
	h.tags = newTagSet(platformTags, tagSections(impl.short, v, h.abis, h.threaded, f.compatible(impl)))
	values := make(map[string]requirements.Value, len(f.Markers))
	for _, name := range requirements.VariableNames() {
		values[name] = known(f.Markers[name])
		h.origins[name] = f.Executable
	}
	h.env = requirements.NewEnvironment(values)
	h.scheme = f.scheme(schemeFor(main.os, impl, v, h.threaded))
	for _, field := range []string{"platform", "python", "implementation", "abi", "scheme"} {
		h.origins[field] = f.Executable
	}
	return h.seal(), nil
}

// compatible is the interpreter tag of "none-any" wheels, as
// packaging.tags.sys_tags has it.
func (f *probe) compatible(impl implementation) string {
	switch impl.short {
	case "cp":
		return "cp" + f.nodot()
	case "pp":
		return "pp3"
	}
	return ""
}

func (f *probe) nodot() string {
	if isTagWord(f.Nodot) {
		return f.Nodot
	}
	return strconv.Itoa(f.Version[0]) + strconv.Itoa(f.Version[1])
}

// abis are the ABIs that the interpreter itself can load.
func (f *probe) abis(impl implementation, v PythonVersion) []string {
	if impl.short != "cp" {
		return genericABI(f.ExtSuffix)
	}
	base := "cp" + v.nodot()
	if v.since(13) && f.GILDisabled {
		base += "t"
	}
	switch {
	case !v.since(8):
		if f.Debug {
			base += "d"
		}
		if f.Pymalloc {
			base += "m"
		}
		return []string{base}
	case f.Debug: // a debug build loads extensions of a normal one too
		return []string{base + "d", base}
	}
	return []string{base}
}

// genericABI reads the ABI off an extension module's suffix:
// ".pypy311-pp73-x86_64-linux-gnu.so" is pypy311_pp73.
func genericABI(suffix string) []string {
	parts := strings.Split(suffix, ".")
	if len(parts) < 3 {
		return nil
	}
	words := strings.Split(parts[1], "-")
	take := len(words)
	switch {
	case strings.HasPrefix(parts[1], "pypy"):
		take = 2
	case strings.HasPrefix(parts[1], "graalpy"):
		take = 3
	}
	abi := strings.ToLower(strings.Join(words[:min(take, len(words))], "_"))
	if !isTagWord(abi) {
		return nil
	}
	return []string{abi}
}

// scheme replaces the default paths by the interpreter's own where they lie
// below its prefix. In a virtual environment headers go where pip puts them.
func (f *probe) scheme(s Scheme) Scheme {
	relative := func(name, fallback string) string {
		prefix := strings.TrimSuffix(slashes(f.Prefix, s.Windows), "/") + "/"
		rest, ok := strings.CutPrefix(slashes(f.Paths[name], s.Windows), prefix)
		if !ok || !isBelow(rest) || s.Windows && strings.Contains(rest, ":") {
			return fallback
		}
		return rest
	}
	s.Purelib = relative("purelib", s.Purelib)
	s.Platlib = relative("platlib", s.Platlib)
	s.Scripts = relative("scripts", s.Scripts)
	if f.Prefix != f.BasePrefix {
		s.Headers = s.virtualHeaders(f.Markers["python_version"])
	} else {
		s.Headers = relative("include", s.Headers)
	}
	return s
}

// isBelow reports whether a path with slashes names something below the folder
// that it is relative to, in the shortest way.
func isBelow(p string) bool {
	return path.Clean(p) == p && p[0] != '/' && p != "." && p != ".." && !strings.HasPrefix(p, "../")
}

func slashes(p string, windows bool) string {
	if windows {
		return strings.ReplaceAll(p, `\`, "/")
	}
	return p
}

// Prefix is the absolute sys.prefix of the build machine's Python, "" for a
// host that is described by options.
func (h *Host) Prefix() string {
	if h.native == nil {
		return ""
	}
	return h.native.Prefix
}

// Executable is the build machine's Python, "" for a host that is described by
// options.
func (h *Host) Executable() string {
	if h.native == nil {
		return ""
	}
	return h.native.Executable
}

// Base is the installation behind a Python of the build machine: what virtual
// environments are made of. Nothing in it has been checked.
type Base struct {
	// Executable is the path of its interpreter, outside of any virtual
	// environment where that can be known.
	Executable string
	// Implementation is sys.implementation.name, and Platform
	// sysconfig.get_platform().
	Implementation, Platform string
	// Prefix is sys.base_prefix.
	Prefix string
	// Library are the folders of its library, headers and shared library that
	// are not Prefix itself.
	Library []string
	// Purelib is the folder for packages below the root of a virtual
	// environment, with slashes: "lib/python3.13/site-packages".
	Purelib string
}

// Base is the installation behind the build machine's Python; the zero value
// for a host that is described by options.
func (h *Host) Base() Base {
	f := h.native
	if f == nil {
		return Base{}
	}
	return Base{f.Base.Executable, f.Implementation, f.Platform, f.BasePrefix, f.Base.Library, f.Base.Purelib}
}

// IsVirtual reports whether the build machine's Python is that of a virtual
// environment.
func (h *Host) IsVirtual() bool { return h.native != nil && h.native.Prefix != h.native.BasePrefix }

// IsNative reports whether the host is the build machine's own Python, as it
// is: with no option that would change its tags.
func (h *Host) IsNative() bool { return h.native != nil && h.Given() == "" }
