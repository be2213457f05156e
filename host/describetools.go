package host

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xpip/xpip/host/crossfile"
)

// toolFile gathers what a cross file of Meson or a toolchain file of CMake says
// of the host.
type toolFile struct {
	file    string
	machine machine
	words   string // what the file calls the machine itself
	// conflicts are what contradicts those words.
	conflicts []*ConflictError
}

// errNoSystem refuses a file that does not say what it is for.
var errNoSystem = errors.New("it does not say the system of the host")

// name sets the operating system by the word that the tool has for it.
func (t *toolFile) name(word string) error {
	os, known := osWords[strings.ToLower(word)]
	if !known {
		if _, title := foreignIn(strings.ToLower(word)); title != "" {
			word = title
		}
		return t.noPython(word)
	}
	t.machine.os, t.words = os, word
	return nil
}

// noPython refuses a file for a machine that the table does not have.
func (t *toolFile) noPython(machine string) error {
	return describeError(t.file, fmt.Errorf("xpip knows of no Python on %.60q; --platform names the host instead", strings.TrimSpace(machine)))
}

// processor sets the processor, if its name is known: of the others a triple
// may tell.
func (t *toolFile) processor(word string) {
	if t.machine.os == osEmscripten && (word == "x86" || word == "") { // as its own toolchain file says
		word = cpuWasm32
	}
	lower := strings.ReplaceAll(strings.ToLower(word), "-", "_")
	cpu := cpuNames[lower]
	for _, cores := range []string{cpuARMv6, cpuARMv7} {
		if strings.HasPrefix(lower, strings.TrimSuffix(cores, "l")) { // armv7-a, armv7hf
			cpu = cores
		}
	}
	if word != "" {
		t.machine.cpu, t.words = cpu, t.words+" "+word
	}
}

// triple completes the machine by what a triple says, or a tool that is named
// by one; other names say nothing. certain says that the name can be nothing
// else.
func (t *toolFile) triple(name string, certain bool) error {
	text, cut := tripleIn(name)
	triple, known := ofTriple(name)
	if !known {
		if (certain || cut) && isTriple(text) {
			return t.noPython(text)
		}
		return nil
	}
	refined, same := t.machine.refined(triple)
	if !same {
		t.conflict(name)
		return nil
	}
	t.machine = refined
	return nil
}

// conflict keeps the first of what contradicts the words of the file.
func (t *toolFile) conflict(value string) {
	if len(t.conflicts) > 0 {
		return
	}
	t.conflicts = append(t.conflicts, &ConflictError{Path: t.file, Field: "platform",
		First: Source{"platform", t.words, t.file}, Second: Source{"platform", value, t.file}})
}

// minimumFlags are how compilers for Apple's systems are told the oldest
// version to support, and that it is of a simulator.
var minimumFlags = []struct{ flag, sdk string }{
	{"-mmacosx-version-min=", ""}, {"-mmacos-version-min=", ""},
	{"-miphoneos-version-min=", "iphoneos"}, {"-mios-version-min=", "iphoneos"},
	{"-miphonesimulator-version-min=", "iphonesimulator"}, {"-mios-simulator-version-min=", "iphonesimulator"},
}

// command reads a compiler with its arguments.
func (t *toolFile) command(words []string) error {
	if len(words) == 0 {
		return nil
	}
	if err := t.triple(words[0], false); err != nil {
		return err
	}
	return t.arguments(words[1:])
}

// arguments reads those of a compiler.
func (t *toolFile) arguments(words []string) error {
	for i, word := range words {
		target, ok := strings.CutPrefix(word, "--target=")
		if i > 0 && (words[i-1] == "-target" || words[i-1] == "--target") {
			target, ok = word, true
		}
		if ok {
			if err := t.triple(target, true); err != nil {
				return err
			}
		}
		for _, minimum := range minimumFlags {
			if number, ok := strings.CutPrefix(word, minimum.flag); ok {
				t.floor(number)
				if t.machine.sdk == "" {
					t.machine.sdk = minimum.sdk
				}
			}
		}
	}
	return nil
}

// floor sets the oldest version to support, if none is set.
func (t *toolFile) floor(number string) {
	if v, err := parseFloor("", number); err == nil && t.machine.version == (version{}) {
		t.machine.version, t.words = v, t.words+" "+number
	}
}

// The names under which xpip writes what these formats have no words for.
const (
	ownPlatform       = "xpip_platform"
	ownPython         = "xpip_python_version"
	ownImplementation = "xpip_implementation"
	ownABI            = "xpip_abi"
)

