package host

import (
	"slices"
	"strconv"
	"strings"
)

// osWords are what operating systems are called in names made of a system and
// a processor.
var osWords = map[string]osKind{
	"linux": osLinux, "linux-gnu": osLinux, "linux-musl": osLinux, "alpine": osLinux,
	"darwin": osMacOS, "macos": osMacOS, "macosx": osMacOS, "osx": osMacOS, "mac": osMacOS,
	"windows": osWindows, "win": osWindows, "win32": osWindows, "ios": osIOS, "android": osAndroid,
	"emscripten": osEmscripten, "freebsd": osFreeBSD, "wasi": osWASI,
}

// readPair reads a system and a processor, by whatever name each of them goes:
// linux-arm64, osx-x64, darwin/amd64, linux-musl-x64.
func (c spellingContext) readPair(name string) (resolution, bool, error) {
	at := strings.LastIndexAny(name, "-/")
	if at < 0 {
		return resolution{}, false, nil
	}
	cpu, word := cpuNames[name[at+1:]], name[:at]
	os, libc := osWords[word], libcNone
	if os == osLinux {
		libc = libcGlibc
		if word == "linux-musl" || word == "alpine" {
			libc = libcMusl
		}
	}
	if os == osUnknown || cpu == "" {
		return resolution{}, false, nil
	}
	for i := range systems {
		s := &systems[i]
		promised := s.libc == libc || cpu == cpuARMv6 && s.libc == libcNone
		if s.os != os || s.cpu != cpu || !s.named() || !promised {
			continue
		}
		sp := spelling{system: s, translated: true}
		if os == osIOS {
			sp.open = "the device"
			if s.sdk == "iphonesimulator" {
				sp.open = "the simulator"
			}
		}
		return c.complete(name, sp)
	}
	return resolution{}, false, nil
}

// readIdentifier reads a build identifier of cibuildwheel, which names a Python
// before the platform: cp313t-manylinux_x86_64, pp311-macosx_arm64,
// gp311_242-win_amd64.
func (c spellingContext) readIdentifier(name string) (resolution, bool, error) {
	id, rest, ok := strings.Cut(name, "-")
	if !ok || !isTagWord(rest) {
		return resolution{}, false, nil
	}
	r := resolution{}
	switch short := id[:min(2, len(id))]; short {
	case "cp":
		r.implementation, r.python = "cp", pythonOfABI(id)
		ok = strings.Trim(strings.TrimSuffix(id[2:], "t"), "0123456789") == ""
	case "pp":
		r.implementation, r.python = "pp", pythonOfABI("pypy"+id[2:])
		ok = strings.Trim(id[2:], "0123456789") == ""
	case "gp":
		python, release, _ := strings.Cut(id[2:], "_")
		r.implementation, r.python, r.abi = "graalpy", pythonOfABI("cp"+python), "graalpy"+release+"_"+python+"_native"
		ok = strings.Trim(python+release, "0123456789") == "" && release != ""
	}
	if r.python == "" || !ok {
		return resolution{}, false, nil
	}
	if c.python.Parts == 0 {
		c.python, _ = ParsePythonVersion(r.python)
	}
	read := c.readTable
	if _, _, family, err := parseTag(rest); family && err == nil {
		read = c.readTag
	}
	platform, ok, err := read(rest)
	if !ok || err != nil {
		return resolution{}, false, err
	}
	r.platform, r.note = platform.platform, platform.note
	if r.note != "" {
		r.note = id + "-" + r.note
	}
	return r, true, nil
}

// lambdaSystems are what the Python runtimes of AWS Lambda run on, by minor
// versions of Python 3: AWS's list of runtimes, and the glibc of Amazon Linux.
var lambdaSystems = []struct {
	from, to int
	system   string
	glibc    version
}{
	{8, 11, "Amazon Linux 2", version{2, 26}},
	{12, 14, "Amazon Linux 2023", version{2, 34}},
}

// readLambda reads a runtime of AWS Lambda: aws-lambda-python3.12,
// "aws-lambda python3.12 arm64", and the image lambda/python:3.12-arm64. The
// processor is x86_64 where none is said, as it is there.
func (c spellingContext) readLambda(name string) (resolution, bool, error) {
	rest, arch, open := name, "x86_64", "x86_64, "
	for suffix, cpu := range map[string]string{"arm64": "aarch64", "aarch64": "aarch64", "x86_64": "x86_64", "amd64": "x86_64"} {
		if before, ok := strings.CutSuffix(name, suffix); ok && before != "" {
			rest, arch, open = before, cpu, ""
		}
	}
	words := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" -_/:", r) })
	at := slices.Index(words, "lambda")
	if at < 0 {
		return resolution{}, false, nil
	}
	number, ok := strings.CutPrefix(strings.Join(words[at+1:], ""), "python")
	v, err := ParsePythonVersion(number)
	if ok && err == nil && v.Parts == 2 && v.Major == 3 && !v.FreeThreaded {
		for _, l := range lambdaSystems {
			if v.Minor < l.from || v.Minor > l.to {
				continue
			}
			p := findSystem(osLinux, libcGlibc, arch, "").at(l.glibc)
			return resolution{platform: p, python: v.Short(), implementation: "cp",
				note: name + " is taken as " + p.name + ": " + open + l.system + ", " + p.release()}, true, nil
		}
	}
	first, last := lambdaSystems[0].from, lambdaSystems[len(lambdaSystems)-1].to
	newest := "aws-lambda-python3." + strconv.Itoa(last)
	return resolution{}, false, &UnknownPlatformError{Input: name, Suggestions: []string{newest, newest + "-arm64"},
		Reason: "AWS Lambda has the runtimes python3." + strconv.Itoa(first) + " to python3." + strconv.Itoa(last) +
			", x86_64 or arm64: " + newest + ", " + newest + "-arm64."}
}

// readImage reads the name of an image of manylinux or musllinux, with its
// repository and its version or digest: they are named by their platform tag.
func (c spellingContext) readImage(name string) (resolution, bool, error) {
	tag := name[strings.LastIndex(name, "/")+1:]
	if at := strings.IndexAny(tag, ":@"); at >= 0 {
		tag = tag[:at]
	}
	if tag == name || !strings.HasPrefix(tag, "manylinux") && !strings.HasPrefix(tag, "musllinux") {
		return resolution{}, false, nil
	}
	r, ok, err := c.readTag(tag)
	r.note = name + " is an image for " + r.name
	return r, ok, err
}

// readLiteral takes a tag of a family that the table does not have as it is,
// if that was asked for: also as sysconfig writes it, if the family is known
// by name.
func (c spellingContext) readLiteral(name string) (resolution, bool, error) {
	tag := name
	if word, _ := foreignIn(name); word != "" && strings.HasPrefix(name, word) {
		tag = normalizeTag(name)
	}
	if !c.exact || !isTagWord(tag) || !strings.Contains(tag, "_") {
		return resolution{}, false, nil
	}
	return resolution{platform: platform{os: osUnknown, name: tag},
		note: tag + " is taken literally: nothing is known of such a machine"}, true, nil
}
