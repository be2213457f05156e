package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xpip/xpip/installer"
	"github.com/xpip/xpip/resolver"
)

// packages is the folder that a package of a slice is importable from.
func (s *slice) packages(project string) string {
	for _, d := range s.place.others {
		if d.counts && d.Key == project {
			return d.folder
		}
	}
	if s.place.layout == installer.TargetLayout {
		return s.place.path
	}
	return filepath.Join(s.place.path, filepath.FromSlash(s.host.Scheme().Purelib))
}

// placeBelow is where --root puts things: the prefix, which is a path of the
// host then, below the folder that will be the host's root.
func (c *installCommand) placeBelow(s *session) (place, error) {
	o := c.options
	prefix := o.prefix
	switch {
	case o.target != "":
		return place{}, &commandError{msg: "--root and --target exclude each other: --target names the folder itself"}
	case prefix == "" && !s.host.IsNative():
		return place{}, &commandError{
			msg:   "--root needs --prefix for another host: it says where below the root its packages are",
			hints: []string{"For example:  --root " + o.root + " --prefix /usr"},
		}
	case prefix == "":
		prefix = s.host.Prefix()
	}
	prefix = strings.TrimPrefix(prefix, filepath.VolumeName(prefix))
	return place{path: filepath.Join(o.root, prefix), layout: installer.PrefixLayout}, nil
}

// localPath is the path of a candidate on this machine; "" if it is elsewhere.
func localPath(f *resolver.File) string {
	o := f.Ref.(*origin)
	switch {
	case o.vcs != nil:
		return ""
	case o.file == nil:
		return o.dir
	case !o.file.Local:
		return ""
	}
	parsed, err := url.Parse(o.file.URL)
	if err != nil || parsed.Scheme != "file" {
		return o.file.URL
	}
	path := parsed.Path
	if runtime.GOOS == "windows" {
		path = strings.TrimPrefix(path, "/")
	}
	return filepath.FromSlash(path)
}

// shownPath is a path as pip shows it: from the working directory, with "./",
// if it is below that.
func shownPath(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	cwd, err := os.Getwd()
	if err != nil {
		return abs
	}
	if below, ok := strings.CutPrefix(abs, cwd+string(filepath.Separator)); ok {
		return "." + string(filepath.Separator) + below
	}
	return abs
}

// absolute is a path as it is from the root, or as it is if there is none.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