// facts completes the description by what xpip wrote into it, which own looks
// up.
func (t *toolFile) facts(own func(name string) string) (Facts, error) {
	f := Facts{}
	platform := own(ownPlatform)
	if platform != "" {
		r, ok, err := spellingContext{}.read(strings.ToLower(platform))
		if !ok || err != nil {
			return Facts{}, describeError(t.file, spellingContext{}.refusal(platform, strings.ToLower(platform), err))
		}
		if r.system != nil {
			said := machine{os: r.os, libc: r.libc(), cpu: r.cpu(), sdk: r.system.sdk, version: r.version}
			otherVersion := t.machine.version != version{} && said.version != t.machine.version
			if _, same := t.machine.refined(said); !same || otherVersion {
				t.conflict(platform)
			}
		}
	} else if platform = t.machine.spell(); platform == "" {
		if len(t.conflicts) > 0 {
			return Facts{}, t.conflicts[0]
		}
		return Facts{}, t.noPython(t.words)
	}
	if _, ok, err := (spellingContext{}).read(strings.ToLower(platform)); !ok {
		return Facts{}, describeError(t.file, spellingContext{}.refusal(platform, strings.ToLower(platform), err))
	}
	f.sayPlatform(platform, t.file)
	f.Conflicts = t.conflicts
	if text := own(ownPython); text != "" {
		v, err := ParsePythonVersion(text)
		if err != nil {
			return Facts{}, describeError(t.file, err)
		}
		f.sayPython(v.String(), t.file)
	}
	if text := own(ownImplementation); text != "" {
		if _, _, err := lookupImplementation(text); err != nil {
			return Facts{}, describeError(t.file, err)
		}
		f.Implementation = text
		f.say("implementation", text, t.file)
	}
	if text := own(ownABI); text != "" {
		f.ABIs = strings.Split(text, ";")
		f.say("abi", strings.Join(f.ABIs, ", "), t.file)
	}
	return f, nil
}

// mesonSubsystems are the SDKs of Meson's subsystems.
var mesonSubsystems = map[string]string{"ios": "iphoneos", "ios-simulator": "iphonesimulator"}

// readMesonCross reads a machine file of Meson with a host_machine.
func readMesonCross(file string, text []byte) (Facts, error) {
	meson, err := crossfile.ParseMeson(text)
	if err != nil {
		return Facts{}, describeError(file, err)
	}
	var failed error
	say := func(key string) string {
		text, err := meson.Text("host_machine", key)
		if err != nil && failed == nil {
			failed = describeError(file, err)
		}
		return text
	}
	t := toolFile{file: file}
	system, subsystem := say("system"), say("subsystem")
	family, cpu, endian := say("cpu_family"), say("cpu"), say("endian")
	switch {
	case failed != nil:
		return Facts{}, failed
	case system == "":
		return Facts{}, describeError(file, fmt.Errorf("%w: host_machine.system is missing; --platform names it instead", errNoSystem))
	}
	sdk, ios := mesonSubsystems[subsystem]
	if ios && system == "darwin" {
		system, t.machine.sdk = "ios", sdk
	}
	if err := t.name(system); err != nil {
		return Facts{}, err
	}
	if err := t.mesonProcessor(family, cpu, endian); err != nil {
		return Facts{}, err
	}
	for _, key := range mesonCommands {
		words, err := meson.List(key.section, key.key)
		if err != nil {
			continue // made of what only Meson knows
		}
		read := t.arguments
		if key.section == "binaries" {
			read = t.command
		}
		if err := read(words); err != nil {
			return Facts{}, err
		}
	}
	return t.facts(func(name string) string {
		values, _ := meson.List("properties", name) //nolint:errcheck // what is no list of texts is none of xpip's
		return strings.Join(values, ";")
	})
}

// mesonCommands are where a machine file can name a triple.
var mesonCommands = []struct{ section, key string }{
	{"binaries", "c"}, {"binaries", "cpp"}, {"binaries", "ar"}, {"binaries", "strip"},
	{"built-in options", "c_args"}, {"built-in options", "cpp_args"}, {"built-in options", "c_link_args"},
	{"properties", "c_args"}, {"properties", "c_link_args"},
}

// mesonProcessor reads the three words that Meson has for a processor.
func (t *toolFile) mesonProcessor(family, cpu, endian string) error {
	switch {
	case family == "":
		t.processor(cpu)
	case family == "arm" && strings.HasPrefix(cpu, "armv6"):
		t.processor(cpu)
	case family == "ppc64" && endian == "little":
		t.processor(cpuPPC64LE)
	default:
		t.processor(family)
	}
	big := isBigEndian(t.machine.cpu)
	if endian != "" && t.machine.cpu != "" && big != (endian == "big") {
		return t.noPython(endian + "-endian " + family + " " + cpu)
	}
	return nil
}

