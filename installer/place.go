package installer

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/xpip/xpip/installer/internal/txn"
	"github.com/xpip/xpip/installer/scripts"
	"github.com/xpip/xpip/wheel"
)

const (
	plain      = fs.FileMode(0o666) // before the umask
	executable = fs.FileMode(0o777)
)

// A placement is one file that goes into the prefix.
type placement struct {
	dest   string // relative to the prefix
	digest string // SHA-256, in RECORD's form; "" while it is not known
	size   int64
	perm   fs.FileMode
	from   *job

	data    []byte    // what is written afresh; nil for a file that is linked
	source  string    // absolute path of the folder that a linked file is in, under the same name
	modTime time.Time // of that
	// kept: the same file is there already, or comes with another wheel.
	kept bool
	// lost: the file of another wheel takes its place.
	lost bool
}

// name is the last part of where it goes.
func (f *placement) name() string { return f.dest[strings.LastIndexByte(f.dest, '/')+1:] }

// sourcePath is the absolute path of a file that is linked.
func (f *placement) sourcePath() string { return filepath.Join(f.source, f.name()) }

// isLike reports whether two files are known to have the same content.
func (f *placement) isLike(other *placement) bool {
	return f.digest != "" && f.digest == other.digest && f.size == other.size
}

// standsAt reports whether the file at path on disk is what f would be.
func (f *placement) standsAt(root *os.Root, path string) (bool, error) {
	info, err := root.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != f.size || f.digest == "" {
		return false, err
	}
	file, err := root.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return false, err
	}
	return encodeDigest(h) == f.digest, nil
}

func (f *placement) file() txn.File {
	return txn.File{
		Name: f.name(), Perm: f.perm, Data: f.data,
		Source: txn.Source{Dir: f.source, Size: f.size, ModTime: f.modTime},
	}
}

// A job is one wheel on its way into the prefix.
type job struct {
	item  Item
	lib   string // where it is importable from
	files []*placement
	notes []Note
	// record is RECORD, which is written when the others are settled.
	record *placement

	room []placement // for files that are linked
	// folder is the one in the wheel that the last file was of, source where it
	// is on the disk.
	folder, source string
}

func (j *job) wheel() string { return j.item.Wheel.Filename.Raw }

// infoDir is where the .dist-info goes, relative to the prefix.
func (j *job) infoDir() string { return path.Join(j.lib, j.item.Wheel.DistInfo) }

// A placer decides the destination of every file of a wheel.
type placer struct {
	at     places
	interp scripts.Interpreter
	python string // version for the names of pip's own scripts, "" if unknown
	tool   string // for INSTALLER
	skip   string // why no scripts are made; "" if they are
}

// place fills the job with the wheel's files, all but RECORD.
func (pl *placer) place(j *job) error {
	w := j.item.Wheel
	j.lib = pl.at.platlib
	if w.Info.RootIsPurelib {
		j.lib = pl.at.purelib
	}
	j.files = make([]*placement, 0, len(w.Files)+len(w.EntryPoints.Console)+4)
	j.room = make([]placement, 0, len(w.Files))
	for i := range w.Files {
		if err := pl.placeFile(j, &w.Files[i]); err != nil {
			return err
		}
	}
	pl.placeEntryPoints(j)
	return pl.placeInfo(j)
}

// own are the files of .dist-info that tell of the installation, not of the
// wheel: one that is in the wheel is not taken over.
var own = map[string]bool{"RECORD": true, "INSTALLER": true, "REQUESTED": true, "direct_url.json": true}

