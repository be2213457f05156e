package reqfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// lineOptions are the options of one line.
type lineOptions struct {
	indexURL                                          string
	extraIndexURLs, findLinks, trustedHosts, features []string
	requirements, constraints, editables              []string
	selections                                        []Selection
	hashes, configSettings                            map[string][]string

	noIndex, preferBinary, pre, requireHashes, noRequireHashes bool

	// positional are the words that are neither options nor their values.
	positional []string
}

// option is one that a requirement file may have.
type option struct {
	name string
	flag func(*lineOptions)
	// value takes the option as it was spelled, and its argument.
	value func(o *lineOptions, spelled, value string) error
}

// options are all names that a line may use, aliases included.
var options = []option{
	{name: "-i", value: setIndexURL},
	{name: "--index-url", value: setIndexURL},
	{name: "--pypi-url", value: setIndexURL},
	{name: "--extra-index-url", value: func(o *lineOptions, _, v string) error {
		o.extraIndexURLs = append(o.extraIndexURLs, v)
		return nil
	}},
	{name: "--no-index", flag: func(o *lineOptions) { o.noIndex = true }},
	{name: "-c", value: addConstraint},
	{name: "--constraint", value: addConstraint},
	{name: "-r", value: addRequirement},
	{name: "--requirement", value: addRequirement},
	{name: "-e", value: addEditable},
	{name: "--editable", value: addEditable},
	{name: "-f", value: addFindLinks},
	{name: "--find-links", value: addFindLinks},
	{name: "--no-binary", value: selection("--no-binary", "--no-binary / --only-binary")},
	{name: "--only-binary", value: selection("--only-binary", "--no-binary / --only-binary")},
	{name: "--prefer-binary", flag: func(o *lineOptions) { o.preferBinary = true }},
	{name: "--require-hashes", flag: func(o *lineOptions) { o.requireHashes = true }},
	{name: "--no-require-hashes", flag: func(o *lineOptions) { o.noRequireHashes = true }},
	{name: "--pre", flag: func(o *lineOptions) { o.pre = true }},
	{name: "--all-releases", value: selection("--all-releases", "--all-releases / --only-final")},
	{name: "--only-final", value: selection("--only-final", "--all-releases / --only-final")},
	{name: "--trusted-host", value: func(o *lineOptions, _, v string) error {
		o.trustedHosts = append(o.trustedHosts, v)
		return nil
	}},
	{name: "--use-feature", value: addFeature},
	{name: "--hash", value: addHash},
	{name: "-C", value: addConfigSetting},
	{name: "--config-settings", value: addConfigSetting},
}

func setIndexURL(o *lineOptions, _, v string) error {
	o.indexURL = v
	return nil
}

func addConstraint(o *lineOptions, _, v string) error {
	o.constraints = append(o.constraints, v)
	return nil
}

func addRequirement(o *lineOptions, _, v string) error {
	o.requirements = append(o.requirements, v)
	return nil
}

func addEditable(o *lineOptions, _, v string) error {
	o.editables = append(o.editables, v)
	return nil
}

func addFindLinks(o *lineOptions, _, v string) error {
	o.findLinks = append(o.findLinks, v)
	return nil
}

func selection(name, pair string) func(*lineOptions, string, string) error {
	return func(o *lineOptions, _, v string) error {
		if strings.HasPrefix(v, "-") {
			return fmt.Errorf("%s option requires 1 argument.", pair) //nolint:staticcheck // pip's sentence
		}
		o.selections = append(o.selections, Selection{name, v})
		return nil
	}
}

// features are the values that pip 26.3 knows for --use-feature.
var features = []string{
	"fast-deps", "inprocess-build-deps", "venv-isolation",
	"truststore", "no-binary-enable-wheel-cache", "build-constraint",
}

func addFeature(o *lineOptions, spelled, v string) error {
	if !slices.Contains(features, v) {
		return fmt.Errorf("option %s: invalid choice: %s (choose from '%s')", spelled, repr(v), strings.Join(features, "', '"))
	}
	o.features = append(o.features, v)
	return nil
}

