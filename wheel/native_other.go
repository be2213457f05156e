package wheel

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

const (
	maxArchiveMembers = 256 // looked at before giving up
	maxDylinkSection  = 64 << 10
)

// archive reads an ar archive up to the first member that tells what it is for.
// (The common format, with the GNU and BSD ways of naming members.)
func (s *source) archive(n *Native) {
	n.Kind = KindObject
	off := int64(8)
	for range maxArchiveMembers {
		head := s.at(off, 60)
		if head == nil {
			return
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(head[48:58])), 10, 64)
		if err != nil || size < 0 || string(head[58:]) != "`\n" {
			n.problem("an archive of an unknown form")
			return
		}
		name := strings.TrimSpace(string(head[:16]))
		body := s.sub(off+60, size)
		if length, ok := strings.CutPrefix(name, "#1/"); ok { // BSD: the name stands before the content
			if skip, err := strconv.ParseInt(length, 10, 64); err == nil && skip <= size {
				name = string(bytes.TrimRight(body.upTo(0, int(min(skip, maxString))), "\x00"))
				body = body.sub(skip, size-skip)
			}
		}
		if name != "/" && name != "//" && name != "/SYM64/" && !strings.HasPrefix(name, "__.SYMDEF") && body.object(n) {
			s.err = body.err
			return
		}
		if s.err = body.err; s.err != nil {
			return
		}
		off += 60 + size + size&1
	}
}

// object reads one member of an archive and reports whether it was of use.
func (s *source) object(n *Native) bool {
	head := s.upTo(0, 64)
	if n.importHeader(head) {
		return true
	}
	var found Native
	switch format, ok := Sniff("member.o", head); {
	case !ok:
		return false
	case format == FormatELF:
		s.elf(&found)
	case format == FormatMachO && isMachO(binary.BigEndian.Uint32(head)):
		s.machOSlice(&found)
	case format == FormatPE:
		s.pe(&found)
	case format == FormatWasm:
		s.wasm(&found)
	default:
		return false
	}
	for _, m := range found.Machines {
		n.machine(m)
	}
	n.OS, n.FloatABI = found.OS, found.FloatABI
	n.Slices = append(n.Slices, found.Slices...)
	return true
}

// wasm reads a WebAssembly module. A dylink.0 section, which comes first, marks
// it as a shared library of Emscripten's convention (Tool Conventions, dynamic
// linking); without it, nothing tells where it is to run.
func (s *source) wasm(n *Native) {
	n.machine("wasm32")
	n.Kind = KindExecutable
	section := leb{data: s.upTo(8, 16+maxDylinkSection)}
	if id := section.byte(); id != 0 {
		return
	}
	section = leb{data: section.take(section.number())}
	if string(section.take(section.number())) != "dylink.0" {
		return
	}
	n.Kind, n.OS = KindLibrary, OSEmscripten
	for len(section.data) > 0 {
		kind := section.byte()
		body := leb{data: section.take(section.number())}
		if kind == 2 { // the needed libraries
			for count := body.number(); count > 0 && len(body.data) > 0; count-- {
				name := body.take(body.number())
				n.need(string(name[:min(len(name), maxString)]))
			}
		}
	}
}

// leb reads WebAssembly's encoding; what is missing reads as zero and empty.
type leb struct{ data []byte }

func (l *leb) byte() byte {
	if len(l.data) == 0 {
		return 0
	}
	b := l.data[0]
	l.data = l.data[1:]
	return b
}

// number reads an unsigned LEB128 number of 32 bits.
func (l *leb) number() uint32 {
	var v uint64
	for shift := 0; shift < 35 && len(l.data) > 0; shift += 7 {
		b := l.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	return uint32(min(v, 1<<32-1))
}

// take cuts n bytes off, or what is left.
func (l *leb) take(n uint32) []byte {
	size := min(int64(n), int64(len(l.data)))
	b := l.data[:size]
	l.data = l.data[size:]
	return b
}
