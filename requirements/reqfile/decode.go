package reqfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decode returns the text of a file: by its byte order mark, else by the
// encoding that a comment in its first two lines names (PEP 263), else as
// UTF-8.
func decode(data []byte) (string, error) {
	for _, mark := range [...]struct {
		bytes    string
		encoding encoding.Encoding
	}{
		{"\xef\xbb\xbf", unicode.UTF8},
		// The mark of UTF-16 begins that of UTF-32, both little-endian.
		{"\xff\xfe\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{"\x00\x00\xfe\xff", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{"\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	} {
		if rest, ok := bytes.CutPrefix(data, []byte(mark.bytes)); ok {
			if mark.encoding == unicode.UTF8 {
				return decodeUTF8(rest)
			}
			return decodeWith(mark.encoding, rest)
		}
	}
	name := declaredEncoding(data)
	if name == "" {
		return decodeUTF8(data)
	}
	charset, err := lookupEncoding(name)
	if err != nil {
		return "", err
	}
	if charset == unicode.UTF8 {
		return decodeUTF8(data)
	}
	return decodeWith(charset, data)
}

func decodeUTF8(data []byte) (string, error) {
	if utf8.Valid(data) {
		return string(data), nil
	}
	valid := 0
	for valid < len(data) {
		r, size := utf8.DecodeRune(data[valid:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		valid += size
	}
	line := 1 + bytes.Count(data[:valid], []byte("\n"))
	return "", fmt.Errorf("line %d is not UTF-8 (byte 0x%02x); "+
		"a first line such as \"# -*- coding: latin-1 -*-\" names another encoding", line, data[valid])
}

// decodeWith refuses what the encoding cannot mean, which decoders replace.
func decodeWith(charset encoding.Encoding, data []byte) (string, error) {
	text, err := charset.NewDecoder().Bytes(data)
	if err != nil {
		return "", err
	}
	if bytes.ContainsRune(text, utf8.RuneError) {
		return "", fmt.Errorf("the text is not valid in its encoding, %v", charset)
	}
	return string(text), nil
}

// declaredEncoding finds "coding: name" or "coding=name" in a comment that is
// one of the first two lines.
func declaredEncoding(data []byte) string {
	for range 2 {
		line, rest, more := bytes.Cut(data, []byte("\n"))
		if bytes.HasPrefix(line, []byte("#")) {
			if name := codingName(line); name != "" {
				return name
			}
		}
		if !more {
			break
		}
		data = rest
	}
	return ""
}

func codingName(line []byte) string {
	for {
		_, rest, found := bytes.Cut(line, []byte("coding"))
		if !found {
			return ""
		}
		line = rest
		if len(rest) == 0 || rest[0] != ':' && rest[0] != '=' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\n\r\f\v")
		end := 0
		for end < len(rest) && isEncodingByte(rest[end]) {
			end++
		}
		if end > 0 {
			return string(rest[:end])
		}
	}
}

func isEncodingByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.'
}

// lookupEncoding knows Python's names of encodings, as far as they are names
// that standards know or spellings of them.
func lookupEncoding(name string) (encoding.Encoding, error) {
	plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	switch plain {
	case "utf-8", "utf8", "utf-8-sig", "u8", "cp65001":
		return unicode.UTF8, nil
	case "latin-1", "latin1", "latin", "l1", "iso-8859-1", "iso8859-1", "8859":
		return charmap.ISO8859_1, nil
	case "utf-16", "utf16", "utf-32", "utf32":
		// Without a byte order mark they could not have been read this far.
		return nil, fmt.Errorf("unknown encoding: %q", name)
	}
	if page, ok := strings.CutPrefix(plain, "cp"); ok {
		for _, prefix := range [...]string{"windows-", "ibm"} {
			if e, err := ianaindex.IANA.Encoding(prefix + page); err == nil && e != nil {
				return e, nil
			}
		}
	}
	if e, err := ianaindex.IANA.Encoding(plain); err == nil && e != nil {
		return e, nil
	}
	if e, err := htmlindex.Get(plain); err == nil {
		return e, nil
	}
	return nil, fmt.Errorf("unknown encoding: %q", name)
}
