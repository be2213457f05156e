package cli

import (
	"os"
	"strings"
)

// uvOption says what an option of `uv pip install` is in xpip's words.
type uvOption struct {
	short   string
	value   bool
	as      string              // xpip's option; "" drops it
	convert func(string) string // the value into xpip's, if that differs
	refused string              // why it cannot be had
}

// uvOptions are the options of `uv pip install` by their long names.
var uvOptions = map[string]uvOption{
	"python-platform": {value: true, as: "--platform"},
	"python-version":  {value: true, as: "--python-version"},
	"python":          {short: "p", value: true}, // see uvWords
	"target":          {short: "t", value: true, as: "--target"},
	"prefix":          {value: true, as: "--prefix"},

	"requirements":     {short: "r", value: true, as: "--requirement"},
	"requirement":      {value: true, as: "--requirement"},
	"constraints":      {short: "c", value: true, as: "--constraint"},
	"constraint":       {value: true, as: "--constraint"},
	"build-constraint": {short: "b", value: true, as: "--build-constraint"}, "build-constraints": {value: true, as: "--build-constraint"},
	"editable": {short: "e", value: true, as: "--editable"},

	"group": {value: true, as: "--group"},

	"index-url":           {short: "i", value: true, as: "--index-url"},
	"default-index":       {value: true, as: "--index-url", convert: unnamedIndex},
	"extra-index-url":     {value: true, as: "--extra-index-url"},
	"index":               {value: true, as: "--extra-index-url", convert: unnamedIndex},
	"find-links":          {short: "f", value: true, as: "--find-links"},
	"no-index":            {as: "--no-index"},
	"offline":             {as: "--offline"},
	"allow-insecure-host": {value: true, as: "--trusted-host"}, "trusted-host": {value: true, as: "--trusted-host"},
	"keyring-provider": {value: true, as: "--keyring-provider"},
	"index-strategy": {value: true, as: "--index-strategy", convert: func(s string) string {
		if s == "unsafe-best-match" {
			return "merge"
		}
		return s
	}},
	"exclude-newer":   {value: true, as: "--uploaded-prior-to"},
	"refresh-package": {value: true, as: "--refresh-package"},

	"only-binary":      {value: true, as: "--only-binary"},
	"no-binary":        {value: true, as: "--no-binary"},
	"no-build":         {as: "--only-binary=:all:"},
	"no-build-package": {value: true, as: "--only-binary"},
	"no-deps":          {as: "--no-deps"},
	"pre":              {as: "--pre"},
	"require-hashes":   {as: "--require-hashes"},
	"upgrade":          {short: "U", as: "--upgrade"},
	"reinstall":        {as: "--force-reinstall"}, "force-reinstall": {as: "--force-reinstall"},
	"dry-run":            {as: "--dry-run"},
	"config-setting":     {short: "C", value: true, as: "--config-settings"},
	"config-settings":    {value: true, as: "--config-settings"},
	"no-build-isolation": {as: "--no-build-isolation"},

	"quiet":       {short: "q", as: "--quiet"},
	"verbose":     {short: "v", as: "--verbose"},
	"no-progress": {as: "--progress-bar=off"},
	"no-color":    {as: "--no-color"},
	"color":       {value: true}, // see uvWords
	"no-cache":    {short: "n", as: "--no-cache-dir"}, "no-cache-dir": {as: "--no-cache-dir"},
	"cache-dir": {value: true, as: "--cache-dir"},

	"no-config": {}, "native-tls": {}, "system-certs": {}, "strict": {}, "system": {}, "break-system-packages": {},
	"compile-bytecode": {}, "no-compile-bytecode": {}, "no-compile": {}, "compile": {},
	"verify-hashes": {}, "no-python-downloads": {}, "managed-python": {}, "no-managed-python": {},
	"link-mode": {value: true}, "python-preference": {value: true},

	"user":       {refused: "packages go into a folder or an environment"},
	"override":   {value: true, refused: "xpip has constraints (-c), not overrides"},
	"overrides":  {value: true, refused: "xpip has constraints (-c), not overrides"},
	"exact":      {refused: "`xpip uninstall` removes what is not wanted any more"},
	"resolution": {value: true, refused: "xpip takes the newest versions that fit"},
	"prerelease": {value: true}, // see uvWords
}