func (pl *placer) placeFile(j *job, f *wheel.File) error {
	w := j.item.Wheel
	dir, rest, _ := strings.Cut(f.Path, "/")
	if dir == w.DistInfo && own[rest] {
		return nil
	}
	if w.DataDir == "" || dir != w.DataDir {
		j.link(j.lib, f.Path, f)
		return nil
	}
	key, rest, ok := strings.Cut(rest, "/")
	if !ok || rest == "" {
		return &PathError{Wheel: w.Filename.Raw, Path: f.Path, Reason: "it is in the .data folder, but in no folder there"}
	}
	switch key {
	case "purelib":
		j.link(pl.at.purelib, rest, f)
	case "platlib":
		j.link(pl.at.platlib, rest, f)
	case "headers":
		j.link(path.Join(pl.at.headers, w.Metadata.Name), rest, f)
	case "data":
		j.link(pl.at.data, rest, f)
	case "scripts":
		return pl.placeScript(j, f, rest)
	default:
		return &PathError{Wheel: w.Filename.Raw, Path: f.Path, Reason: fmt.Sprintf("%q is not a folder of an install scheme", key)}
	}
	return nil
}

// below joins a folder of the layout and a path in it, both of which are clean:
// path.Join would find that out anew for each of ten thousand files.
func below(dir, name string) string {
	if dir == "." {
		return name
	}
	return dir + "/" + name
}

// link adds a file that is taken from the unpacked wheel as it is, and goes by
// name into dir.
func (j *job) link(dir, name string, f *wheel.File) {
	perm := plain
	if f.Executable {
		perm = executable
	}
	folder := f.Path[:strings.LastIndexByte(f.Path, '/')+1]
	if folder != j.folder || j.source == "" {
		j.folder, j.source = folder, filepath.Join(j.item.Wheel.Dir, filepath.FromSlash(folder))
	}
	j.room = append(j.room, placement{
		dest: below(dir, name), digest: f.SHA256, size: f.Size, perm: perm, from: j,
		source: j.source, modTime: f.ModTime,
	})
	j.files = append(j.files, &j.room[len(j.room)-1])
}

// write adds a file that is made here.
func (j *job) write(dest string, data []byte, perm fs.FileMode) {
	h := sha256.New()
	h.Write(data)
	j.files = append(j.files, &placement{
		dest: dest, digest: encodeDigest(h), size: int64(len(data)), perm: perm, from: j, data: data,
	})
}

// maxScript bounds a #!python script, in bytes.
const maxScript = 64 << 20

// placeScript adds a file of the wheel's scripts folder.
func (pl *placer) placeScript(j *job, f *wheel.File, rest string) error {
	if !isCleanLocal(f.Path) {
		return &PathError{Wheel: j.wheel(), Path: f.Path, Reason: "it leads out of the prefix"}
	}
	if pl.skip != "" {
		j.note(f.Path, "not installed: "+pl.skip)
		return nil
	}
	if j.isWrapper(rest) {
		return nil
	}
	content, err := j.readScript(f)
	if err != nil {
		return err
	}
	if rewritten, changed := pl.interp.Rewrite(content); changed {
		j.write(below(pl.at.scripts, rest), rewritten, executable)
		return nil
	}
	program := *f
	program.Executable = true
	j.link(pl.at.scripts, rest, &program)
	return nil
}

// readScript returns the content of a #!python script, and nothing of any
// other file.
func (j *job) readScript(f *wheel.File) ([]byte, error) {
	name := filepath.Join(j.item.Wheel.Dir, filepath.FromSlash(f.Path))
	damaged := func(reason string) error {
		return &StoreDamagedError{Wheel: j.wheel(), Dir: j.item.Wheel.Dir, Path: f.Path, Reason: reason}
	}
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, damaged("is not a regular file")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, damaged("can't be read: " + err.Error())
	}
	defer file.Close()
	var head [8]byte
	if n, _ := io.ReadFull(file, head[:]); !scripts.IsPython(head[:n]) {
		return nil, nil
	}
	if f.Size > maxScript {
		return nil, &PathError{Wheel: j.wheel(), Path: f.Path, Reason: fmt.Sprintf("a script of more than %d bytes", maxScript)}
	}
	content := make([]byte, f.Size)
	if _, err := file.ReadAt(content, 0); err != nil {
		return nil, damaged("can't be read: " + err.Error())
	}
	h := sha256.New()
	h.Write(content)
	if encodeDigest(h) != f.SHA256 {
		return nil, damaged("was modified")
	}
	return content, nil
}

