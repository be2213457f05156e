package wheel

import "io"

// ReadMetadata returns METADATA of a wheel of size bytes without reading the
// rest of it, for a reader over HTTP ranges. It reads the end record, the central
// directory, and METADATA with its local header, in at most five calls, which
// mostly lie within the last bytes of the file: a reader that fetched a tail of
// some hundred kilobytes ahead answers all from there. What can be checked in
// these parts is checked as Open does; RECORD and the rest are not.
func ReadMetadata(r io.ReaderAt, size int64, name Filename) ([]byte, error) {
	raw, err := readMetadata(r, size, name)
	if err != nil {
		return nil, blame("reading", name, err)
	}
	return raw, nil
}

func readMetadata(r io.ReaderAt, size int64, name Filename) ([]byte, error) {
	d, err := readDirectory(r, size, Limits{})
	if err != nil {
		return nil, err
	}
	distInfo, err := findDistInfo(d.members, name)
	if err != nil {
		return nil, err
	}
	path := distInfo + "/METADATA"
	var found *member
	next := d.start // where the member after METADATA begins
	for i := range d.members {
		if d.members[i].name != path {
			continue
		}
		if found != nil {
			return nil, invalidf(path, "stands twice in the archive")
		}
		found = &d.members[i]
	}
	if found == nil {
		return nil, invalidf(path, "missing")
	}
	if found.size > MaxMetadata {
		return nil, invalidf(path, "larger than %d bytes", MaxMetadata)
	}
	for i := range d.members {
		if at := d.members[i].header; at > found.header && at < next {
			next = at
		}
	}
	if found.header >= next || next-found.header > found.packed+1<<18 {
		return nil, invalidf(path, "bytes that belong to no member after it, or members that overlap")
	}
	// One read brings the header, the content and whatever describes it.
	span := make([]byte, next-found.header)
	if err := readAt(r, span, found.header); err != nil {
		return nil, err
	}
	part := offsetReader{span, found.header}
	end, err := found.checkLocal(&window{r: part, limit: next}, next)
	if err != nil {
		return nil, err
	}
	if end != next {
		return nil, invalidf(path, "bytes that belong to no member after it")
	}
	raw, err := readMember(part, found)
	if err != nil {
		return nil, err
	}
	_, err = parseMetadataOf(name, distInfo, raw)
	return raw, err
}

// offsetReader serves bytes that stand at some offset of a file.
type offsetReader struct {
	data []byte
	at   int64
}

func (o offsetReader) ReadAt(buf []byte, off int64) (int, error) {
	if off < o.at || off-o.at > int64(len(o.data)) {
		return 0, io.EOF
	}
	n := copy(buf, o.data[off-o.at:])
	if n < len(buf) {
		return n, io.EOF
	}
	return n, nil
}
