// Package scripts writes the programs that a wheel's entry points and its
// #!python files become on a host.
//
// How a program finds its Python depends on what is known when it is written:
//
//   - what the user wants behind #!: that, as it is;
//   - the interpreter's path on the host: the #! line names it, as pip does;
//   - only that the interpreter will stand in the same folder (a host prefix):
//     a header that is both a shell's and Python's looks for it there, so that
//     the prefix can be moved;
//   - neither (a flat folder of packages): the #! line asks env(1) for it.
//
// Windows reads no #! lines. A program for it is an .exe file, as pip's: a
// launcher that is handed in, a #! line for the launcher to read, and the
// program as a zip archive. Without a launcher it is a .cmd file whose first
// line runs Python on the file itself, which skips that line (python -x).
package scripts

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// An Interpreter says how programs find the Python that runs them.
type Interpreter struct {
	// Shebang is what stands behind #!, whatever else is known: a program,
	// and what it is to be told. It is one line.
	Shebang string
	// Path is the interpreter's absolute path on the host; it wins over the
	// other fields.
	Path string
	// Folder is where the interpreter will be, relative to the folder of the
	// program: "." or "..". Empty: it is looked up on PATH.
	Folder string
	// Name is its file name, such as "python3.14" (without ".exe").
	Name string
	// Windows makes programs for Windows.
	Windows bool
	// Launchers are what programs for Windows are made with; nil makes .cmd
	// files.
	Launchers *Launchers
	// Old makes programs that Python 3.8 and older understand.
	Old bool
}

// maxShebang is how long a #! line may be everywhere: the limit of Linux
// before 5.1, which counts the end of the line.
const maxShebang = 127

// File returns the file name and the content of the program for an entry
// point. gui asks for one without a console window, which only Windows tells
// apart.
func (i Interpreter) File(p wheel.EntryPoint, gui bool) (name string, content []byte) {
	if !i.Windows {
		return p.Name, append(i.header(""), i.body(p, ".exe")...)
	}
	if i.Launchers != nil {
		return i.launched(p, gui)
	}
	text := i.command(gui) + i.body(p, ".cmd")
	return p.Name + ".cmd", []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

// body is the Python part, byte for byte what pip writes: tools compare and
// parse these files.
func (i Interpreter) body(p wheel.EntryPoint, suffix string) string {
	imported, _, _ := strings.Cut(p.Attr, ".")
	strip := fmt.Sprintf("sys.argv[0] = sys.argv[0].removesuffix('%s')", suffix)
	if i.Old {
		strip = fmt.Sprintf("sys.argv[0] = sys.argv[0][:-%d] if sys.argv[0].endswith('%s') else sys.argv[0]", len(suffix), suffix)
	}
	return "import sys\n" +
		"from " + p.Module + " import " + imported + "\n" +
		"if __name__ == '__main__':\n" +
		"    " + strip + "\n" +
		"    sys.exit(" + p.Attr + "())\n"
}

// command is the first line of a .cmd file. "exit /b" without a number keeps
// the exit code of the command before it, and what follows is never read as
// commands.
func (i Interpreter) command(gui bool) string {
	name := i.Name
	if gui {
		name = strings.Replace(name, "python", "pythonw", 1)
	}
	program := name
	switch {
	case i.Shebang != "":
		program = strings.ReplaceAll(i.Shebang, "%", "%%")
	case i.Path != "":
		program = `"` + strings.ReplaceAll(i.Path, "%", "%%") + `"`
	case i.Folder == ".":
		program = `"%~dp0` + name + `.exe"`
	case i.Folder != "":
		program = `"%~dp0` + strings.ReplaceAll(i.Folder, "/", `\`) + `\` + name + `.exe"`
	}
	if gui {
		program = `start "" ` + program
	}
	return "@" + program + ` -x "%~f0" %* & exit /b` + "\n"
}

// header is the start of a program on a system with #! lines. cookie is a line
// that declares the file's encoding; Python sees it in the first two lines only.
func (i Interpreter) header(cookie string) []byte {
	if i.Shebang != "" {
		return []byte("#!" + i.Shebang + "\n" + cookie)
	}
	if i.Path != "" {
		line := "#!" + i.Path + "\n"
		if len(line) <= maxShebang && !strings.ContainsAny(i.Path, " \t") {
			return []byte(line + cookie)
		}
		return []byte(trampoline(cookie, shellQuote(i.Path)))
	}
	if i.Folder == "" {
		return []byte("#!/usr/bin/env " + i.Name + "\n" + cookie)
	}
	// $0 may be a link to the program from somewhere else on PATH.
	here := `"$(dirname -- "$(realpath -- "$0" 2>/dev/null || printf %s "$0")")"/`
	if i.Folder != "." {
		here += i.Folder + "/"
	}
	return []byte(trampoline(cookie, here+shellQuote(i.Name)))
}

// trampoline is text that a shell reads as "exec program file arguments" and
// Python as a string: to the shell two quotes are nothing and the third begins
// the word exec; to Python three begin a string that ends in the next line.
func trampoline(cookie, program string) string {
	return "#!/bin/sh\n" + cookie + "'''exec' " + program + ` "$0" "$@"` + "\n' '''\n"
}

// shellQuote quotes a word for the shell with what Python's string above
// tolerates: no run of three single quotes, no backslash that would escape.
func shellQuote(s string) string {
	const plain = "/.-_+0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	if strings.Trim(s, plain) == "" {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		if strings.ContainsRune("\"$`\\", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// Rewrite fits a file of a wheel's scripts folder to the host: one that begins
// with "#!python" gets a header that finds the host's Python. It returns the
// content and whether it differs from the given one.
//
// For Windows the line stays, unless the interpreter's path or the line is known: the py
// launcher understands it as it is.
func (i Interpreter) Rewrite(content []byte) ([]byte, bool) {
	if !IsPython(content) {
		return content, false
	}
	_, rest, _ := bytes.Cut(content, []byte("\n"))
	if i.Windows {
		line := i.Shebang
		if line == "" {
			line = i.Path
		}
		if line == "" {
			return content, false
		}
		return append([]byte("#!"+line+"\r\n"), rest...), true
	}
	cookie := ""
	if second, after, ok := bytes.Cut(rest, []byte("\n")); ok && isCookie(second) {
		cookie, rest = string(second)+"\n", after
	}
	return append(i.header(cookie), rest...), true
}

// IsPython reports whether a script asks for the host's Python: the binary
// distribution format has it begin with "#!python" or "#!pythonw".
func IsPython(content []byte) bool { return bytes.HasPrefix(content, []byte("#!python")) }

// isCookie reports whether a line declares a source encoding (PEP 263).
func isCookie(line []byte) bool {
	trimmed := bytes.TrimLeft(line, " \t\f")
	if len(trimmed) == 0 || trimmed[0] != '#' {
		return false
	}
	_, after, ok := bytes.Cut(trimmed, []byte("coding"))
	return ok && len(after) > 0 && (after[0] == ':' || after[0] == '=')
}