// unnamedIndex takes the name off name=URL.
func unnamedIndex(s string) string {
	name, url, ok := strings.Cut(s, "=")
	if ok && !strings.ContainsAny(name, ":/") {
		return url
	}
	return s
}

// uvVariables are the variables by which uv is told where packages come from.
var uvVariables = []struct{ name, option string }{
	{"UV_INDEX_URL", "index-url"}, {"UV_DEFAULT_INDEX", "default-index"},
	{"UV_EXTRA_INDEX_URL", "extra-index-url"}, {"UV_INDEX", "index"}, {"UV_FIND_LINKS", "find-links"},
}

// uvInstall puts the arguments of `uv pip install` into xpip's words. As with uv,
// the environment is the one that --python names, else the active one, else
// .venv; it says the Python version, and takes the packages if no folder is
// named for them.
func (a *app) uvInstall(args []string) ([]string, error) {
	out := []string{"install"}
	for _, v := range uvVariables {
		text, _ := a.getenv(v.name)
		for _, value := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' && v.option == "find-links" }) {
			words, _ := uvWords(v.option, value)
			out = append(out, words...)
		}
	}
	environment, foreign := false, false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			out = append(out, args[i:]...)
			break
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			out = append(out, arg)
			continue
		}
		long, value, hasValue, cluster := uvName(arg)
		option, known := uvOptions[long]
		if !known {
			return nil, &usageError{msg: "unexpected argument " + pyQuote(arg) + " found: xpip stands in for uv here and does not know it"}
		}
		if option.value && !hasValue {
			if i++; i == len(args) {
				return nil, &usageError{msg: "--" + long + " option requires 1 argument"}
			}
			value = args[i]
		}
		if !option.value && cluster != "" { // -vU is -v -U
			args[i] = "-" + cluster
			i--
		}
		foreign = foreign || long == "python-platform"
		environment = environment || long == "python" || long == "system" || long == "prefix"
		words, err := uvWords(long, value)
		if err != nil {
			return nil, err
		}
		out = append(out, words...)
	}
	if !environment {
		out = append([]string{out[0]}, append(a.uvEnvironment(foreign), out[1:]...)...)
	}
	return out, nil
}

// uvName takes an argument apart: "--name=value", "-tDIR", "-vvU". The cluster
// is what follows the first letter.
func uvName(arg string) (long, value string, hasValue bool, cluster string) {
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		long, value, hasValue = strings.Cut(name, "=")
		return long, value, hasValue, ""
	}
	letter, rest := arg[1:2], arg[2:]
	for name, option := range uvOptions {
		if option.short == letter {
			value = strings.TrimPrefix(rest, "=")
			return name, value, option.value && rest != "", rest
		}
	}
	return arg, "", false, ""
}

// uvWords are the words of xpip for one option of uv.
func uvWords(long, value string) ([]string, error) {
	option := uvOptions[long]
	switch {
	case option.refused != "":
		return nil, &usageError{msg: "xpip stands in for uv here and has no --" + long + ": " + option.refused}
	case long == "python":
		if _, err := os.Stat(value); err != nil && leadingDigits(value) {
			return []string{"--python-version", value}, nil
		}
		return []string{"--python", value}, nil
	case long == "prerelease":
		if value == "allow" {
			return []string{"--pre"}, nil
		}
		return nil, nil
	case long == "color":
		if value == "never" {
			return []string{"--no-color"}, nil
		}
		return nil, nil
	case option.as == "":
		return nil, nil
	case !option.value:
		return []string{option.as}, nil
	case option.convert != nil:
		value = option.convert(value)
	}
	return []string{option.as, value}, nil
}

func leadingDigits(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// uvEnvironment names the environment that uv would use without being told. The
// active one needs no word but for a foreign host, which it says the Python of.
func (a *app) uvEnvironment(foreign bool) []string {
	if active, ok := a.getenv("VIRTUAL_ENV"); ok && active != "" {
		if foreign {
			return []string{"--python", active}
		}
		return nil
	}
	if isFolder(".venv") {
		return []string{"--python", ".venv"}
	}
	return nil
}
