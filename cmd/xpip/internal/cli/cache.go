package cli

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/index/cache"
)

// cacheCommand is everything that `xpip cache` is told.
type cacheCommand struct {
	*app
	format string
}

func (a *app) cacheCommand() *cobra.Command {
	c := &cacheCommand{app: a, format: "human"}
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Look at what xpip keeps on this machine, and clear it",
		Long: `Look at xpip's cache: index pages, downloads, and wheels, unpacked or made from
source. A pattern is the name of a project, or name-version, with * and ?.`,
		Example: `  xpip cache info
  xpip cache remove 'numpy-2.*'`,
		Annotations: map[string]string{"usage": "dir\ninfo\nlist [<pattern>] [--format=human|abspath]\nremove <pattern>\npurge"},
		RunE:        func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Cache")
	r.choice(&c.format, "format", "human|abspath", []string{"human", "abspath"}, "Output format of list. [default: human]")
	return cmd
}

func (c *cacheCommand) run(args []string) error {
	if err := c.open(); err != nil {
		return err
	}
	dir := c.cacheDir()
	if dir == "" {
		return &commandError{msg: "xpip cache commands can not function since cache is disabled."}
	}
	actions := map[string]struct {
		most int // arguments
		run  func(s *cache.Store, args []string) error
	}{
		"dir":    {0, nil},
		"info":   {0, func(s *cache.Store, _ []string) error { return c.info(s) }},
		"list":   {1, c.list},
		"remove": {1, c.remove},
		"purge":  {0, func(s *cache.Store, _ []string) error { return c.purge(s) }},
	}
	if len(args) == 0 {
		return needAction("dir, info, list, purge, remove")
	}
	action, ok := actions[args[0]]
	switch {
	case !ok:
		return needAction("dir, info, list, purge, remove")
	case len(args)-1 > action.most:
		return &commandError{msg: "Too many arguments"}
	case action.run == nil:
		c.printer.Info("%s", dir)
		return nil
	}
	store, err := cache.Open(dir)
	if err != nil {
		return err
	}
	defer store.Close()
	return action.run(store, args[1:])
}

func needAction(names string) error {
	return &commandError{msg: "Need an action (" + names + ") to perform."}
}

// info says where things lie and what they take up. pip's lines stay where
// there is something of the sort.
func (c *cacheCommand) info(s *cache.Store) error {
	usage, err := s.Usage()
	if err != nil {
		return err
	}
	by := map[string]cache.Usage{}
	known := map[string]bool{}
	var rest, http cache.Usage
	for _, u := range usage {
		by[u.Kind] = u
	}
	for _, kind := range []string{"pages", "urls", "metadata", "blobs"} {
		known[kind] = true
		http.Entries += by[kind].Entries
		http.Bytes += by[kind].Bytes
	}
	known[cacheKindBuilt], known[cacheKindWheels] = true, true
	for _, u := range usage {
		if !known[u.Kind] {
			rest.Bytes += u.Bytes
		}
	}
	built, unpacked := by[cacheKindBuilt], by[cacheKindWheels]
	for _, line := range []string{
		"Cache location: " + s.Root(),
		"Package index page cache location: " + filepath.Join(s.Root(), "pages"),
		"Package index page cache size: " + ui.Size(by["pages"].Bytes),
		fmt.Sprintf("Number of HTTP files: %d", http.Entries),
		"HTTP files size: " + ui.Size(http.Bytes),
		"Unpacked wheels location: " + filepath.Join(s.Root(), cacheKindWheels),
		"Unpacked wheels size: " + ui.Size(unpacked.Bytes),
		fmt.Sprintf("Number of unpacked wheels: %d", unpacked.Entries),
		"Locally built wheels location: " + filepath.Join(s.Root(), cacheKindBuilt),
		"Locally built wheels size: " + ui.Size(built.Bytes),
		fmt.Sprintf("Number of locally built wheels: %d", built.Entries),
		"Size of the rest: " + ui.Size(rest.Bytes),
	} {
		c.printer.Info("%s", line)
	}
	return nil
}

// keptWheel is a wheel in the cache: unpacked, or as it was built.
type keptWheel struct {
	kind, key string
	filename  string
	sha256    string // of the archive; "" for one that was built
	path      string
}

