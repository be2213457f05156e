package wheel

import (
	"encoding/binary"
	"fmt"
)

// PE and COFF, as the PE Format page of the Windows documentation has them.

const (
	peSignature  = 0x4550 // "PE\0\0"
	lenCOFF      = 20
	lenSection   = 40
	maxSections  = 96 // what Windows loads
	maxPEHeaders = 1 << 20

	peIsDLL = 0x2000

	peDirImport, peDirCLR = 1, 14
	clrILOnly             = 1
)

// looksPE checks that an MZ file goes on as PE, as far as head shows.
func looksPE(head []byte) bool {
	if len(head) < 64 {
		return false
	}
	at := le.Uint32(head[60:])
	if at < 4 || at > maxPEHeaders {
		return false
	}
	return int64(at)+4 > int64(len(head)) || le.Uint32(head[at:]) == peSignature
}

// looksCOFF checks that an object file's header makes sense: a known machine,
// sections but no optional header.
func looksCOFF(head []byte) bool {
	if len(head) < lenCOFF {
		return false
	}
	switch le.Uint16(head) {
	case 0x14c, 0x8664, 0xaa64, 0x1c4:
	default:
		return false
	}
	return le.Uint16(head[2:]) > 0 && le.Uint16(head[16:]) == 0
}

// pe reads a PE file, or an object file, which is the same without the headers
// before.
func (s *source) pe(n *Native) {
	n.OS = OSWindows
	head := s.at(0, 64)
	if head == nil || head[0] != 'M' || head[1] != 'Z' {
		if coff := s.at(0, lenCOFF); coff != nil {
			n.Kind = KindObject
			n.machine(peMachine(le.Uint16(coff)))
		}
		return
	}
	at := int64(le.Uint32(head[60:]))
	header := s.at(at, 4+lenCOFF)
	if header == nil || le.Uint32(header) != peSignature {
		*n = Native{} // a DOS program, which no host runs
		return
	}
	coff := header[4:]
	n.machine(peMachine(le.Uint16(coff)))
	n.Kind = KindExecutable
	if le.Uint16(coff[18:])&peIsDLL != 0 {
		n.Kind = KindLibrary
	}
	optional := s.at(at+4+lenCOFF, int(le.Uint16(coff[16:])))
	sections := int(le.Uint16(coff[2:]))
	table := s.at(at+4+lenCOFF+int64(len(optional)), sections*lenSection)
	if optional == nil || table == nil || sections > maxSections {
		n.problem("headers that are cut short")
		return
	}
	image := peImage{s, table}
	if flags := s.at(image.offset(peDirectory(optional, peDirCLR)), 20); flags != nil && le.Uint32(flags[16:])&clrILOnly != 0 {
		n.OS, n.Machines = "", []string{MachineCIL}
	}
	image.imports(n, peDirectory(optional, peDirImport))
}

// peDirectory returns the address of a data directory, 0 if it is not there.
func peDirectory(optional []byte, index int) uint32 {
	base := 0
	if len(optional) >= 2 {
		switch le.Uint16(optional) {
		case 0x10b:
			base = 96
		case 0x20b:
			base = 112
		}
	}
	at := base + 8*index
	if base == 0 || at+8 > len(optional) || uint32(index) >= le.Uint32(optional[base-4:]) {
		return 0
	}
	return le.Uint32(optional[at:])
}

// peImage finds addresses in the file.
type peImage struct {
	*source
	sections []byte
}

// offset turns an address into an offset in the file, -1 if it is not in it.
func (p peImage) offset(addr uint32) int64 {
	if addr == 0 {
		return -1
	}
	for b := p.sections; len(b) >= lenSection; b = b[lenSection:] {
		start, size, raw := le.Uint32(b[12:]), le.Uint32(b[16:]), le.Uint32(b[20:])
		if addr >= start && addr-start < size {
			return int64(raw) + int64(addr-start)
		}
	}
	return -1
}

// imports reads the names of the DLLs that the image is linked to.
func (p peImage) imports(n *Native, addr uint32) {
	at := p.offset(addr)
	if at < 0 {
		return
	}
	for range maxNeeded {
		entry := p.at(at, 20)
		if entry == nil || le.Uint32(entry[12:]) == 0 {
			return
		}
		if name := p.offset(le.Uint32(entry[12:])); name >= 0 {
			n.need(p.string(name))
		}
		at += 20
	}
}

func peMachine(machine uint16) string {
	switch machine {
	case 0x14c:
		return "i686"
	case 0x8664:
		return "x86_64"
	case 0xaa64, 0xa64e: // the latter also holds arm64ec code
		return "aarch64"
	case 0xa641:
		return "arm64ec"
	case 0x1c0, 0x1c2, 0x1c4:
		return "arm"
	case 0x5064:
		return "riscv64"
	case 0x6264:
		return "loongarch64"
	case 0x200:
		return "ia64"
	}
	return fmt.Sprintf("pe-%#x", machine)
}

// importHeader reads the short form of an import library's member.
func (n *Native) importHeader(b []byte) bool {
	if len(b) < 8 || le.Uint16(b) != 0 || le.Uint16(b[2:]) != 0xffff {
		return false
	}
	n.OS = OSWindows
	n.machine(peMachine(binary.LittleEndian.Uint16(b[6:])))
	return true
}
