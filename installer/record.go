package installer

import (
	"bytes"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/wheel"
)

// relative returns the way from folder base to file target, both relative to
// the prefix and clean, as RECORD has it: "../../../bin/x".
func relative(base, target string) string {
	if base == "." {
		return target
	}
	if rest, ok := strings.CutPrefix(target, base); ok && rest[0] == '/' {
		return rest[1:]
	}
	from, to := strings.Split(base, "/"), strings.Split(target, "/")
	same := 0
	for same < len(from) && same < len(to)-1 && from[same] == to[same] {
		same++
	}
	return strings.Repeat("../", len(from)-same) + strings.Join(to[same:], "/")
}

// within returns the path, relative to the prefix, of a RECORD row of a
// distribution whose RECORD is relative to lib. It reports false for one that
// leaves the prefix or means the prefix itself: RECORD comes from outside, and
// what it names gets deleted.
func (p *Prefix) within(lib, row string) (string, bool) {
	if p.scheme.Windows {
		row = strings.ReplaceAll(row, `\`, "/")
	}
	if row == "" || row[0] == '/' || strings.IndexByte(row, 0) >= 0 || isDrivePath(row) {
		return "", false
	}
	if p.layout == TargetLayout {
		// pip records what its --target moved to the top of the folder as if
		// it were still two folders further up.
		row = strings.TrimPrefix(row, "../../")
	}
	joined := path.Join(lib, row)
	if joined == "." || !filepath.IsLocal(filepath.FromSlash(joined)) || isWork(joined) {
		return "", false
	}
	return joined, true
}

func isDrivePath(s string) bool {
	return len(s) > 1 && s[1] == ':' && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
}

// writeRecord makes the content of RECORD, of files that are settled.
func (j *job) writeRecord() (err error) {
	j.files = slices.DeleteFunc(j.files, func(f *placement) bool { return f.lost })
	j.record.data, err = formatRecord(j.lib, j.record.dest, j.files)
	j.record.size = int64(len(j.record.data))
	return err
}

// formatRecord writes RECORD for files whose paths are relative to the prefix:
// sorted, each with digest and size but RECORD itself.
func formatRecord(lib, recordPath string, files []*placement) ([]byte, error) {
	rows := make([]wheel.RecordEntry, 0, len(files)+1)
	for _, f := range files {
		rows = append(rows, wheel.RecordEntry{Path: relative(lib, f.dest), Algorithm: "sha256", Digest: f.digest, Size: f.size})
	}
	rows = append(rows, wheel.RecordEntry{Path: relative(lib, recordPath), Size: -1})
	sortRows(rows)
	rows = slices.CompactFunc(rows, func(a, b wheel.RecordEntry) bool { return a.Path == b.Path })
	var b bytes.Buffer
	if err := wheel.WriteRecord(&b, rows); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// sortRows sorts rows by path. All but the last few are in order, mostly: those
// of the wheel come first.
func sortRows(rows []wheel.RecordEntry) {
	inOrder := 1
	for inOrder < len(rows) && rows[inOrder-1].Path <= rows[inOrder].Path {
		inOrder++
	}
	rest := slices.Clone(rows[inOrder:])
	slices.SortFunc(rest, func(a, b wheel.RecordEntry) int { return strings.Compare(a.Path, b.Path) })
	for at := len(rows) - 1; len(rest) > 0; at-- { // merge them from behind
		if last := rest[len(rest)-1]; inOrder == 0 || rows[inOrder-1].Path <= last.Path {
			rows[at], rest = last, rest[:len(rest)-1]
		} else {
			inOrder--
			rows[at] = rows[inOrder]
		}
	}
}
