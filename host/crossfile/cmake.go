package crossfile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const cmakeFormat = "CMake toolchain file"

// ParseCMake returns the variables of a toolchain file that are settled
// without running it: those of set commands, with references to such variables
// put in. What hangs on a condition that cannot be told, on a loop, a function,
// another file or the environment is not among them; "if(NOT DEFINED name)" and
// "if(DEFINED name)" are told as if the file were used by itself. Its errors
// are *SyntaxError.
//
// Source: CMake's manual, cmake-language(7) and cmake-toolchains(7).
func ParseCMake(text []byte) (map[string]string, error) {
	if !utf8.Valid(text) {
		return nil, &SyntaxError{Format: cmakeFormat, Msg: "it is not UTF-8"}
	}
	c := cmakeReader{scanner: cmakeScanner{rest: string(text), line: 1}, values: map[string]string{}, unsettled: map[string]bool{}}
	for {
		name, args, err := c.scanner.command()
		if err != nil {
			return nil, err
		}
		if name == "" || c.finished {
			break
		}
		if err := c.command(name, args); err != nil {
			return nil, err
		}
	}
	if len(c.blocks) > 0 {
		return nil, c.scanner.fail("a block does not end: " + c.blocks[len(c.blocks)-1].end + "() is missing")
	}
	return c.values, nil
}

// cmakeBlock is what an if, a loop or a function encloses.
type cmakeBlock struct {
	end string // the command that closes it
	// state says whether the commands of the present branch are run.
	state cmakeState
	// decided says that a branch before was taken, or may have been.
	decided cmakeState
}

type cmakeState uint8

const (
	cmakeNo cmakeState = iota
	cmakeMaybe
	cmakeYes
)

type cmakeReader struct {
	scanner   cmakeScanner
	values    map[string]string
	unsettled map[string]bool // set, but nobody knows to what
	blocks    []cmakeBlock
	finished  bool
}

// state says whether the command that comes next is run.
func (c *cmakeReader) state() cmakeState {
	state := cmakeYes
	for _, b := range c.blocks {
		state = min(state, b.state)
	}
	return state
}

func (c *cmakeReader) command(name string, args []cmakeArg) error {
	switch name {
	case "if":
		state := c.condition(args)
		return c.open("endif", state, state)
	case "elseif", "else":
		return c.branch(name, args)
	case "foreach", "while":
		return c.open("end"+name, cmakeMaybe, cmakeYes)
	case "function", "macro": // run when called, and by nobody here
		return c.open("end"+name, cmakeNo, cmakeYes)
	case "endif", "endforeach", "endwhile", "endfunction", "endmacro":
		if len(c.blocks) == 0 || c.blocks[len(c.blocks)-1].end != name {
			return c.scanner.fail(name + "() closes nothing")
		}
		c.blocks = c.blocks[:len(c.blocks)-1]
		return nil
	}
	state := c.state()
	switch {
	case state == cmakeNo:
	case name == "return": // one that may be there guards against a second reading
		c.finished = state == cmakeYes
	case name == "set" || name == "unset":
		return c.set(name, args, state)
	case name == "list" && len(args) > 1:
		c.forget(changedByList(args))
	case name == "message" || name == "include" || name == "mark_as_advanced" || name == "cmake_minimum_required":
	default: // may set any variable that it is told the name of
		for _, arg := range args {
			if !arg.quoted {
				c.forget(arg.text)
			}
		}
	}
	return nil
}

// changedByList is the variable that a list command sets: the list itself, or
// where the answer goes.
func changedByList(args []cmakeArg) string {
	switch args[0].text {
	case "LENGTH", "GET", "JOIN", "SUBLIST", "FIND":
		return args[len(args)-1].text
	}
	return args[1].text
}