// readCMakeToolchain reads a toolchain file of CMake, as far as it is settled
// what it says.
func readCMakeToolchain(file string, text []byte) (Facts, error) {
	vars, err := crossfile.ParseCMake(text)
	if err != nil {
		return Facts{}, describeError(file, err)
	}
	system := vars["CMAKE_SYSTEM_NAME"]
	if system == "" {
		return Facts{}, describeError(file, fmt.Errorf("%w: no set(CMAKE_SYSTEM_NAME …) that counts in any case; --platform names it instead", errNoSystem))
	}
	t := toolFile{file: file}
	if err := t.name(system); err != nil {
		return Facts{}, err
	}
	t.processor(vars["CMAKE_SYSTEM_PROCESSOR"])
	t.cmakeAndroid(vars)
	t.cmakeApple(vars)
	if err := t.cmakeCompilers(vars); err != nil {
		return Facts{}, err
	}
	own := func(name string) string { return vars[strings.ToUpper(name)] }
	cpus := t.machine.processors(strings.FieldsFunc(vars["CMAKE_OSX_ARCHITECTURES"], func(r rune) bool { return r == ';' }))
	if len(cpus) > 1 && own(ownPlatform) == "" {
		var names []string
		for _, cpu := range cpus {
			t.machine.cpu = cpu
			names = append(names, t.machine.spell())
		}
		return Facts{}, &SlicesError{Path: file, Platforms: names}
	}
	return t.facts(own)
}

// cmakeCompilers reads the variables in which a triple can stand.
func (t *toolFile) cmakeCompilers(vars map[string]string) error {
	for _, name := range []string{"CMAKE_C_COMPILER_TARGET", "CMAKE_CXX_COMPILER_TARGET", "CMAKE_LIBRARY_ARCHITECTURE"} {
		if err := t.triple(vars[name], true); err != nil {
			return err
		}
	}
	for _, name := range []string{"CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER"} {
		if err := t.command(strings.Split(vars[name], ";")); err != nil {
			return err
		}
	}
	for _, name := range []string{"CMAKE_C_FLAGS", "CMAKE_C_FLAGS_INIT", "CMAKE_CXX_FLAGS", "CMAKE_CXX_FLAGS_INIT"} {
		if err := t.arguments(strings.Fields(vars[name])); err != nil {
			return err
		}
	}
	return nil
}

// cmakeAndroid reads the variables of CMake for Android, and of the NDK.
func (t *toolFile) cmakeAndroid(vars map[string]string) {
	if t.machine.os != osAndroid {
		return
	}
	for _, name := range []string{"CMAKE_ANDROID_ARCH_ABI", "ANDROID_ABI"} {
		if vars[name] != "" {
			t.processor(vars[name])
			break
		}
	}
	for _, name := range []string{"CMAKE_ANDROID_API", "ANDROID_PLATFORM", "ANDROID_NATIVE_API_LEVEL", "CMAKE_SYSTEM_VERSION"} {
		level := strings.TrimPrefix(vars[name], "android-")
		if v, err := parseFloor("", level); err == nil && v.major >= 16 { // CMAKE_SYSTEM_VERSION is 1 in many files
			t.floor(level)
		}
	}
}

// cmakeApple reads the variables of CMake for macOS and iOS.
func (t *toolFile) cmakeApple(vars map[string]string) {
	if t.machine.os != osMacOS && t.machine.os != osIOS {
		return
	}
	sysroot := strings.ToLower(vars["CMAKE_OSX_SYSROOT"])
	for _, sdk := range []string{"iphonesimulator", "iphoneos"} { // a name, or a path with the name in it
		if strings.Contains(sysroot, sdk) {
			t.machine.os, t.machine.sdk = osIOS, sdk
			break
		}
	}
	if architectures := vars["CMAKE_OSX_ARCHITECTURES"]; architectures != "" {
		cpus := t.machine.processors(strings.Split(architectures, ";"))
		t.machine.cpu, t.words = cpus[0], t.words+" "+architectures
	}
	if t.machine.os == osIOS && t.machine.sdk == "" && t.machine.cpu != cpuX8664 {
		t.machine.sdk = "iphoneos" // CMake's own default
	}
	t.floor(vars["CMAKE_OSX_DEPLOYMENT_TARGET"])
}
