package wheel

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Retag writes the wheel at path into the folder dir for other tags: its file
// name, WHEEL and RECORD say them, Root-Is-Purelib becomes what they imply, and
// every other member is copied as it is packed. The content is not verified;
// whoever unpacks the result does that. It returns the new file's path, which
// must not exist yet.
func Retag(path, dir string, tags []Tag) (string, error) {
	a, err := OpenFile(path, Limits{})
	if err != nil {
		return "", err
	}
	out, err := a.retag(dir, tags)
	return out, errors.Join(err, a.Close())
}

func (a *Archive) retag(dir string, tags []Tag) (out string, err error) {
	name, err := a.name.WithTags(tags)
	if err != nil {
		return "", fmt.Errorf("retagging %q: %w", a.name.Raw, err)
	}
	out = filepath.Join(dir, name.Raw)
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, os.Remove(out))
		}
	}()
	return out, a.copyTo(f, name)
}

func (a *Archive) copyTo(out io.Writer, name Filename) error {
	w := NewWriter(out, name, time.Time{})
	w.distInfo = a.distInfo
	info := infoFor(name)
	info.Generator, info.WheelVersion = a.info.Generator, a.info.WheelVersion
	for i := range a.members {
		p := packed{member: a.members[i]}
		switch p.name {
		case a.distInfo + "/RECORD", a.distInfo + "/RECORD.jws", a.distInfo + "/RECORD.p7s":
			continue // made anew; signatures were of the old one
		case a.distInfo + "/WHEEL":
			if err := w.Add(p.name, 0, info.format()); err != nil {
				return err
			}
			continue
		}
		p.row = *a.rows[i]
		p.content = io.NewSectionReader(a.r, p.data, p.packed)
		if err := w.add(p); err != nil {
			return err
		}
	}
	return w.Close()
}
