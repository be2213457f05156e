package sdist

// Switch is a documented way to build a project without its extension modules.
// It is used only after a build showed that a compiler is needed.
type Switch struct {
	// Variable and Value are the environment variable to set.
	Variable, Value string
	// Source is where the project documents or reads it.
	Source string
}

// String is the switch as one writes it before a command.
func (s Switch) String() string { return s.Variable + "=" + s.Value }

// switches are the known ones by project. Projects that build without a
// compiler by themselves need none.
var switches = map[string]Switch{
	"aiohttp":    {"AIOHTTP_NO_EXTENSIONS", "1", "aiohttp, setup.py"},
	"cython":     {"NO_CYTHON_COMPILE", "true", "Cython, setup.py"},
	"frozenlist": {"FROZENLIST_NO_EXTENSIONS", "1", "frozenlist, packaging/pep517_backend/_backend.py"},
	"msgpack":    {"MSGPACK_PUREPYTHON", "1", "msgpack, setup.py"},
	"multidict":  {"MULTIDICT_NO_EXTENSIONS", "1", "multidict, README: Installation"},
	"propcache":  {"PROPCACHE_NO_EXTENSIONS", "1", "propcache, README: Installation"},
	"yarl":       {"YARL_NO_EXTENSIONS", "1", "yarl, README: Installation"},
}

// SwitchFor returns the switch of a project by its normalised name.
func SwitchFor(project string) (Switch, bool) {
	s, ok := switches[project]
	return s, ok
}
