package scripts

import (
	"archive/zip"
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// Launchers are programs for Windows that run the zip archive behind them, by
// the interpreter that a #! line between the two names: the "simple launchers"
// that pip writes scripts with.
type Launchers struct {
	Console, GUI []byte
}

// launcherDir begins an interpreter's path that is relative to the launcher.
const launcherDir = `<launcher_dir>\`

// launched is the .exe file of an entry point, laid out as pip's: launcher, #!
// line, archive with the Python part as __main__.py.
func (i Interpreter) launched(p wheel.EntryPoint, gui bool) (name string, content []byte) {
	launcher := i.Launchers.Console
	if gui {
		launcher = i.Launchers.GUI
	}
	line := i.launcherLine(gui) + "\n"
	archive := zipped("__main__.py", i.body(p, ".exe"))
	content = slices.Concat(launcher, []byte(line), archive)
	name = p.Name
	if ext := path.Ext(name); strings.HasPrefix(ext, ".py") { // as pip: app.py is app.exe
		name = strings.TrimSuffix(name, ext)
	}
	return name + ".exe", content
}

// launcherLine is the #! line by which a launcher finds its Python: as it is
// given, the interpreter's path on the host, beside the launcher, or on PATH.
func (i Interpreter) launcherLine(gui bool) string {
	switch {
	case i.Shebang != "":
		return "#!" + i.Shebang
	case strings.Contains(i.Path, " "):
		return `#!"` + windowed(i.Path, gui) + `"`
	case i.Path != "":
		return "#!" + windowed(i.Path, gui)
	}
	name := windowed(i.Name+".exe", gui)
	switch i.Folder {
	case "":
		return "#!/usr/bin/env " + name
	case ".":
		return "#!" + launcherDir + name
	}
	return "#!" + launcherDir + strings.ReplaceAll(i.Folder, "/", `\`) + `\` + name
}

// windowed is the interpreter without a console window, pythonw.exe for
// python.exe, if one is asked for.
func windowed(python string, gui bool) string {
	if !gui {
		return python
	}
	base := strings.LastIndexAny(python, `\/`) + 1
	return python[:base] + strings.Replace(python[base:], "python", "pythonw", 1)
}

// zipped is an archive of one stored file without a date, the same for the same
// content.
func zipped(name, content string) []byte {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	size := uint64(len(content))
	file, err := archive.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, ReaderVersion: 20, CRC32: crc32.ChecksumIEEE([]byte(content)),
		CompressedSize64: size, UncompressedSize64: size, ModifiedDate: 1<<5 | 1, //nolint:staticcheck // 1980-01-01; a raw header has no other field
	})
	if err == nil {
		_, err = io.WriteString(file, content)
	}
	if err = errors.Join(err, archive.Close()); err != nil { // a buffer takes everything
		panic("writing to memory: " + err.Error())
	}
	return b.Bytes()
}
