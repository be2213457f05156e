package wheel

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// elfSpec is an ELF shared library of headers only.
type elfSpec struct {
	order   binary.AppendByteOrder
	wide    bool
	machine uint16
	kind    uint16
	abi     byte
	flags   uint32
	interp  string
	needed  []string
	glibc   []string // versions needed
	from    string   // the library that has them; libc.so.6 unless told
	android uint32
}

// bytes lays the file out as one loaded segment at address 0x10000.
func (e elfSpec) bytes() []byte {
	const base = 0x10000
	word := func(b []byte, v int) []byte {
		if e.wide {
			return e.order.AppendUint64(b, uint64(v))
		}
		return e.order.AppendUint32(b, uint32(v))
	}
	headSize, phSize := 52, 32
	if e.wide {
		headSize, phSize = 64, 56
	}
	body, at := []byte{}, headSize+4*phSize
	put := func(b []byte) (off, size int) {
		for len(body)%8 != 0 {
			body = append(body, 0)
		}
		off = at + len(body)
		body = append(body, b...)
		return off, len(b)
	}
	strtab := []byte{0}
	str := func(s string) int {
		off := len(strtab)
		strtab = append(strtab, s+"\x00"...)
		return off
	}
	var dyn, versions []byte
	for _, lib := range e.needed {
		dyn = word(word(dyn, dynamicNeeded), str(lib))
	}
	for i, v := range e.glibc {
		next := uint32(16)
		if i == len(e.glibc)-1 {
			next = 0
		}
		for _, half := range []uint32{0x1234, 0, uint32(str(v)), next} {
			versions = e.order.AppendUint32(versions, half)
		}
	}
	from := e.from
	if from == "" {
		from = "libc.so.6"
	}
	head := e.order.AppendUint16(e.order.AppendUint16(nil, 1), uint16(len(e.glibc)))
	for _, v := range []uint32{uint32(str(from)), 16, 0} {
		head = e.order.AppendUint32(head, v)
	}
	verOff, _ := put(append(head, versions...))
	strOff, _ := put(strtab)
	dyn = word(word(dyn, dynamicStrings), base+strOff)
	if len(e.glibc) > 0 {
		dyn = word(word(dyn, dynamicVersionNeed), base+verOff)
		dyn = word(word(dyn, dynamicVersionNo), 1)
	}
	dynOff, dynSize := put(word(word(dyn, 0), 0))
	interpOff, interpSize := put([]byte(e.interp + "\x00"))
	var note []byte
	for _, v := range []uint32{8, 4, 1} {
		note = e.order.AppendUint32(note, v)
	}
	note = e.order.AppendUint32(append(note, "Android\x00"...), e.android)
	noteOff, noteSize := put(note)

	out := append([]byte("\x7fELF"), 1, 1, 1, e.abi, 0, 0, 0, 0, 0, 0, 0, 0)
	if e.wide {
		out[4] = 2
	}
	if e.order == binary.AppendByteOrder(binary.BigEndian) {
		out[5] = 2
	}
	out = e.order.AppendUint16(e.order.AppendUint16(out, e.kind), e.machine)
	out = e.order.AppendUint32(out, 1)
	out = word(word(word(out, 0), headSize), 0)
	out = e.order.AppendUint32(out, e.flags)
	for _, v := range []int{headSize, phSize, 4, 0, 0, 0} {
		out = e.order.AppendUint16(out, uint16(v))
	}
	segment := func(kind, off, size int) {
		out = e.order.AppendUint32(out, uint32(kind))
		if e.wide {
			out = e.order.AppendUint32(out, 0)
		}
		out = word(word(word(word(word(out, off), base+off), base+off), size), size)
		if !e.wide {
			out = e.order.AppendUint32(out, 0)
		}
		out = word(out, 8)
	}
	segment(segmentLoad, 0, at+len(body))
	segment(segmentDynamic, dynOff, dynSize)
	if e.interp == "" {
		interpSize = 0
	}
	segment(segmentInterp, interpOff, interpSize)
	if e.android == 0 {
		noteSize = 0
	}
	segment(segmentNote, noteOff, noteSize)
	return append(out, body...)
}

// machO is a thin Mach-O library with one command that names its system.
func machO(cpu, subtype, kind uint32, command ...uint32) []byte {
	var commands []byte
	for _, v := range append([]uint32{command[0], uint32(8 + 4*len(command[1:]))}, command[1:]...) {
		commands = le.AppendUint32(commands, v)
	}
	lib := "/usr/lib/libSystem.B.dylib\x00\x00"
	for _, v := range []uint32{loadDylib, uint32(24 + len(lib)), 24, 0, 0, 0} {
		commands = le.AppendUint32(commands, v)
	}
	commands = append(commands, lib...)
	var out []byte
	for _, v := range []uint32{0xfeedfacf, cpu, subtype, kind, 2, uint32(len(commands)), 0, 0} {
		out = le.AppendUint32(out, v)
	}
	return append(out, commands...)
}