func (c *cmakeReader) open(end string, state, decided cmakeState) error {
	if len(c.blocks) == maxDepth {
		return c.scanner.fail(fmt.Sprintf("blocks are nested more than %d deep", maxDepth))
	}
	c.blocks = append(c.blocks, cmakeBlock{end: end, state: state, decided: decided})
	return nil
}

func (c *cmakeReader) branch(name string, args []cmakeArg) error {
	if len(c.blocks) == 0 || c.blocks[len(c.blocks)-1].end != "endif" {
		return c.scanner.fail(name + "() is in no if()")
	}
	b := &c.blocks[len(c.blocks)-1]
	condition := cmakeYes
	if name == "elseif" {
		condition = c.condition(args)
	}
	b.state = min(condition, cmakeYes-b.decided)
	b.decided = max(b.decided, condition)
	return nil
}

func (c *cmakeReader) condition(args []cmakeArg) cmakeState {
	not := len(args) > 0 && args[0].text == "NOT"
	if not {
		args = args[1:]
	}
	if len(args) != 2 || args[0].text != "DEFINED" || strings.ContainsAny(args[1].text, "{$") || c.unsettled[args[1].text] {
		return cmakeMaybe
	}
	if _, defined := c.values[args[1].text]; defined != not {
		return cmakeYes
	}
	return cmakeNo
}

func (c *cmakeReader) forget(name string) {
	if name != "" {
		delete(c.values, name)
		c.unsettled[name] = true
	}
}

func (c *cmakeReader) set(command string, args []cmakeArg, state cmakeState) error {
	if len(args) == 0 {
		return c.scanner.fail(command + "() names no variable")
	}
	if len(c.values)+len(c.unsettled) > maxKeys {
		return c.scanner.fail(fmt.Sprintf("more than %d variables", maxKeys))
	}
	name, known := c.expand(args[0].text)
	if !known || strings.HasPrefix(name, "ENV{") || strings.HasPrefix(name, "CACHE{") {
		return nil
	}
	value, settled, cached := c.joined(args[1:])
	before, defined := c.values[name]
	switch {
	case cached && (defined || c.unsettled[name]): // the cache stands behind variables
	case state == cmakeYes && (command == "unset" || len(args) == 1):
		delete(c.values, name)
		delete(c.unsettled, name)
	case state == cmakeYes && settled:
		c.values[name] = value
		delete(c.unsettled, name)
	case !settled || !defined || before != value:
		c.forget(name)
	}
	return nil
}

// joined makes a list of the values of a set command, as CMake does. cached
// says that they are for its cache.
func (c *cmakeReader) joined(args []cmakeArg) (value string, settled, cached bool) {
	for i, arg := range args {
		if !arg.quoted && (arg.text == "CACHE" || arg.text == "PARENT_SCOPE" && i == len(args)-1) {
			cached = arg.text == "CACHE"
			args = args[:i]
			break
		}
	}
	settled = true
	items := make([]string, 0, len(args))
	size := 0
	for _, arg := range args {
		text, known := arg.text, true
		if !arg.raw {
			text, known = c.expand(arg.text)
		}
		if size += len(text) + 1; size > maxValue {
			return "", false, cached // too long for anything that matters
		}
		settled = settled && known
		items = append(items, text)
	}
	return strings.Join(items, ";"), settled, cached
}

// expand puts in what ${name} refers to. It reports false if that is not
// known; what was never set is empty.
func (c *cmakeReader) expand(text string) (string, bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return unescapeCMake(b.String()), !strings.Contains(b.String(), "$ENV{") && !strings.Contains(b.String(), "$<")
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || strings.Contains(name, "$") || c.unsettled[name] || strings.HasPrefix(name, "CMAKE_") && !c.has(name) {
			return "", false
		}
		if b.WriteString(c.values[name]); b.Len() > maxValue {
			return "", false
		}
		text = after
	}
}

func (c *cmakeReader) has(name string) bool {
	_, ok := c.values[name]
	return ok
}

// unescapeCMake undoes the backslashes that keep characters what they are.
func unescapeCMake(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