func addHash(o *lineOptions, spelled, v string) error {
	algorithm, digest, ok := strings.Cut(v, ":")
	if !ok {
		return fmt.Errorf("Arguments to %s must be a hash name followed by a value, like --hash=sha256:abcde...", spelled) //nolint:staticcheck // pip's sentence
	}
	switch algorithm {
	case "sha256", "sha384", "sha512":
	default:
		return fmt.Errorf("Allowed hash algorithms for %s are sha256, sha384, sha512.", spelled) //nolint:staticcheck // pip's sentence
	}
	if o.hashes == nil {
		o.hashes = map[string][]string{}
	}
	o.hashes[algorithm] = append(o.hashes[algorithm], strings.ToLower(digest))
	return nil
}

func addConfigSetting(o *lineOptions, spelled, v string) error {
	key, value, ok := strings.Cut(v, "=")
	if !ok {
		return fmt.Errorf("Arguments to %s must be of the form KEY=VAL", spelled) //nolint:staticcheck // pip's sentence
	}
	if o.configSettings == nil {
		o.configSettings = map[string][]string{}
	}
	o.configSettings[key] = append(o.configSettings[key], value)
	return nil
}

// splitLine separates a requirement from the options behind it: the first
// word that starts with a dash begins them. Only they are read as a shell
// would, the requirement keeps the quotes of its marker.
func splitLine(line string) (requirement, options string) {
	if strings.HasPrefix(line, "-") {
		return "", line
	}
	if i := strings.Index(line, " -"); i >= 0 {
		return line[:i], line[i+1:]
	}
	return line, ""
}

// errQuotes says that the options of a line cannot be told apart.
var errQuotes = errors.New("unbalanced quotes")

// parseOptions reads the options of a line by the rules of Python's optparse:
// unambiguous beginnings of long names will do, a value follows as the next
// word, behind "=", or directly behind a short name.
func parseOptions(text string) (*lineOptions, error) {
	words, err := splitWords(text)
	if err != nil {
		return nil, errQuotes
	}
	o := &lineOptions{}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch {
		case word == "--":
			o.positional = append(o.positional, words...)
			return o, nil
		case strings.HasPrefix(word, "--"):
			words, err = o.long(word, words)
		case strings.HasPrefix(word, "-") && len(word) > 1:
			words, err = o.short(word, words)
		default:
			o.positional = append(o.positional, word)
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

// long applies the option that word spells, and returns the words behind it
// and its value.
func (o *lineOptions) long(word string, words []string) ([]string, error) {
	name, value, hasValue := strings.Cut(word, "=")
	option, err := matchOption(name)
	if err != nil {
		return nil, err
	}
	if option.flag != nil {
		if hasValue {
			return nil, fmt.Errorf("%s option does not take a value", option.name)
		}
		option.flag(o)
		return words, nil
	}
	if !hasValue {
		if len(words) == 0 {
			return nil, fmt.Errorf("%s option requires 1 argument", option.name)
		}
		value, words = words[0], words[1:]
	}
	return words, option.value(o, option.name, value)
}

// short applies an option of one letter. All of them take a value.
func (o *lineOptions) short(word string, words []string) ([]string, error) {
	letter := string([]rune(word)[:2])
	i := slices.IndexFunc(options, func(o option) bool { return o.name == letter })
	if i < 0 {
		return nil, fmt.Errorf("no such option: %s", letter)
	}
	value := word[2:]
	if value == "" {
		if len(words) == 0 {
			return nil, fmt.Errorf("%s option requires 1 argument", letter)
		}
		value, words = words[0], words[1:]
	}
	return words, options[i].value(o, letter, value)
}

// isCommandLineOption reports whether an option that no line can have is one
// of those of "pip install" that people try to put into files.
func isCommandLineOption(name string) bool {
	switch name {
	case "--platform", "--python-version", "--implementation", "--abi", "--target", "-t", "--prefix", "--root",
		"--user", "--upgrade", "-U", "--no-deps", "--force-reinstall", "--ignore-requires-python",
		"--proxy", "--timeout", "--cert", "--client-cert", "--no-cache-dir", "--cache-dir":
		return true
	}
	return false
}

// matchOption finds the long option that a name or its beginning means.
func matchOption(name string) (option, error) {
	var found []option
	for _, o := range options {
		if o.name == name {
			return o, nil
		}
		if strings.HasPrefix(o.name, name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return option{}, fmt.Errorf("no such option: %s", name)
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, o := range found {
		names[i] = o.name
	}
	slices.Sort(names)
	return option{}, fmt.Errorf("ambiguous option: %s (%s?)", name, strings.Join(names, ", "))
}