// fat joins slices, each given its cpu type.
func fat(cpus []uint32, slices ...[]byte) []byte {
	be := binary.BigEndian
	out := be.AppendUint32(be.AppendUint32(nil, fatMagic), uint32(len(slices)))
	off := 8 + 20*len(slices)
	for i, s := range slices {
		for _, v := range []uint32{cpus[i], 0, uint32(off), uint32(len(s)), 0} {
			out = be.AppendUint32(out, v)
		}
		off += len(s)
	}
	return append(out, bytes.Join(slices, nil)...)
}

// pe is a PE file with one section, which holds an import of lib and, if
// managed, a CLR header.
func pe(machine, characteristics uint16, lib string, managed bool) []byte {
	const sectionAddr, sectionOff = 0x1000, 0x400
	out := make([]byte, sectionOff)
	copy(out, "MZ")
	le.PutUint32(out[60:], 128)
	copy(out[128:], "PE\x00\x00")
	coff := out[132:]
	le.PutUint16(coff, machine)
	le.PutUint16(coff[2:], 1)
	le.PutUint16(coff[16:], 240)
	le.PutUint16(coff[18:], characteristics)
	optional := coff[20:]
	le.PutUint16(optional, 0x20b)
	le.PutUint32(optional[108:], 16)
	le.PutUint32(optional[112+8*peDirImport:], sectionAddr)
	if managed {
		le.PutUint32(optional[112+8*peDirCLR:], sectionAddr+0x80)
	}
	section := optional[240:]
	le.PutUint32(section[8:], 0x200)
	le.PutUint32(section[12:], sectionAddr)
	le.PutUint32(section[16:], 0x200)
	le.PutUint32(section[20:], sectionOff)
	body := make([]byte, 0x200)
	le.PutUint32(body[12:], sectionAddr+0x40)
	copy(body[0x40:], lib)
	le.PutUint32(body[0x80+16:], clrILOnly)
	return append(out, body...)
}

// ar is an archive of the members given as name, content, name, content…
func ar(members ...string) []byte {
	out := "!<arch>\n"
	for i := 0; i < len(members); i += 2 {
		out += fmt.Sprintf("%-16s%-12d%-6d%-6d%-8d%-10d`\n", members[i], 0, 0, 0, 0o644, len(members[i+1])) + members[i+1]
		if len(members[i+1])%2 == 1 {
			out += "\n"
		}
	}
	return []byte(out)
}

func dylink(needed string) []byte {
	sub := "\x02" + string(rune(2+len(needed))) + "\x01" + string(rune(len(needed))) + needed
	payload := "\x08dylink.0" + sub
	return []byte("\x00asm\x01\x00\x00\x00\x00" + string(rune(len(payload))) + payload)
}

var little, big = binary.LittleEndian, binary.BigEndian

