package wheel

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// ELF, as the System V ABI (gABI) and the GNU and Android extensions to it have
// it: program headers lead to the interpreter, the notes and the dynamic
// section; that leads to the needed libraries and symbol versions.

const (
	maxSegments    = 256
	maxDynamic     = 4096
	maxVersionInfo = 256 << 10
	maxNotes       = 64 << 10

	elfRelocatable, elfExecutable, elfShared = 1, 2, 3

	segmentLoad, segmentDynamic, segmentInterp, segmentNote = 1, 2, 3, 4

	dynamicNeeded, dynamicStrings        = 1, 5
	dynamicFlags1                        = 0x6ffffffb
	dynamicVersionNeed, dynamicVersionNo = 0x6ffffffe, 0x6fffffff
	flag1PIE                             = 0x08000000

	elfABILinux = 3

	armFloatSoft, armFloatHard = 0x200, 0x400
)

// elfFile is an ELF file as far as it has been read.
type elfFile struct {
	*source
	order  binary.ByteOrder
	wide   bool // 64-bit
	loads  []elfSegment
	notes  []elfSegment
	dyn    elfSegment
	interp elfSegment
}

type elfSegment struct{ off, addr, size int64 }

func (s *source) elf(n *Native) {
	head := s.at(0, 52)
	if head == nil {
		n.problem("cut short")
		return
	}
	f := elfFile{source: s, order: binary.LittleEndian, wide: head[4] == 2}
	if head[5] == 2 {
		f.order = binary.BigEndian
	}
	kind, flagsAt := f.order.Uint16(head[16:]), 36
	if f.wide {
		if head = s.at(0, 64); head == nil {
			n.problem("cut short")
			return
		}
		flagsAt = 48
	}
	machine := f.order.Uint16(head[18:])
	n.machine(elfMachine(machine, f.wide, f.order == binary.BigEndian))
	if flags := f.order.Uint32(head[flagsAt:]); machine == 40 {
		switch {
		case flags&armFloatHard != 0:
			n.FloatABI = "hard"
		case flags&armFloatSoft != 0:
			n.FloatABI = "soft"
		}
	}
	switch kind {
	case elfRelocatable:
		n.Kind = KindObject
	case elfExecutable:
		n.Kind = KindExecutable
	case elfShared:
		n.Kind = KindLibrary
	}
	f.readSegments(n, head)
	if f.interp.size > 0 {
		n.Interp = s.string(f.interp.off)
		if kind == elfShared {
			n.Kind = KindExecutable // position-independent
		}
	}
	for _, note := range f.notes {
		f.readNotes(n, note)
	}
	f.readDynamic(n)
	n.elfSystem(head[7])
}

// elfSystem concludes which system a file is for. ELF has a field for it that
// hardly anybody sets, so what the file is linked to has to tell.
func (n *Native) elfSystem(abi byte) {
	interp := n.Interp[strings.LastIndexByte(n.Interp, '/')+1:]
	for _, lib := range n.Needed {
		switch {
		case strings.HasPrefix(lib, "libc.musl-") || strings.HasPrefix(lib, "ld-musl-"):
			n.Libc = "musl"
		case lib == "libc.so.6" || strings.HasPrefix(lib, "ld-linux"):
			n.Libc = "glibc"
		}
	}
	switch {
	case n.AndroidAPI > 0 || interp == "linker" || interp == "linker64":
		n.OS, n.Libc = OSAndroid, "bionic"
	case strings.HasPrefix(interp, "ld-musl-"):
		n.OS, n.Libc = OSLinux, "musl"
	case n.GlibcNeed != "" || strings.HasPrefix(interp, "ld-linux") || n.Libc == "glibc":
		n.OS, n.Libc = OSLinux, "glibc"
	case n.Libc != "" || abi == elfABILinux:
		n.OS = OSLinux
	case abi != 0 && abi < 64: // above are ABIs of a processor, not of a system
		n.OS = OSOther
	}
}

func (f *elfFile) readSegments(n *Native, head []byte) {
	off, size, count := int64(f.order.Uint32(head[28:])), int(f.order.Uint16(head[42:])), int(f.order.Uint16(head[44:]))
	want := 32
	if f.wide {
		off, size, count = int64(f.order.Uint64(head[32:])), int(f.order.Uint16(head[54:])), int(f.order.Uint16(head[56:]))
		want = 56
	}
	if count == 0 {
		return
	}
	if size != want || count > maxSegments {
		n.problem("program headers of an unknown form")
		return
	}
	table := f.at(off, size*count)
	if table == nil {
		n.problem("program headers outside of the file")
		return
	}
	for ; len(table) > 0; table = table[size:] {
		var seg elfSegment
		if f.wide {
			seg = elfSegment{int64(f.order.Uint64(table[8:])), int64(f.order.Uint64(table[16:])), int64(f.order.Uint64(table[32:]))}
		} else {
			seg = elfSegment{int64(f.order.Uint32(table[4:])), int64(f.order.Uint32(table[8:])), int64(f.order.Uint32(table[16:]))}
		}
		switch f.order.Uint32(table) {
		case segmentLoad:
			f.loads = append(f.loads, seg)
		case segmentDynamic:
			f.dyn = seg
		case segmentInterp:
			f.interp = seg
		case segmentNote:
			f.notes = append(f.notes, seg)
		}
	}
}

