package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/xpip/xpip/cmd/xpip/internal/config"
)

// What an option of pip means here stands beside the option. From these notes
// the table in docs/pip-compatibility.md is made.
const (
	differsAnnotation = "xpip-differs" // how it differs from pip's
	ignoredAnnotation = "xpip-ignored" // why it has no effect
	refusedAnnotation = "xpip-refused" // why it is refused
	ownAnnotation     = "xpip-own"     // a project may set it, but for the values that follow, each with the reason
	tableAnnotation   = "xpip-table"   // a project sets it by a table of this name
)

// own lets a project's file set options that pip has no name for.
func (r *registry) own(names ...string) {
	for _, name := range names {
		r.flags.Lookup(name).Annotations[ownAnnotation] = []string{}
	}
}

// ownBut is own for an option of which a project may not give one value, or
// with "" none at all: a checkout must not decide what runs on this machine.
func (r *registry) ownBut(name, value, why string) {
	r.flags.Lookup(name).Annotations[ownAnnotation] = []string{value, why}
}

// ownTable lets a project's file set an option of the form KEY=VALUE by a table.
func (r *registry) ownTable(option, table string) {
	r.flags.Lookup(option).Annotations[tableAnnotation] = []string{table}
}

// ownOptions are the options that a project's file may speak of.
func ownOptions(root *cobra.Command) map[string]config.Option {
	out := map[string]config.Option{}
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if table := f.Annotations[tableAnnotation]; len(table) == 1 {
				out[table[0]] = config.Option{Kind: config.Table, Name: f.Name}
				return
			}
			refused, own := f.Annotations[ownAnnotation]
			if !own {
				return
			}
			o := config.Option{}
			switch v := f.Value.(type) {
			case *switchValue:
				o.Kind = config.Switch
			case *listValue:
				o.Kind = config.List
			case *numberValue, *secondsValue:
				o.Kind = config.Integer
			case *choiceValue:
				o.Allowed = v.allowed
			}
			if len(refused) == 2 {
				o.Refused = map[string]string{refused[0]: refused[1]}
			}
			out[f.Name] = o
		})
	}
	return out
}

// note puts one of the notes beside an option that was added.
func (r *registry) note(name, annotation, text string) {
	r.flags.Lookup(name).Annotations[annotation] = []string{text}
}

// ignored adds an option of pip's that changes nothing here, because of why.
func (r *registry) ignored(name string, takesValue bool, why string) {
	if takesValue {
		r.hidden(&listedValue{}, name, "value", ignoredAnnotation, why)
		return
	}
	r.hidden(&switchValue{dst: new(bool), store: true}, name, "", ignoredAnnotation, why)
}

// ignoredChoice is ignored for an option of which pip knows the values. One for
// which refused has a word would change the result, and is refused with it.
func (r *registry) ignoredChoice(name string, allowed []string, refused map[string]string, why string) {
	r.hidden(&listedValue{option: name, allowed: allowed, refused: refused}, name, "value", ignoredAnnotation, why)
}

// refused adds an option of pip's that cannot be obeyed, because of why.
func (r *registry) refused(name string, takesValue bool, why string) {
	r.hidden(&refusedValue{name: name, takesValue: takesValue, why: why}, name, map[bool]string{true: "value"}[takesValue], refusedAnnotation, why)
}

// hidden adds an option that --help does not show. A value without a meta
// variable is a switch.
func (r *registry) hidden(v flagValue, name, meta, annotation, why string) {
	old := r.group
	r.group = hiddenGroup
	f := r.add(v, name, "", meta, "")
	r.group = old
	if meta == "" {
		f.NoOptDefVal = noValue
	}
	f.Annotations[annotation] = []string{why}
}

// flagValue is pflag.Value, to which every option's value is held.
type flagValue interface {
	String() string
	Set(string) error
	Type() string
}

// listedValue takes any number of values that are only checked.
type listedValue struct {
	option  string
	allowed []string          // nil for any
	refused map[string]string // why
}

func (v *listedValue) Set(s string) error {
	if why, ok := v.refused[s]; ok {
		return &commandError{msg: fmt.Sprintf("--%s=%s: %s", v.option, s, why)}
	}
	if v.allowed != nil {
		return (&choiceValue{new(string), slices.Concat(v.allowed)}).Set(s)
	}
	return nil
}

func (v *listedValue) String() string { return "" }
func (v *listedValue) Type() string   { return "list" }

// refusedValue refuses the option that it belongs to.
type refusedValue struct {
	name       string
	takesValue bool
	why        string
}

func (v *refusedValue) Set(s string) error {
	if !v.takesValue && s != noValue {
		return errTakesNoValue
	}
	return &commandError{msg: fmt.Sprintf("--%s: %s", v.name, v.why)}
}

// configured refuses the option unless configuration switches it off.
func (v *refusedValue) configured(s string) error {
	if v.takesValue {
		return v.Set(s)
	}
	on, err := parseBool(s)
	if err != nil || !on {
		return err
	}
	return v.Set(noValue)
}

func (v *refusedValue) String() string { return "" }
func (v *refusedValue) Type() string   { return "refused" }

// configured checks each of the values that configuration lists.
func (v *listedValue) configured(s string) error {
	for _, word := range strings.Fields(s) {
		if err := v.Set(word); err != nil {
			return err
		}
	}
	return nil
}

// absentCommands says why there is no such command of pip's.
var absentCommands = map[string]string{
	"search": "not there: the interface that it asks is switched off on PyPI",
}

// differingCommands says what is different about a command as a whole.
var differingCommands = map[string]string{
	"config": "it only reads; `set`, `unset` and `edit` are refused",
}

// absentOptions says why a command lacks an option of pip's.
var absentOptions = map[string]string{
	"config --editor": "the configuration is pip's and is only read",
}