// wheels are those in the cache whose file name the pattern matches, by name.
// As in pip, a pattern without a hyphen is a project's name alone.
func wheels(s *cache.Store, pattern string) ([]keptWheel, error) {
	if strings.Contains(pattern, "-") {
		pattern += "*.whl"
	} else {
		pattern += "-*.whl"
	}
	pattern = strings.ReplaceAll(pattern, "[!", "[^")
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, &commandError{msg: fmt.Sprintf("%s is not a pattern: %v", pyQuote(pattern), err)}
	}
	var out []keptWheel
	add := func(w keptWheel) {
		if ok, err := path.Match(pattern, w.filename); ok && err == nil {
			out = append(out, w)
		}
	}
	unpacked, err := s.Entries(cacheKindWheels)
	if err != nil {
		return nil, err
	}
	for _, e := range unpacked {
		if u, ok := stored(s, e.Key); ok { // a damaged one is made anew when it is needed
			add(keptWheel{kind: cacheKindWheels, key: e.Key, filename: u.Filename.String(), sha256: u.SHA256, path: e.Path})
		}
	}
	built, err := s.Entries(cacheKindBuilt)
	if err != nil {
		return nil, err
	}
	for _, e := range built {
		found, err := filepath.Glob(filepath.Join(escapeGlob(e.Path), "*.whl"))
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			add(keptWheel{kind: cacheKindBuilt, key: e.Key, filename: filepath.Base(file), path: file})
		}
	}
	slices.SortStableFunc(out, func(a, b keptWheel) int { return strings.Compare(a.filename, b.filename) })
	return out, nil
}

func (c *cacheCommand) list(s *cache.Store, args []string) error {
	pattern := "*"
	if len(args) > 0 {
		pattern = args[0]
	}
	found, err := wheels(s, pattern)
	if err != nil {
		return err
	}
	if c.format == "abspath" {
		for _, w := range found {
			c.printer.Info("%s", w.path)
		}
		return nil
	}
	if len(found) == 0 {
		c.printer.Info("No wheels cached.")
		return nil
	}
	c.printer.Info("Cache contents:\n")
	for _, w := range found {
		how := "unpacked"
		if w.kind == cacheKindBuilt {
			how = "built here"
		}
		c.printer.Info(" - %s (%s, %s)", w.filename, ui.Size(measure(w.path).bytes), how)
	}
	return nil
}

// remove removes the wheels that a pattern names, with the archives that they
// came from.
func (c *cacheCommand) remove(s *cache.Store, args []string) error {
	if len(args) == 0 {
		return &commandError{msg: "Please provide a pattern"}
	}
	if args[0] == "*" {
		return c.purge(s)
	}
	found, err := wheels(s, args[0])
	if err != nil {
		return err
	}
	if len(found) == 0 {
		c.printer.Warn("No matching packages for pattern \"%s\"", args[0])
	}
	var gone extent
	drop := func(kind, key, path string) error {
		size := measure(path)
		if err := s.Remove(kind, key); err != nil {
			return err
		}
		c.printer.Detail("Removed %s", path)
		gone.add(size)
		return nil
	}
	for _, w := range found {
		if err := drop(w.kind, w.key, w.path); err != nil {
			return err
		}
		if archive, _, ok := s.Blob(w.sha256); ok {
			if err := drop("blobs", w.sha256, archive); err != nil {
				return err
			}
		}
	}
	c.sayRemoved(gone)
	return nil
}

func (c *cacheCommand) purge(s *cache.Store) error {
	all := measure(s.Root())
	if err := s.Purge(); err != nil {
		return err
	}
	rest := measure(s.Root())
	gone := extent{all.files - rest.files, all.folders - rest.folders, all.bytes - rest.bytes}
	if gone.files == 0 {
		c.printer.Warn("No matching packages")
	}
	c.sayRemoved(gone)
	return nil
}

func (c *cacheCommand) sayRemoved(e extent) {
	c.printer.Info("Files removed: %d (%s)", e.files, ui.Size(e.bytes))
	c.printer.Info("Directories removed: %d", e.folders)
}

// extent is how much lies at a path.
type extent struct {
	files, folders int
	bytes          int64
}

func (e *extent) add(other extent) {
	e.files += other.files
	e.folders += other.folders
	e.bytes += other.bytes
}

func measure(path string) extent {
	var e extent
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // others may be deleting at the same time
		}
		if d.IsDir() {
			e.folders++
			return nil
		}
		e.files++
		if info, err := d.Info(); err == nil {
			e.bytes += info.Size()
		}
		return nil
	})
	return e
}
