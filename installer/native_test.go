package installer

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/xpip/xpip/wheel"
)

// natives of the kinds that published wheels hold.
func elf(p, machine string) wheel.Native {
	return wheel.Native{Path: p, Format: wheel.FormatELF, OS: wheel.OSLinux, Machines: []string{machine}}
}

func pe(p, machine string, needed ...string) wheel.Native {
	return wheel.Native{Path: p, Format: wheel.FormatPE, OS: wheel.OSWindows, Machines: []string{machine}, Needed: needed}
}

func macho(p, machine, os string) wheel.Native {
	return wheel.Native{Path: p, Format: wheel.FormatMachO, OS: os, Machines: []string{machine},
		Slices: []wheel.Slice{{Machine: machine, OS: os, MinOS: "11.0"}}}
}

func TestJudgeNative(t *testing.T) {
	const pure = "app-1.0-py3-none-any.whl"
	for name, c := range map[string]struct {
		filename string
		host     string
		natives  []wheel.Native
		refused  string // path
		notes    int
	}{
		"extension in a pure wheel":                 {pure, "ios_13_0_arm64", []wheel.Native{elf("app/_fast.so", "x86_64")}, "app/_fast.so", 0},
		"even if it would fit":                      {pure, "manylinux_2_28_x86_64", []wheel.Native{elf("app/_fast.so", "x86_64")}, "app/_fast.so", 0},
		"Windows extension in a pure wheel":         {pure, "win_amd64", []wheel.Native{pe("app/_fast.pyd", "x86_64", "python314.dll")}, "app/_fast.pyd", 0},
		"versioned library":                         {pure, "manylinux_2_28_x86_64", []wheel.Native{elf("app/libz.so.1", "x86_64")}, "app/libz.so.1", 0},
		"launchers (setuptools)":                    {pure, "ios_13_0_arm64", []wheel.Native{pe("setuptools/cli-64.exe", "x86_64"), pe("setuptools/cli-32.exe", "i686")}, "", 1},
		"libraries of several systems (debugpy)":    {pure, "macosx_14_0_arm64", []wheel.Native{pe("a/attach_amd64.dll", "x86_64"), elf("a/attach_linux_amd64.so", "x86_64"), macho("a/attach.dylib", "x86_64", wheel.OSMacOS), pe("b/cython.cp39-win_amd64.pyd", "x86_64")}, "", 1},
		".NET assembly (pythonnet)":                 {pure, "win_amd64", []wheel.Native{pe("pythonnet/runtime/Python.Runtime.dll", "i686", "mscoree.dll")}, "", 1},
		"web assets":                                {pure, "ios_13_0_arm64", []wheel.Native{{Path: "app/static/x.wasm", Format: wheel.FormatWasm, Machines: []string{"wasm32"}}}, "", 1},
		"static library in a pure wheel":            {pure, "ios_13_0_arm64", []wheel.Native{{Path: "app/lib.a", Format: wheel.FormatArchive}}, "", 1},
		"fits":                                      {"app-1.0-cp314-cp314-manylinux_2_28_aarch64.whl", "manylinux_2_28_aarch64", []wheel.Native{elf("app/x.so", "aarch64")}, "", 0},
		"other machine":                             {"app-1.0-cp314-cp314-manylinux_2_28_aarch64.whl", "manylinux_2_28_aarch64", []wheel.Native{elf("app/x.so", "x86_64")}, "app/x.so", 0},
		"other machine beside one that fits":        {"app-1.0-cp314-cp314-manylinux_2_28_aarch64.whl", "manylinux_2_28_aarch64", []wheel.Native{elf("app/x.so", "x86_64"), elf("app/y.so", "aarch64")}, "app/x.so", 0},
		"program of another machine":                {"app-1.0-py3-none-manylinux_2_28_aarch64.whl", "manylinux_2_28_aarch64", []wheel.Native{elf("app-1.0.data/scripts/app", "x86_64")}, "app-1.0.data/scripts/app", 0},
		"Linux code in an iOS wheel":                {"app-1.0-cp314-cp314-ios_13_0_arm64_iphoneos.whl", "ios_13_0_arm64", []wheel.Native{macho("app/y.so", "aarch64", wheel.OSIOS), elf("app/x.so", "aarch64")}, "app/x.so", 0},
		"counterpart for another machine (debugpy)": {"app-1.0-cp314-cp314-win_amd64.whl", "win_amd64", []wheel.Native{pe("a/attach_amd64.dll", "x86_64"), pe("a/attach_arm64.dll", "aarch64"), pe("a/inject_dll_x86.exe", "i686")}, "", 1},
		"another machine without a counterpart":     {"app-1.0-cp314-cp314-win_amd64.whl", "win_amd64", []wheel.Native{pe("a/x.pyd", "x86_64"), pe("a/attach_arm64.dll", "aarch64")}, "a/attach_arm64.dll", 0},
		"Windows library in a Linux wheel":          {"app-1.0-cp314-cp314-manylinux_2_28_x86_64.whl", "manylinux_2_28_x86_64", []wheel.Native{elf("a/x.so", "x86_64"), pe("a/helper.dll", "x86_64")}, "", 1},
		"nothing but a Windows library":             {"app-1.0-cp314-cp314-manylinux_2_28_x86_64.whl", "manylinux_2_28_x86_64", []wheel.Native{pe("a/helper.pyd", "x86_64")}, "a/helper.pyd", 0},
		"Windows object in a Linux wheel":           {"greenlet-1.0-cp314-cp314-manylinux_2_28_x86_64.whl", "manylinux_2_28_x86_64", []wheel.Native{elf("a/x.so", "x86_64"), pe("a/switch_arm64_masm.obj", "aarch64")}, "", 0},
		"machine in the folder":                     {"app-1.0-cp314-cp314-win_amd64.whl", "win_amd64", []wheel.Native{pe("a/amd64/x.dll", "x86_64"), pe("a/arm64/x.dll", "aarch64")}, "", 1},
		"a launcher does not speak for a library":   {"app-1.0-cp314-cp314-manylinux_2_28_x86_64.whl", "manylinux_2_28_x86_64", []wheel.Native{pe("a/t64.exe", "x86_64"), elf("a/x.so", "aarch64")}, "a/x.so", 0},
	} {
		t.Run(name, func(t *testing.T) {
			filename, err := wheel.ParseFilename(c.filename)
			if err != nil {
				t.Fatal(err)
			}
			w := &wheel.Unpacked{Dir: t.TempDir(), Filename: filename, Native: c.natives}
			notes, err := judgeNative(w, newHost(t, c.host).Fits)
			var refused *NativeError
			switch {
			case errors.As(err, &refused) != (c.refused != "") || err != nil && refused == nil:
				t.Errorf("got %v", err)
			case refused != nil && (refused.Path != c.refused || refused.Wheel != c.filename || refused.More != 0):
				t.Errorf("got %+v", refused)
			case len(notes) != c.notes:
				t.Errorf("notes %+v", notes)
			}
		})
	}
}

