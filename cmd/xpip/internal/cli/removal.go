package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/installer"
)

// removal is what uninstalling a distribution does to the files, as pip shows
// it: absolute paths, a whole folder as one line.
type removal struct {
	remove  []string
	manual  []string // in the distribution's folders, but not its own
	outside []string // recorded, but outside of the prefix
}

func removalOf(p *installer.Prefix, d installer.Distribution, all bool) (*removal, error) {
	files, outside, err := p.Files(d)
	if err != nil {
		return nil, err
	}
	var present []string
	for _, f := range files {
		path := filepath.Join(p.Path(), filepath.FromSlash(f.Path))
		if _, err := os.Lstat(path); err == nil {
			present = append(present, path)
		}
	}
	r := &removal{outside: outside, remove: present}
	if !all {
		r.remove, r.manual = compress(present)
	}
	slices.Sort(r.remove)
	slices.Sort(r.manual)
	return r, nil
}

// compress leaves out bytecode, and writes the folders of packages and of
// metadata as one line each. It also returns the files in these folders that
// are not in the list.
func compress(files []string) (lines, others []string) {
	own := map[string]bool{}
	var folders []string
	for _, path := range files {
		if strings.HasSuffix(path, ".pyc") {
			continue
		}
		own[path] = true
		if strings.HasSuffix(path, "__init__.py") || strings.Contains(path, ".dist-info") {
			folders = append(folders, filepath.Dir(path))
		}
	}
	folders = outermost(folders)
	for _, folder := range folders {
		lines = append(lines, filepath.Join(folder, "*"))
		_ = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, ".pyc") && !own[path] {
				others = append(others, path)
			}
			return nil // what cannot be read is not removed either
		})
	}
	for path := range own {
		if !slices.ContainsFunc(folders, func(folder string) bool { return below(path, folder) }) {
			lines = append(lines, path)
		}
	}
	return lines, others
}

// outermost returns the folders that lie in no other one of the list.
func outermost(folders []string) []string {
	slices.Sort(folders)
	var out []string
	for _, folder := range slices.Compact(folders) {
		if !slices.ContainsFunc(out, func(other string) bool { return below(folder, other) }) {
			out = append(out, folder)
		}
	}
	return out
}

func below(path, folder string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator))
}

func (r *removal) show(p *ui.Printer) {
	paragraph := func(title string, paths []string) {
		if len(paths) == 0 {
			return
		}
		p.Info("  %s", title)
		for _, path := range paths {
			p.Info("    %s", path)
		}
	}
	paragraph("Would remove:", r.remove)
	paragraph("Would not remove (might be manually added):", r.manual)
	paragraph("Would not remove (outside of prefix):", r.outside)
}
