package wheel

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxRecord bounds a RECORD file: 200,000 members of 300 bytes a row.
const maxRecord = 64 << 20

// RecordEntry is one row of RECORD.
type RecordEntry struct {
	Path      string `json:"path"`                // slash-separated, relative to the folder that holds .dist-info
	Algorithm string `json:"algorithm,omitempty"` // "sha256"; "" when the row has no digest
	Digest    string `json:"digest,omitempty"`    // URL-safe base64 without padding
	Size      int64  `json:"size"`                // bytes; -1 when the row has none
}

// ParseRecord reads RECORD: three CSV fields a row, as Python's csv module
// writes them. It judges the form only: which paths are acceptable depends on
// whether the RECORD is a wheel's or an installed one's.
func ParseRecord(r io.Reader) ([]RecordEntry, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxRecord+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxRecord {
		return nil, invalidf("RECORD", "larger than %d bytes", maxRecord)
	}
	if !utf8.Valid(raw) {
		return nil, invalidf("RECORD", "not UTF-8")
	}
	text := string(raw)
	entries := make([]RecordEntry, 0, strings.Count(text, "\n")+1)
	for pos, row := 0, 1; pos < len(text); row++ {
		line := text[pos : pos+lineLength(text[pos:])]
		pos += len(line)
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			continue
		}
		e, reason := parseRecordRow(line)
		if reason != "" {
			return nil, invalidf("RECORD", "row %d: %s", row, reason)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func parseRecordRow(line string) (e RecordEntry, reason string) {
	var row [3]string
	rest := line
	for i := range row {
		var ok bool
		if row[i], rest, ok = csvField(rest); !ok {
			return e, "quotes that do not match"
		}
		if rest == "" || i == len(row)-1 {
			break // a row that ends early has empty fields
		}
		rest = rest[1:]
	}
	path, hash, size := row[0], row[1], row[2]
	if rest != "" {
		return e, "more than three fields"
	}
	if path == "" {
		return e, "no path"
	}
	e = RecordEntry{Path: path, Size: -1}
	if hash != "" {
		var ok bool
		if e.Algorithm, e.Digest, ok = strings.Cut(hash, "="); !ok || e.Algorithm == "" || e.Digest == "" {
			return e, "a digest without an algorithm"
		}
		e.Algorithm = strings.ToLower(e.Algorithm)
		e.Digest = strings.TrimRight(e.Digest, "=")
	}
	if size != "" {
		n, err := strconv.ParseUint(size, 10, 63)
		if err != nil {
			return e, "a size that is no number"
		}
		e.Size = int64(n)
	}
	return e, ""
}

// csvField cuts the first field off a row; rest begins with the comma after it,
// or is empty.
func csvField(row string) (value, rest string, ok bool) {
	if !strings.HasPrefix(row, `"`) {
		end := strings.IndexByte(row, ',')
		if end < 0 {
			end = len(row)
		}
		return row[:end], row[end:], true
	}
	for i := 1; i < len(row); i++ {
		if row[i] != '"' {
			continue
		}
		if i+1 < len(row) && row[i+1] == '"' {
			i++
			continue
		}
		rest = row[i+1:]
		return strings.ReplaceAll(row[1:i], `""`, `"`), rest, rest == "" || rest[0] == ','
	}
	return "", "", false
}

// WriteRecord writes rows in the order given, with LF line ends.
func WriteRecord(w io.Writer, entries []RecordEntry) error {
	b := make([]byte, 0, 128*len(entries)) // a path, a digest, a size
	for _, e := range entries {
		b = append(append(b, csvQuote(e.Path)...), ',')
		if e.Algorithm != "" {
			b = append(append(append(b, e.Algorithm...), '='), e.Digest...)
		}
		b = append(b, ',')
		if e.Size >= 0 {
			b = strconv.AppendInt(b, e.Size, 10)
		}
		b = append(b, '\n')
	}
	_, err := w.Write(b)
	return err
}

func csvQuote(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