// readNotes looks for the note that the NDK puts into everything it links: name
// "Android", type 1, the API level first.
func (f *elfFile) readNotes(n *Native, seg elfSegment) {
	b := f.upTo(seg.off, int(max(0, min(seg.size, maxNotes))))
	for len(b) >= 12 {
		nameLen, descLen, kind := int64(f.order.Uint32(b)), int64(f.order.Uint32(b[4:])), f.order.Uint32(b[8:])
		descAt := 12 + (nameLen+3)&^3
		next := descAt + (descLen+3)&^3
		if next > int64(len(b)) {
			return
		}
		if kind == 1 && descLen >= 4 && string(b[12:12+nameLen]) == "Android\x00" {
			if api := f.order.Uint32(b[descAt:]); api < 10_000 {
				n.AndroidAPI = int(api)
			}
		}
		b = b[next:]
	}
}

func (f *elfFile) readDynamic(n *Native) {
	entry := int64(8)
	if f.wide {
		entry = 16
	}
	if f.dyn.size <= 0 {
		return
	}
	table := f.upTo(f.dyn.off, int(min(f.dyn.size, maxDynamic*entry)/entry*entry))
	if table == nil {
		n.problem("a dynamic section outside of the file")
		return
	}
	var needed []int64
	var strtab, versions, versionCount int64
scan:
	for ; int64(len(table)) >= entry; table = table[entry:] {
		tag, value := f.word(table, 0), f.word(table, 1)
		switch tag {
		case 0:
			break scan
		case dynamicNeeded:
			if len(needed) < maxNeeded {
				needed = append(needed, value)
			}
		case dynamicStrings:
			strtab = value
		case dynamicVersionNeed:
			versions = value
		case dynamicVersionNo:
			versionCount = value
		case dynamicFlags1:
			if value&flag1PIE != 0 {
				n.Kind = KindExecutable
			}
		}
	}
	names, ok := f.offset(strtab)
	if !ok && (len(needed) > 0 || versions != 0) {
		n.problem("a string table outside of the file")
		return
	}
	for _, at := range needed {
		n.need(f.stringAt(names, at))
	}
	if at, ok := f.offset(versions); ok && versions != 0 {
		f.readVersions(n, at, versionCount, names)
	}
}

// readVersions walks the symbol versions needed (Linux Standard Base, symbol
// versioning) and keeps the newest of glibc's.
func (f *elfFile) readVersions(n *Native, at, count, names int64) {
	b := f.upTo(at, maxVersionInfo)
	budget := maxDynamic // of entries, whichever way the offsets lead
	for pos := int64(0); count > 0 && budget > 0 && pos >= 0 && pos+16 <= int64(len(b)); count-- {
		left := f.order.Uint16(b[pos+2:])
		if strings.HasPrefix(f.stringAt(names, int64(f.order.Uint32(b[pos+4:]))), "libgcc_s") {
			left = 0 // it calls some symbols of its own GLIBC_2.0, on musl, too
		}
		aux := pos + int64(f.order.Uint32(b[pos+8:]))
		for ; left > 0 && budget > 0 && aux+16 <= int64(len(b)); left-- {
			budget--
			n.glibc(f.stringAt(names, int64(f.order.Uint32(b[aux+8:]))))
			next := int64(f.order.Uint32(b[aux+12:]))
			if next == 0 {
				break
			}
			aux += next
		}
		next := int64(f.order.Uint32(b[pos+12:]))
		if next == 0 {
			return
		}
		pos += next
		budget--
	}
}

// glibc notes a needed symbol version if it is a newer one of glibc.
func (n *Native) glibc(version string) {
	v, ok := strings.CutPrefix(version, "GLIBC_")
	if !ok || v == "" || !isDigit(v[0]) || len(v) > 16 {
		return // another library's, GLIBC_PRIVATE, GLIBC_ABI_…
	}
	if n.GlibcNeed == "" || compareDotted(v, n.GlibcNeed) > 0 {
		n.GlibcNeed = v
	}
}

// compareDotted compares dotted numbers; what is no number counts as 0.
func compareDotted(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		nx, _ := strconv.Atoi(x)
		ny, _ := strconv.Atoi(y)
		if nx != ny {
			return nx - ny
		}
	}
	return 0
}

// word returns the i-th word of the file's width.
func (f *elfFile) word(b []byte, i int) int64 {
	if f.wide {
		return int64(f.order.Uint64(b[8*i:]))
	}
	return int64(f.order.Uint32(b[4*i:]))
}

// offset turns an address into an offset in the file.
func (f *elfFile) offset(addr int64) (int64, bool) {
	for _, seg := range f.loads {
		if addr >= seg.addr && addr-seg.addr < seg.size && seg.off >= 0 {
			return seg.off + addr - seg.addr, true
		}
	}
	return 0, false
}

func (f *elfFile) stringAt(table, at int64) string {
	if at < 0 || at > f.size {
		return ""
	}
	return f.string(table + at)
}

func elfMachine(machine uint16, wide, big bool) string {
	endian := func(little, bigger string) string {
		if big {
			return bigger
		}
		return little
	}
	switch machine {
	case 3:
		return "i686"
	case 62:
		if !wide {
			return "x32"
		}
		return "x86_64"
	case 40:
		return endian("arm", "armeb")
	case 183:
		return endian("aarch64", "aarch64_be")
	case 20:
		return "ppc"
	case 21:
		return endian("ppc64le", "ppc64")
	case 22:
		if wide {
			return "s390x"
		}
		return "s390"
	case 243:
		if wide {
			return "riscv64"
		}
		return "riscv32"
	case 258:
		if wide {
			return "loongarch64"
		}
		return "loongarch32"
	case 8:
		name := endian("mipsel", "mips")
		if wide {
			name = endian("mips64el", "mips64")
		}
		return name
	case 43:
		return "sparc64"
	case 247:
		return "bpf"
	case 190:
		return "cuda"
	case 224:
		return "amdgpu"
	}
	return fmt.Sprintf("elf-%d", machine)
}