func TestInspect(t *testing.T) {
	cases := []struct {
		path string
		data []byte
		want Native
	}{
		{"m.so", elfSpec{order: little, wide: true, machine: 62, kind: elfShared,
			needed: []string{"libm.so.6", "libc.so.6"}, glibc: []string{"GLIBC_2.4", "GLIBC_2.28", "GLIBC_2.9", "GLIBC_PRIVATE"}}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSLinux, Machines: []string{"x86_64"},
				Needed: []string{"libm.so.6", "libc.so.6"}, Libc: "glibc", GlibcNeed: "2.28"}},
		{"big.so", elfSpec{order: big, wide: true, machine: 22, kind: elfShared, needed: []string{"libc.so.6"}, glibc: []string{"GLIBC_2.17"}}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSLinux, Machines: []string{"s390x"}, Needed: []string{"libc.so.6"}, Libc: "glibc", GlibcNeed: "2.17"}},
		{"arm.so", elfSpec{order: little, machine: 40, kind: elfShared, flags: armFloatHard | 0x5000000, needed: []string{"libc.so.6"}, glibc: []string{"GLIBC_2.4"}}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSLinux, Machines: []string{"arm"}, Needed: []string{"libc.so.6"}, Libc: "glibc", GlibcNeed: "2.4", FloatABI: "hard"}},
		{"musl.so", elfSpec{order: little, wide: true, machine: 183, kind: elfShared, needed: []string{"libc.musl-aarch64.so.1"}}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSLinux, Machines: []string{"aarch64"}, Needed: []string{"libc.musl-aarch64.so.1"}, Libc: "musl"}},
		{"libstdc++.so.6", elfSpec{order: little, wide: true, machine: 183, kind: elfShared, needed: []string{"libc.musl-aarch64.so.1", "libgcc_s-2d945d6c.so.1"},
			glibc: []string{"GLIBC_2.0"}, from: "libgcc_s-2d945d6c.so.1"}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSLinux, Machines: []string{"aarch64"}, Needed: []string{"libc.musl-aarch64.so.1", "libgcc_s-2d945d6c.so.1"}, Libc: "musl"}},
		{"musl", elfSpec{order: little, wide: true, machine: 243, kind: elfShared, interp: "/lib/ld-musl-riscv64.so.1"}.bytes(),
			Native{Format: FormatELF, Kind: KindExecutable, OS: OSLinux, Machines: []string{"riscv64"}, Interp: "/lib/ld-musl-riscv64.so.1", Libc: "musl"}},
		{"android.so", elfSpec{order: little, wide: true, machine: 183, kind: elfShared, needed: []string{"libc.so"}, android: 24}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSAndroid, Machines: []string{"aarch64"}, Needed: []string{"libc.so"}, Libc: "bionic", AndroidAPI: 24}},
		{"bare.so", elfSpec{order: little, wide: true, machine: 62, kind: elfShared}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, Machines: []string{"x86_64"}}},
		{"bsd.so", elfSpec{order: little, wide: true, machine: 62, kind: elfShared, abi: 9}.bytes(),
			Native{Format: FormatELF, Kind: KindLibrary, OS: OSOther, Machines: []string{"x86_64"}}},
		{"kernel.cubin", elfSpec{order: little, wide: true, machine: 190, kind: elfExecutable, abi: 0x33}.bytes(),
			Native{Format: FormatELF, Kind: KindExecutable, OS: OSOther, Machines: []string{"cuda"}}},
		{"m.o", elfSpec{order: little, wide: true, machine: 21, kind: elfRelocatable}.bytes(),
			Native{Format: FormatELF, Kind: KindObject, Machines: []string{"ppc64le"}}},
		{"ios.so", machO(0x0100000c, 0, machBundle, buildVersion, 2, 13<<16, 17<<16|2<<8, 0),
			Native{Format: FormatMachO, Kind: KindLibrary, OS: OSIOS, Machines: []string{"aarch64"}, Needed: []string{"/usr/lib/libSystem.B.dylib"},
				Slices: []Slice{{"aarch64", OSIOS, "13.0", "17.2"}}}},
		{"sim.so", machO(0x01000007, 3, machDylib, minIOS, 12<<16, 16<<16|4<<8|1),
			Native{Format: FormatMachO, Kind: KindLibrary, OS: OSIOSSimulator, Machines: []string{"x86_64"}, Needed: []string{"/usr/lib/libSystem.B.dylib"},
				Slices: []Slice{{"x86_64", OSIOSSimulator, "12.0", "16.4.1"}}}},
		{"universal2.so", fat([]uint32{0x01000007, 0x0100000c},
			machO(0x01000007, 3, machBundle, minMacOS, 10<<16|9<<8, 14<<16), machO(0x0100000c, 2, machBundle, buildVersion, 1, 11<<16, 14<<16, 0)),
			Native{Format: FormatMachO, Kind: KindLibrary, OS: OSMacOS, Machines: []string{"x86_64", "arm64e"}, Needed: []string{"/usr/lib/libSystem.B.dylib"},
				Slices: []Slice{{"x86_64", OSMacOS, "10.9", "14.0"}, {"arm64e", OSMacOS, "11.0", "14.0"}}}},
		{"mixed.a", fat([]uint32{0x01000007, 0x0100000c}, ar("x.o", string(machO(0x01000007, 3, machObject, minMacOS, 10<<16, 0))), ar("#1/8", "__.SYMDEF")),
			Native{Format: FormatMachO, Kind: KindObject, Machines: []string{"x86_64", "aarch64"}, Slices: []Slice{{"x86_64", OSMacOS, "10.0", ""}, {Machine: "aarch64"}}}},
		{"m.pyd", pe(0x8664, peIsDLL, "python313.dll", false),
			Native{Format: FormatPE, Kind: KindLibrary, OS: OSWindows, Machines: []string{"x86_64"}, Needed: []string{"python313.dll"}}},
		{"t64-arm.exe", pe(0xaa64, 2, "KERNEL32.dll", false),
			Native{Format: FormatPE, Kind: KindExecutable, OS: OSWindows, Machines: []string{"aarch64"}, Needed: []string{"KERNEL32.dll"}}},
		{"Managed.dll", pe(0x14c, peIsDLL, "mscoree.dll", true),
			Native{Format: FormatPE, Kind: KindLibrary, Machines: []string{MachineCIL}, Needed: []string{"mscoree.dll"}}},
		{"m.obj", append(le.AppendUint16(le.AppendUint16(nil, 0x8664), 3), make([]byte, 16)...),
			Native{Format: FormatPE, Kind: KindObject, OS: OSWindows, Machines: []string{"x86_64"}}},
		{"m.lib", ar("/", "\x00\x00\x00\x00", "x.dll/", "\x00\x00\xff\xff\x00\x00\x64\xaa............"),
			Native{Format: FormatImportLibrary, Kind: KindObject, OS: OSWindows, Machines: []string{"aarch64"}}},
		{"libm.a", ar("/", "\x00\x00\x00\x00", "x.o/", string(elfSpec{order: little, wide: true, machine: 258, kind: elfRelocatable}.bytes())),
			Native{Format: FormatArchive, Kind: KindObject, Machines: []string{"loongarch64"}}},
		{"m.so", dylink("libfoo.so"),
			Native{Format: FormatWasm, Kind: KindLibrary, OS: OSEmscripten, Machines: []string{"wasm32"}, Needed: []string{"libfoo.so"}}},
		{"app.wasm", []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00"),
			Native{Format: FormatWasm, Kind: KindExecutable, Machines: []string{"wasm32"}}},
	}
	for _, c := range cases {
		got, err := Inspect(c.path, bytes.NewReader(c.data), int64(len(c.data)))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		c.want.Path = c.path
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.path, diff)
		}
		// Whatever is missing, what remains is described or refused.
		for n := range c.data {
			if got, err := Inspect(c.path, bytes.NewReader(c.data[:n]), int64(n)); err == nil && got.Format != c.want.Format {
				t.Errorf("%s, first %d bytes: %+v", c.path, n, got)
			}
		}
	}
}

