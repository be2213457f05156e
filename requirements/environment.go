package requirements

import (
	"slices"
	"strings"
)

// Value is the value of one marker variable on a host.
type Value struct {
	// Text is the value; when it is not known, the documented default that
	// is taken in its place.
	Text string
	// Known says that Text is what the host reports for certain.
	Known bool
	// Among narrows a value that is not known to the ones it can have:
	// "iOS" and "iPadOS" for platform_system of an iOS host, "3.14.*" (any
	// release of that series) for python_full_version. Empty means that it
	// can be anything. A marker whose answer is the same for all of them
	// does not depend on the variable.
	Among []string
}

// variable numbers the marker variables; the first eleven index an
// Environment.
type variable uint8

const (
	osName variable = iota
	sysPlatform
	platformMachine
	platformPythonImplementation
	platformRelease
	platformSystem
	platformVersion
	pythonVersion
	pythonFullVersion
	implementationName
	implementationVersion

	extraVariable
	extrasVariable
	groupsVariable
	undefinedVariable

	// environmentSize counts the variables that an Environment holds.
	environmentSize = extraVariable
)

// variableNames lists the variables in the order of PEP 508, then the ones
// that are no part of an environment: extra belongs to the evaluation of one
// dependency, extras and dependency_groups to that of a lock file (PEP 751).
var variableNames = [...]string{
	osName:                       "os_name",
	sysPlatform:                  "sys_platform",
	platformMachine:              "platform_machine",
	platformPythonImplementation: "platform_python_implementation",
	platformRelease:              "platform_release",
	platformSystem:               "platform_system",
	platformVersion:              "platform_version",
	pythonVersion:                "python_version",
	pythonFullVersion:            "python_full_version",
	implementationName:           "implementation_name",
	implementationVersion:        "implementation_version",
	extraVariable:                "extra",
	extrasVariable:               "extras",
	groupsVariable:               "dependency_groups",
}

// Environment is the values of the marker variables of PEP 508 on one host.
// It is immutable and cheap to copy; the zero Environment has no value at all.
type Environment struct {
	values *environmentValues
}

type environmentValues struct {
	value   [environmentSize]Value
	present variableSet
	unknown variableSet
}

// variableSet is a set of variables, one bit each.
type variableSet uint16

func (s variableSet) has(v variable) bool { return s&(1<<v) != 0 }

func (s *variableSet) add(v variable) { *s |= 1 << v }

// VariableNames returns the names of the eleven environment variables that
// markers can ask for, in the order of PEP 508.
func VariableNames() []string {
	return slices.Clone(variableNames[:environmentSize])
}

// CanonicalVariable returns the name that PEP 508 gives an environment
// variable today: "sys_platform" for its deprecated spelling "sys.platform".
// It reports false for anything that is not one of the eleven variables.
func CanonicalVariable(name string) (string, bool) {
	v := lookupVariable(name)
	if v >= environmentSize {
		return "", false
	}
	return variableNames[v], true
}

// NewEnvironment makes an Environment of the given values. Names are those of
// PEP 508, deprecated spellings included; others are ignored. A variable that
// is missing is undefined: a marker that names it has no answer.
func NewEnvironment(values map[string]Value) Environment {
	var e environmentValues
	for v, name := range variableNames[:environmentSize] {
		if value, ok := values[name]; ok {
			e.set(variable(v), value)
		}
	}
	for name, value := range values {
		if v := lookupVariable(name); v < environmentSize && !e.present.has(v) {
			e.set(v, value)
		}
	}
	return Environment{&e}
}

func (e *environmentValues) set(v variable, value Value) {
	value.Among = slices.Clone(value.Among)
	e.value[v] = value
	e.present.add(v)
	e.unknown &^= 1 << v
	if !value.Known {
		e.unknown.add(v)
	}
}

// Get returns the value of the named variable and whether the environment has
// one, known or not.
func (e Environment) Get(name string) (Value, bool) {
	v := lookupVariable(name)
	if e.values == nil || v >= environmentSize || !e.values.present.has(v) {
		return Value{}, false
	}
	value := e.values.value[v]
	value.Among = slices.Clone(value.Among)
	return value, true
}

// Names returns the variables that the environment has, in the order of
// PEP 508.
func (e Environment) Names() []string {
	var names []string
	for v, name := range variableNames[:environmentSize] {
		if e.values != nil && e.values.present.has(variable(v)) {
			names = append(names, name)
		}
	}
	return names
}

// With returns the environment with one variable known to be text. A name
// that is none of the eleven variables changes nothing.
func (e Environment) With(name, text string) Environment {
	v := lookupVariable(name)
	if v >= environmentSize {
		return e
	}
	var changed environmentValues
	if e.values != nil {
		changed = *e.values
	}
	changed.set(v, Value{Text: text, Known: true})
	return Environment{&changed}
}

// Map returns the values by name, defaults in place of what is not known: the
// "environment" of pip's installation report.
func (e Environment) Map() map[string]string {
	m := make(map[string]string, environmentSize)
	for v, name := range variableNames[:environmentSize] {
		if e.values != nil && e.values.present.has(variable(v)) {
			m[name] = e.values.value[v].Text
		}
	}
	return m
}

// lookupVariable finds a variable by its name as markers write it. Deprecated
// spellings are the ones that packaging 26.3 still reads.
func lookupVariable(name string) variable {
	switch name {
	case "os_name", "os.name":
		return osName
	case "sys_platform", "sys.platform":
		return sysPlatform
	case "platform_machine", "platform.machine":
		return platformMachine
	case "platform_python_implementation", "platform.python_implementation", "python_implementation":
		return platformPythonImplementation
	case "platform_release":
		return platformRelease
	case "platform_system":
		return platformSystem
	case "platform_version", "platform.version":
		return platformVersion
	case "python_version":
		return pythonVersion
	case "python_full_version":
		return pythonFullVersion
	case "implementation_name":
		return implementationName
	case "implementation_version":
		return implementationVersion
	case "extra":
		return extraVariable
	case "extras":
		return extrasVariable
	case "dependency_groups":
		return groupsVariable
	}
	return undefinedVariable
}

// String lists the values for a log line: name="value", with a "?" where the
// value is not known.
func (e Environment) String() string {
	var b strings.Builder
	for i, name := range e.Names() {
		if i > 0 {
			b.WriteByte(' ')
		}
		value, _ := e.Get(name)
		b.WriteString(name + "=" + quoteValue(value.Text))
		if !value.Known {
			b.WriteByte('?')
		}
	}
	return b.String()
}