// isWrapper reports whether a script is what setuptools made of an entry point
// when it built the wheel: installers make their own.
func (j *job) isWrapper(name string) bool {
	lower := strings.ToLower(name)
	for _, ext := range []string{".exe", "-script.py", ".pya"} {
		if strings.HasSuffix(lower, ext) {
			name = name[:len(name)-len(ext)]
			break
		}
	}
	points := j.item.Wheel.EntryPoints
	for _, p := range points.Console {
		if p.Name == name {
			return true
		}
	}
	for _, p := range points.GUI {
		if p.Name == name {
			return true
		}
	}
	return false
}

// placeEntryPoints adds the programs that entry points become.
func (pl *placer) placeEntryPoints(j *job) {
	points := j.item.Wheel.EntryPoints
	if pl.skip != "" {
		if n := len(points.Console) + len(points.GUI); n > 0 {
			j.note("", fmt.Sprintf("%d scripts not made: %s", n, pl.skip))
		}
		return
	}
	for _, p := range versioned(points.Console, pl.python) {
		name, content := pl.interp.File(p, false)
		j.write(path.Join(pl.at.scripts, name), content, executable)
	}
	for _, p := range points.GUI {
		name, content := pl.interp.File(p, true)
		j.write(path.Join(pl.at.scripts, name), content, executable)
	}
}

// versioned replaces the numbered scripts of pip (pip3, pip3.14) and of old
// setuptools (easy_install-3.14) by those of the host's Python: the wheel has
// the numbers of the Python that built it.
func versioned(points []wheel.EntryPoint, python string) []wheel.EntryPoint {
	if python == "" {
		return points
	}
	major, _, _ := strings.Cut(python, ".")
	var out []wheel.EntryPoint
	for _, p := range points {
		switch {
		case p.Name == "pip":
			out = append(out, p, named(p, "pip"+major), named(p, "pip"+python))
		case p.Name == "easy_install":
			out = append(out, p, named(p, "easy_install-"+python))
		case has(points, "pip") && isNumbered(p.Name, "pip"),
			has(points, "easy_install") && isNumbered(p.Name, "easy_install-"):
		default:
			out = append(out, p)
		}
	}
	return out
}

func named(p wheel.EntryPoint, name string) wheel.EntryPoint {
	p.Name = name
	return p
}

func has(points []wheel.EntryPoint, name string) bool {
	for _, p := range points {
		if p.Name == name {
			return true
		}
	}
	return false
}

// isNumbered reports whether name is stem with a version "3" or "3.14".
func isNumbered(name, stem string) bool {
	rest, ok := strings.CutPrefix(name, stem)
	if !ok {
		return false
	}
	major, minor, dotted := strings.Cut(rest, ".")
	_, err := strconv.ParseUint(major, 10, 16)
	if err == nil && dotted {
		_, err = strconv.ParseUint(minor, 10, 16)
	}
	return err == nil
}

// placeInfo adds what .dist-info says of the installation.
func (pl *placer) placeInfo(j *job) error {
	info := j.infoDir()
	j.write(path.Join(info, "INSTALLER"), []byte(pl.tool+"\n"), plain)
	if j.item.Requested {
		j.write(path.Join(info, "REQUESTED"), []byte{}, plain)
	}
	if j.item.DirectURL != nil {
		data, err := j.item.DirectURL.Encode()
		if err != nil {
			return err
		}
		j.write(path.Join(info, "direct_url.json"), data, plain)
	}
	return nil
}

func (j *job) note(file, text string) {
	j.notes = append(j.notes, Note{Wheel: j.wheel(), Path: file, Text: text})
}
