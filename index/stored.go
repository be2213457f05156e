package index

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/xpip/xpip/index/simple"
)

// pageRecord is what is kept of an answer beside the parsed page.
type pageRecord struct {
	From       string    // SHA-256 of the URL where it came from in the end; relative links depend on it
	Type       string    // Content-Type
	Encoding   string    // Content-Encoding
	Body       string    // SHA-256 of the body as it came over the wire
	Validators validator // to ask whether it has changed
	Until      time.Time // fresh until then
	Absent     bool      // the server had no such page: what is said offline
}

// cachedPage is a stored page.
type cachedPage struct {
	pageRecord
	page *simple.Page
}

// sameBody reports whether an answer is byte for byte the stored one, from the same place.
func (p *cachedPage) sameBody(r *pageRecord) bool {
	return p.From == r.From && p.Type == r.Type && p.Encoding == r.Encoding && p.Body == r.Body
}

// A stored page: a magic word, the texts of the record with their lengths before
// them, nanoseconds of 1970 until which it is fresh, 1 if it is absent or 0, the
// page in its binary form. That it is what was stored the store has checked.
const pageMagic = "xpippage4\n"

var errStored = errors.New("damaged page")

// texts are the texts of a record in the order in which they are stored.
func (r *pageRecord) texts() [6]*string {
	return [...]*string{&r.From, &r.Type, &r.Encoding, &r.Body, &r.Validators.ETag, &r.Validators.LastModified}
}

func encodeStored(p *cachedPage) []byte {
	b := make([]byte, 0, 1<<10+p.page.Size())
	b = append(b, pageMagic...)
	for _, text := range p.texts() {
		b = append(binary.AppendUvarint(b, uint64(len(*text))), *text...)
	}
	b = binary.AppendVarint(b, p.Until.UnixNano())
	if p.Absent {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return p.page.AppendTo(b)
}

func decodeStored(b []byte) (*cachedPage, error) {
	if len(b) < len(pageMagic) || string(b[:len(pageMagic)]) != pageMagic {
		return nil, errStored
	}
	b = b[len(pageMagic):]
	p := &cachedPage{}
	for _, text := range p.texts() {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errStored
		}
		b = b[n:]
		*text, b = string(b[:size]), b[size:]
	}
	until, n := binary.Varint(b)
	if n <= 0 || n == len(b) {
		return nil, errStored
	}
	p.Until, p.Absent = time.Unix(0, until), b[n] == 1
	var err error
	p.page, err = simple.DecodePage(b[n+1:])
	return p, err
}
