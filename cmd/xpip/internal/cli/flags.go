package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/xpip/xpip/cmd/xpip/internal/config"
)

// noValue marks an option given without a value, so that `--no-index=1` can be
// told from `--no-index` and refused as pip refuses it.
const noValue = "\x00"

const (
	groupAnnotation = "xpip-group" // the heading of --help an option stands under
	hiddenGroup     = ""
)

// registry adds options to a command, each under a heading of its --help.
type registry struct {
	flags *pflag.FlagSet
	group string
}

func (r *registry) heading(name string) { r.group = name }

func (r *registry) add(v pflag.Value, name, short, meta, help string) *pflag.Flag {
	f := r.flags.VarPF(v, name, short, help)
	f.DefValue = meta // shown by our own help; pflag's is not used
	f.Annotations = map[string][]string{groupAnnotation: {r.group}}
	return f
}

func (r *registry) text(dst *string, name, short, meta, help string) {
	r.add((*textValue)(dst), name, short, meta, help)
}

func (r *registry) path(dst *string, name, short, meta, help string) {
	r.add((*pathValue)(dst), name, short, meta, help)
}

func (r *registry) list(dst *[]string, name, short, meta, help string) {
	r.add((*listValue)(dst), name, short, meta, help)
}

func (r *registry) number(dst *int, name, short, meta, help string) {
	r.add((*numberValue)(dst), name, short, meta, help)
}

func (r *registry) seconds(dst *float64, name, short, meta, help string) {
	r.add((*secondsValue)(dst), name, short, meta, help)
}

func (r *registry) choice(dst *string, name, meta string, allowed []string, help string) {
	r.add(&choiceValue{dst, allowed}, name, "", meta, help)
}

// on adds an option that sets dst; off one that clears it.
func (r *registry) on(dst *bool, name, short, help string) {
	r.add(&switchValue{dst: dst, store: true}, name, short, "", help).NoOptDefVal = noValue
}

func (r *registry) off(dst *bool, name, short, help string) {
	r.add(&switchValue{dst: dst}, name, short, "", help).NoOptDefVal = noValue
}

func (r *registry) count(dst *int, name, short, help string) {
	r.add((*countValue)(dst), name, short, "", help).NoOptDefVal = noValue
}

// alias lets a second name set the same option.
func (r *registry) alias(name, of string) {
	f := r.flags.Lookup(of)
	g := r.flags.VarPF(f.Value, name, "", f.Usage)
	g.NoOptDefVal, g.DefValue = f.NoOptDefVal, f.DefValue
	g.Annotations = map[string][]string{groupAnnotation: {hiddenGroup}}
}

type textValue string

func (v *textValue) Set(s string) error { *v = textValue(s); return nil }
func (v *textValue) String() string     { return string(*v) }
func (v *textValue) Type() string       { return "text" }

// listValue appends on the command line; a configuration value replaces the
// list as a whole, split on white space.
type listValue []string

func (v *listValue) Set(s string) error { *v = append(*v, s); return nil }
func (v *listValue) String() string     { return strings.Join(*v, " ") }
func (v *listValue) Type() string       { return "list" }

// pathValue is a path that must not be empty: an unset variable of a script
// would otherwise choose another place.
type pathValue string

func (v *pathValue) Set(s string) error {
	if s == "" {
		return errors.New("a path is needed, and this one is empty")
	}
	*v = pathValue(s)
	return nil
}
func (v *pathValue) String() string { return string(*v) }
func (v *pathValue) Type() string   { return "path" }

type numberValue int

func (v *numberValue) Set(s string) error {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return fmt.Errorf("invalid integer value: %s", pyQuote(s))
	}
	*v = numberValue(n)
	return nil
}
func (v *numberValue) String() string { return strconv.Itoa(int(*v)) }
func (v *numberValue) Type() string   { return "number" }

type secondsValue float64

func (v *secondsValue) Set(s string) error {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return fmt.Errorf("invalid floating-point value: %s", pyQuote(s))
	}
	*v = secondsValue(n)
	return nil
}
func (v *secondsValue) String() string { return strconv.FormatFloat(float64(*v), 'g', -1, 64) }
func (v *secondsValue) Type() string   { return "seconds" }

type choiceValue struct {
	dst     *string
	allowed []string
}

func (v *choiceValue) Set(s string) error {
	if !slices.Contains(v.allowed, s) {
		quoted := make([]string, len(v.allowed))
		for i, a := range v.allowed {
			quoted[i] = pyQuote(a)
		}
		return fmt.Errorf("invalid choice: %s (choose from %s)", pyQuote(s), strings.Join(quoted, ", "))
	}
	*v.dst = s
	return nil
}
func (v *choiceValue) String() string { return *v.dst }
func (v *choiceValue) Type() string   { return "choice" }

type switchValue struct {
	dst   *bool
	store bool
}

func (v *switchValue) Set(s string) error {
	if s != noValue {
		return errTakesNoValue
	}
	*v.dst = v.store
	return nil
}
func (v *switchValue) String() string { return strconv.FormatBool(*v.dst) }
func (v *switchValue) Type() string   { return "switch" }

type countValue int

func (v *countValue) Set(s string) error {
	if s != noValue {
		return errTakesNoValue
	}
	*v++
	return nil
}
func (v *countValue) String() string { return strconv.Itoa(int(*v)) }
func (v *countValue) Type() string   { return "count" }

var errTakesNoValue = fmt.Errorf("option does not take a value")

// pyQuote quotes as Python's repr does in the messages people know from pip.
func pyQuote(s string) string {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
}