// TestLibraryHeader tells libraries without a telling name from programs.
func TestLibraryHeader(t *testing.T) {
	elfHeader := func(kind uint16) []byte {
		h := make([]byte, 64)
		copy(h, "\x7fELF\x02\x01\x01")
		binary.LittleEndian.PutUint16(h[16:], kind)
		return h
	}
	machoHeader := func(kind uint32) []byte {
		h := make([]byte, 64)
		binary.LittleEndian.PutUint32(h, 0xfeedfacf)
		binary.LittleEndian.PutUint32(h[12:], kind)
		return h
	}
	fat := make([]byte, 128)
	binary.BigEndian.PutUint32(fat, 0xcafebabe)
	binary.BigEndian.PutUint32(fat[16:], 64)
	copy(fat[64:], machoHeader(6))
	peHeader := func(flags uint16) []byte {
		h := make([]byte, 128)
		copy(h, "MZ")
		binary.LittleEndian.PutUint32(h[0x3c:], 64)
		binary.LittleEndian.PutUint16(h[64+22:], flags)
		return h
	}
	dir := t.TempDir()
	for name, c := range map[string]struct {
		data   []byte
		native wheel.Native
		want   bool
	}{
		"ELF library":   {elfHeader(3), wheel.Native{Format: wheel.FormatELF}, true},
		"ELF PIE":       {elfHeader(3), wheel.Native{Format: wheel.FormatELF, Interp: "/lib/ld.so"}, false},
		"ELF program":   {elfHeader(2), wheel.Native{Format: wheel.FormatELF}, false},
		"Mach-O dylib":  {machoHeader(6), wheel.Native{Format: wheel.FormatMachO}, true},
		"Mach-O bundle": {machoHeader(8), wheel.Native{Format: wheel.FormatMachO}, true},
		"Mach-O tool":   {machoHeader(2), wheel.Native{Format: wheel.FormatMachO}, false},
		"fat dylib":     {fat, wheel.Native{Format: wheel.FormatMachO}, true},
		"PE library":    {peHeader(0x2022), wheel.Native{Format: wheel.FormatPE}, true},
		"PE program":    {peHeader(0x0022), wheel.Native{Format: wheel.FormatPE}, false},
		"short":         {[]byte("\x7fELF"), wheel.Native{Format: wheel.FormatELF}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(filepath.Join(dir, "file"), c.data, 0o644); err != nil {
				t.Fatal(err)
			}
			c.native.Path = "file"
			if got := isLoadable(&wheel.Unpacked{Dir: dir}, c.native); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestAllowNative(t *testing.T) {
	u := unpack(t, "app-1.0-py3-none-any.whl", files{"app/x.py": ""})
	u.Native = []wheel.Native{elf("app/_fast.so", "x86_64")}
	p := open(t, t.TempDir(), TargetLayout)
	h := newHost(t, "ios_13_0_arm64")
	if _, err := p.Plan([]Item{{Wheel: u}}, nil, Options{Host: h}); !errors.Is(err, ErrNativeInPure) {
		t.Errorf("got %v", err)
	}
	plan, err := p.Plan([]Item{{Wheel: u}}, nil, Options{Host: h, AllowNative: true})
	if err != nil || len(plan.Notes) != 1 || plan.Notes[0].Path != "app/_fast.so" {
		t.Fatalf("got %v, %+v", err, plan)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Error(err)
	}
}

// FuzzLibraryHeader looks at headers that may be anything.
func FuzzLibraryHeader(f *testing.F) {
	f.Add([]byte("MZ"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, kind uint8) {
		format := []wheel.Format{wheel.FormatELF, wheel.FormatMachO, wheel.FormatPE}[kind%3]
		isLibraryHeader(readerAt(data), wheel.Native{Format: format})
	})
}

type readerAt []byte

func (r readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		panic("negative offset")
	}
	if off >= int64(len(r)) {
		return 0, os.ErrClosed
	}
	n := copy(p, r[off:])
	if n < len(p) {
		return n, os.ErrClosed
	}
	return n, nil
}
