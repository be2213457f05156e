package host

import (
	"bytes"
	"encoding/binary"
)

// elfSpec is an ELF file of headers only, as interpreters, C libraries and
// loaders have them.
type elfSpec struct {
	order   binary.AppendByteOrder
	wide    bool
	machine uint16
	flags   uint32
	interp  string
	needed  []string
	need    []string // versions needed of libc.so.6
	defined []string // versions defined
	text    string   // what else is among its strings
}

const (
	elf386, elfPPC64, elfS390X, elfARM, elfX8664, elfAArch64, elfRISCV = 3, 21, 22, 40, 62, 183, 243

	armHardFloat = 0x05000400
)

// interpreter is that of a Linux with glibc.
func interpreter(machine uint16, loader string, need ...string) elfSpec {
	spec := elfSpec{
		order: binary.LittleEndian, wide: machine != elf386 && machine != elfARM, machine: machine,
		interp: loader, needed: []string{"libm.so.6", "libc.so.6"}, need: need,
	}
	if machine == elfS390X {
		spec.order = binary.BigEndian
	}
	if machine == elfARM {
		spec.flags = armHardFloat
	}
	return spec
}

// with puts a string among those of the file.
func (e elfSpec) with(text string) elfSpec {
	e.text = text
	return e
}

// glibc is a libc.so.6 that defines versions.
func glibc(machine uint16, defined ...string) string {
	spec := interpreter(machine, "")
	spec.needed, spec.defined = []string{"ld-linux.so.2"}, defined
	return spec.String()
}

// String lays the file out as one loaded segment at address 0x10000.
func (e elfSpec) String() string {
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
	var body []byte
	at := headSize + 3*phSize
	put := func(b []byte) (off, size int) {
		for len(body)%8 != 0 {
			body = append(body, 0)
		}
		off = at + len(body)
		body = append(body, b...)
		return off, len(b)
	}
	strings := []byte{0}
	str := func(s string) uint32 {
		off := len(strings)
		strings = append(strings, s+"\x00"...)
		return uint32(off)
	}
	var dyn, needs, defs []byte
	for _, lib := range e.needed {
		dyn = word(word(dyn, 1), int(str(lib)))
	}
	if len(e.need) > 0 {
		needs = e.order.AppendUint16(needs, 1)
		needs = e.order.AppendUint16(needs, uint16(len(e.need)))
		needs = e.order.AppendUint32(needs, str("libc.so.6"))
		needs = e.order.AppendUint32(needs, 16)
		needs = e.order.AppendUint32(needs, 0)
		for i, v := range e.need {
			needs = append(needs, make([]byte, 8)...)
			needs = e.order.AppendUint32(needs, str(v))
			next := uint32(16)
			if i == len(e.need)-1 {
				next = 0
			}
			needs = e.order.AppendUint32(needs, next)
		}
	}
	for i, v := range e.defined {
		for _, n := range []uint16{1, 0, uint16(i + 1), 1} {
			defs = e.order.AppendUint16(defs, n)
		}
		next := uint32(28)
		if i == len(e.defined)-1 {
			next = 0
		}
		for _, n := range []uint32{0, 20, next, str(v), 0} {
			defs = e.order.AppendUint32(defs, n)
		}
	}
	if e.text != "" {
		put([]byte("\x00" + e.text + "\x00"))
	}
	interpAt, interpSize := put([]byte(e.interp + "\x00"))
	needsAt, _ := put(needs)
	defsAt, _ := put(defs)
	stringsAt, _ := put(strings)
	dyn = word(word(dyn, 5), base+stringsAt)
	if needs != nil {
		dyn = word(word(dyn, 0x6ffffffe), base+needsAt)
		dyn = word(word(dyn, 0x6fffffff), 1)
	}
	if defs != nil {
		dyn = word(word(dyn, 0x6ffffffc), base+defsAt)
		dyn = word(word(dyn, 0x6ffffffd), len(e.defined))
	}
	dyn = word(word(dyn, 0), 0)
	dynAt, dynSize := put(dyn)

	class, data := byte(1), byte(1)
	if e.wide {
		class = 2
	}
	if e.order == binary.AppendByteOrder(binary.BigEndian) {
		data = 2
	}
	head := append([]byte{0x7f, 'E', 'L', 'F', class, data, 1, 0}, make([]byte, 8)...)
	head = e.order.AppendUint16(head, 2)
	head = e.order.AppendUint16(head, e.machine)
	head = e.order.AppendUint32(head, 1)
	head = word(word(word(head, 0), headSize), 0)
	head = e.order.AppendUint32(head, e.flags)
	for _, n := range []int{headSize, phSize, 3, 0, 0, 0} {
		head = e.order.AppendUint16(head, uint16(n))
	}
	program := func(kind uint32, off, size int) {
		head = e.order.AppendUint32(head, kind)
		if e.wide {
			head = e.order.AppendUint32(head, 4)
		}
		for _, v := range []int{off, base + off, base + off, size, size} {
			head = word(head, v)
		}
		if !e.wide {
			head = e.order.AppendUint32(head, 4)
		}
		head = word(head, 8)
	}
	program(1, 0, at+len(body))
	program(2, dynAt, dynSize)
	if e.interp == "" {
		program(0, 0, 0)
	} else {
		program(3, interpAt, interpSize)
	}
	return string(bytes.Join([][]byte{head, body}, nil))
}

// peHeader is a program of Windows of which there is no more than the headers.
func peHeader(machine uint16) string {
	b := make([]byte, 1024)
	copy(b, "MZ")
	b[0x3c] = 0x80
	copy(b[0x80:], "PE\x00\x00")
	binary.LittleEndian.PutUint16(b[0x84:], machine)
	binary.LittleEndian.PutUint16(b[0x94:], 240) // optional header
	binary.LittleEndian.PutUint16(b[0x96:], 0x22)
	binary.LittleEndian.PutUint16(b[0x98:], 0x20b)
	return string(b)
}