// configure gives the options of a command the values that configuration files
// and the environment hold for them; options that the command does not have are
// passed over, as in pip.
func configure(flags *pflag.FlagSet, items []config.Item) error {
	for _, item := range items {
		f := flags.Lookup(item.Key)
		if f == nil {
			continue
		}
		if err := configureFlag(f, item); err != nil {
			return err
		}
	}
	return nil
}

func configureFlag(f *pflag.Flag, item config.Item) error {
	switch v := f.Value.(type) {
	case *listValue:
		*v = strings.Fields(item.Value)
		if item.List != nil {
			*v = slices.Clone(item.List)
		}
	case *switchValue:
		b, err := parseBool(item.Value)
		if err != nil {
			return &usageError{msg: fmt.Sprintf("%s is not a valid value for %s option, please specify a boolean value like yes/no, true/false or 1/0 instead.", item.Value, item.Key)}
		}
		*v.dst = b
	case *countValue:
		n, err := strconv.Atoi(item.Value)
		if b, boolErr := parseBool(item.Value); boolErr == nil && err != nil {
			n, err = map[bool]int{true: 1}[b], nil
		}
		if err != nil || n < 0 {
			return &usageError{msg: fmt.Sprintf("%s is not a valid value for %s option, please instead specify either a non-negative integer or a boolean value like yes/no or false/true which is equivalent to 1/0.", item.Value, item.Key)}
		}
		*v = countValue(n)
	case interface{ configured(string) error }:
		err := v.configured(item.Value)
		var refused *commandError
		if err != nil && !errors.As(err, &refused) {
			return &configValueError{item: item, err: err}
		}
		return err
	case *noCacheValue:
		if _, err := parseBool(item.Value); err != nil {
			return &usageError{msg: "--no-cache-dir error: " + err.Error()}
		}
		*v.disabled = true
	default:
		if err := f.Value.Set(item.Value); err != nil {
			return &configValueError{item: item, err: err}
		}
	}
	return nil
}

// noCacheValue is --no-cache-dir: any boolean from the environment, even a
// false one, disables the cache. That is how pip has always read it.
type noCacheValue struct{ disabled *bool }

func (v *noCacheValue) Set(s string) error {
	if s != noValue {
		return errTakesNoValue
	}
	*v.disabled = true
	return nil
}
func (v *noCacheValue) String() string { return strconv.FormatBool(*v.disabled) }
func (v *noCacheValue) Type() string   { return "switch" }

// parseBool reads what pip takes for a boolean in configuration.
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "y", "yes", "t", "true", "on", "1":
		return true, nil
	case "n", "no", "f", "false", "off", "0":
		return false, nil
	}
	return false, fmt.Errorf("invalid truth value %s", pyQuote(s))
}

// expandPrefixes replaces every unambiguous beginning of a long option by the
// whole name, as optparse does: `--req x` is `--requirement x`.
func expandPrefixes(flags *pflag.FlagSet, args []string) ([]string, error) {
	out := slices.Clone(args)
	for i := 0; i < len(out); i++ {
		arg := out[i]
		switch {
		case arg == "--":
			return out, nil
		case strings.HasPrefix(arg, "--"):
			name, value, hasValue := strings.Cut(arg[2:], "=")
			f, err := longOption(flags, name)
			if err != nil {
				return nil, err
			}
			out[i] = "--" + f.Name
			if hasValue {
				out[i] += "=" + value
			} else if f.NoOptDefVal == "" {
				i++ // the next argument is its value, whatever it looks like
			}
		case strings.HasPrefix(arg, "-") && len(arg) > 1:
			if shortTakesNext(flags, arg[1:]) {
				i++
			}
		}
	}
	return out, nil
}

func longOption(flags *pflag.FlagSet, name string) (*pflag.Flag, error) {
	if f := flags.Lookup(name); f != nil {
		return f, nil
	}
	var found []*pflag.Flag
	flags.VisitAll(func(f *pflag.Flag) {
		// What is accepted without effect, or is a second name, must be written
		// out: a slip must not vanish in it.
		hidden := slices.Contains(f.Annotations[groupAnnotation], hiddenGroup)
		if strings.HasPrefix(f.Name, name) && !hidden {
			found = append(found, f)
		}
	})
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, &usageError{msg: "no such option: --" + name}
	}
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = "--" + f.Name
	}
	slices.Sort(names)
	return nil, &usageError{msg: fmt.Sprintf("ambiguous option: --%s (%s?)", name, strings.Join(names, ", "))}
}

// shortTakesNext reports whether the last letter of a cluster such as "vt"
// takes its value from the argument that follows.
func shortTakesNext(flags *pflag.FlagSet, cluster string) bool {
	for i := 0; i < len(cluster); i++ {
		f := flags.ShorthandLookup(cluster[i : i+1])
		if f == nil {
			return false
		}
		if f.NoOptDefVal == "" {
			return i == len(cluster)-1
		}
	}
	return false
}

// flagError puts pflag's complaints into optparse's words.
func flagError(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	var required *pflag.ValueRequiredError
	var missing *pflag.NotExistError
	var refused *commandError
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &invalid):
		name := "--" + invalid.GetFlag().Name
		if strings.HasSuffix(err.Error(), errTakesNoValue.Error()) {
			return &usageError{msg: name + " " + errTakesNoValue.Error()}
		}
		return &usageError{msg: fmt.Sprintf("option %s: %v", name, invalid.Unwrap())}
	case errors.As(err, &required):
		name := "--" + required.GetFlag().Name
		if short := required.GetSpecifiedShortnames(); short != "" {
			name = "-" + required.GetFlag().Shorthand
		}
		return &usageError{msg: name + " option requires 1 argument"}
	case errors.As(err, &missing):
		dashes := "--"
		if missing.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		return &usageError{msg: "no such option: " + dashes + missing.GetSpecifiedName()}
	}
	return &usageError{msg: err.Error()}
}
