package wheel

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Mach-O, as <mach-o/loader.h> and <mach-o/fat.h> have it.

const (
	fatMagic   = 0xcafebabe
	fatMagic64 = 0xcafebabf
	maxSlices  = 32

	maxCommands     = 10_000
	maxCommandBytes = 1 << 20

	machObject, machExecute, machDylib, machBundle = 1, 2, 6, 8

	loadDylib, loadWeakDylib, loadReexportDylib, loadLazyDylib, loadUpwardDylib = 0xc, 0x80000018, 0x8000001f, 0x20, 0x80000023

	minMacOS, minIOS, minTVOS, minWatchOS, buildVersion = 0x24, 0x25, 0x2f, 0x30, 0x32
)

func (s *source) machO(n *Native) {
	head := s.at(0, 8)
	if head == nil {
		n.problem("cut short")
		return
	}
	entry := 0
	switch binary.BigEndian.Uint32(head) {
	case fatMagic:
		entry = 20
	case fatMagic64:
		entry = 32
	default:
		s.machOSlice(n)
		n.machOSystem()
		return
	}
	table := s.at(8, entry*int(binary.BigEndian.Uint32(head[4:])))
	if table == nil {
		n.problem("a table of slices that is cut short")
		return
	}
	for ; len(table) > 0; table = table[entry:] {
		off, size := int64(binary.BigEndian.Uint32(table[8:])), int64(binary.BigEndian.Uint32(table[12:]))
		if entry == 32 {
			off, size = int64(binary.BigEndian.Uint64(table[8:])), int64(binary.BigEndian.Uint64(table[16:]))
		}
		part := s.sub(off, size)
		before := len(n.Slices)
		switch head := part.at(0, 8); {
		case bytes.HasPrefix(head, []byte("!<arch>\n")): // a universal static library
			part.archive(n)
		case head != nil && isMachO(binary.BigEndian.Uint32(head)):
			part.machOSlice(n)
		default:
			n.problem("a slice that is no Mach-O file")
		}
		if part.err != nil {
			s.err = part.err
			return
		}
		if len(n.Slices) == before {
			machine := machMachine(binary.BigEndian.Uint32(table), binary.BigEndian.Uint32(table[4:]))
			n.machine(machine)
			n.Slices = append(n.Slices, Slice{Machine: machine})
		}
	}
	n.machOSystem()
}

func isMachO(magic uint32) bool {
	return magic == 0xfeedface || magic == 0xfeedfacf || magic == 0xcefaedfe || magic == 0xcffaedfe
}

// machOSystem concludes the file's system if all slices are for the same.
func (n *Native) machOSystem() {
	for i, slice := range n.Slices {
		if i == 0 {
			n.OS = slice.OS
		} else if slice.OS != n.OS {
			n.OS = ""
			return
		}
	}
}

// machOSlice reads one thin file.
func (s *source) machOSlice(n *Native) {
	head := s.at(0, 28)
	if head == nil {
		n.problem("cut short")
		return
	}
	var order binary.ByteOrder = binary.LittleEndian
	magic := order.Uint32(head)
	if magic != 0xfeedface && magic != 0xfeedfacf {
		order = binary.BigEndian
		magic = order.Uint32(head)
	}
	commands := int64(28)
	if magic == 0xfeedfacf {
		commands = 32
	}
	slice := Slice{Machine: machMachine(order.Uint32(head[4:]), order.Uint32(head[8:]))}
	switch order.Uint32(head[12:]) {
	case machObject:
		n.Kind = KindObject
	case machExecute:
		n.Kind = KindExecutable
	case machDylib, machBundle:
		n.Kind = KindLibrary
	}
	count, size := order.Uint32(head[16:]), order.Uint32(head[20:])
	table := s.upTo(commands, int(min(size, maxCommandBytes)))
	if int64(len(table)) < int64(size) || count > maxCommands {
		n.problem("load commands that are cut short")
	}
	for ; count > 0 && len(table) >= 8; count-- {
		length := order.Uint32(table[4:])
		if length < 8 || int64(length) > int64(len(table)) {
			n.problem("load commands that are cut short")
			break
		}
		slice.command(n, order, table[:length])
		table = table[length:]
	}
	n.machine(slice.Machine)
	n.Slices = append(n.Slices, slice)
}

// command reads one load command.
func (slice *Slice) command(n *Native, order binary.ByteOrder, b []byte) {
	word := func(at int) uint32 {
		if at+4 > len(b) {
			return 0
		}
		return order.Uint32(b[at:])
	}
	switch kind := word(0); kind {
	case buildVersion:
		slice.OS, slice.MinOS, slice.SDK = machPlatform(word(8)), machVersion(word(12)), machVersion(word(16))
	case minMacOS, minIOS, minTVOS, minWatchOS:
		slice.MinOS, slice.SDK = machVersion(word(8)), machVersion(word(12))
		switch {
		case kind == minMacOS:
			slice.OS = OSMacOS
		case kind != minIOS:
			slice.OS = OSOther
		case slice.Machine == "x86_64" || slice.Machine == "i686":
			slice.OS = OSIOSSimulator // no device has such a processor
		default:
			slice.OS = OSIOS
		}
	case loadDylib, loadWeakDylib, loadReexportDylib, loadLazyDylib, loadUpwardDylib:
		if at := int64(word(8)); at >= 8 && at < int64(len(b)) {
			name, _, _ := bytes.Cut(b[at:], []byte{0})
			n.need(string(name[:min(len(name), maxString)]))
		}
	}
}

func machPlatform(platform uint32) string {
	switch platform {
	case 1:
		return OSMacOS
	case 2:
		return OSIOS
	case 7:
		return OSIOSSimulator
	}
	return OSOther
}

// machVersion formats a version packed as xxxx.yy.zz; a zero patch is left out.
func machVersion(v uint32) string {
	if v == 0 {
		return ""
	}
	s := fmt.Sprintf("%d.%d", v>>16, v>>8&0xff)
	if patch := v & 0xff; patch != 0 {
		s += fmt.Sprintf(".%d", patch)
	}
	return s
}

func machMachine(cpu, subtype uint32) string {
	switch cpu {
	case 7:
		return "i686"
	case 0x01000007:
		return "x86_64"
	case 12:
		return "arm"
	case 0x0100000c:
		if subtype&0xff == 2 {
			return "arm64e"
		}
		return "aarch64"
	case 0x0200000c:
		return "arm64_32"
	case 18:
		return "ppc"
	case 0x01000012:
		return "ppc64"
	}
	return fmt.Sprintf("mach-%d", cpu)
}