func TestInspectOwnBinary(t *testing.T) {
	formats := map[string]Format{"linux": FormatELF, "darwin": FormatMachO, "windows": FormatPE}
	machines := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "riscv64": "riscv64", "ppc64le": "ppc64le", "s390x": "s390x", "loong64": "loongarch64"}
	if formats[runtime.GOOS] == "" || machines[runtime.GOARCH] == "" {
		t.Skipf("no expectation for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	n, err := Inspect("self", f, info.Size())
	if err != nil || n.Format != formats[runtime.GOOS] || len(n.Machines) != 1 || n.Machines[0] != machines[runtime.GOARCH] || n.Problem != "" {
		t.Errorf("got %+v, %v", n, err)
	}
}

func TestSniffLeavesOthersAlone(t *testing.T) {
	for path, head := range map[string]string{
		"A.class":      "\xca\xfe\xba\xbe\x00\x00\x00\x34....",
		"text.so":      "INPUT(libfoo.so.1)",
		"model.lib":    "* a SPICE model library",
		"mesh.obj":     "v 1.0 2.0 3.0\nv 2.0 1.0 0.0\n",
		"MZ.txt":       "MZ is how this text begins" + strings.Repeat(".", 64),
		"package.deb":  "!<arch>\ndebian-binary   1410122664  0     0     100644  4         `\n2.0\n",
		"empty.so":     "",
		"short":        "\x7fELF",
		"script":       "#!/usr/bin/env python3\n",
		"m.py":         "import ctypes\n",
		"archive.zip":  "PK\x03\x04\x14\x00\x00\x00",
		"bitcode.text": "BC is no header",
	} {
		if format, ok := Sniff(path, []byte(head)); ok {
			t.Errorf("%s: %s", path, format)
		}
	}
}

// faulty fails after some reads.
type faulty struct {
	r    *bytes.Reader
	left int
}

var errDisk = errors.New("disk on fire")

func (f *faulty) ReadAt(b []byte, off int64) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errDisk
	}
	return f.r.ReadAt(b, off)
}

func TestInspectReportsFaultsOfTheReader(t *testing.T) {
	data := elfSpec{order: little, wide: true, machine: 62, kind: elfShared, needed: []string{"libc.so.6"}, glibc: []string{"GLIBC_2.4"}}.bytes()
	for left := range 4 {
		if _, err := Inspect("m.so", &faulty{bytes.NewReader(data), left}, int64(len(data))); !errors.Is(err, errDisk) {
			t.Errorf("after %d reads: %v", left, err)
		}
	}
}
