package briefcase

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

// checkSlice demands of a folder of packages what Briefcase and Xcode need of it
// and returns the version of every project.
func (b bench) checkSlice(t *testing.T, folder, platform string) map[string]string {
	t.Helper()
	h, err := host.New(host.Options{Platforms: []string{platform}, PythonVersion: b.version(t)})
	if err != nil {
		t.Fatal(err)
	}
	infos, err := filepath.Glob(filepath.Join(folder, "*.dist-info"))
	if err != nil {
		t.Fatal(err)
	}
	versions, recorded := map[string]string{}, map[string]bool{}
	for _, info := range infos {
		metadata, err := wheel.ParseMetadata(read(t, filepath.Join(info, "METADATA")))
		if err != nil {
			t.Fatal(err)
		}
		versions[strings.ToLower(metadata.Name)] = metadata.Version
		filename := wheelOf(t, info)
		if _, fits := h.BestRank(filename); !fits {
			t.Errorf("%s is not for %s", filename, h)
		}
		var natives []wheel.Native
		for _, entry := range checkRecord(t, folder, info) {
			recorded[entry.Path] = true
			content := read(t, filepath.Join(folder, filepath.FromSlash(entry.Path)))
			if _, native := wheel.Sniff(entry.Path, content); native {
				facts, err := wheel.Inspect(entry.Path, bytes.NewReader(content), int64(len(content)))
				if err != nil {
					t.Errorf("%s: %v", entry.Path, err)
				}
				natives = append(natives, facts)
			}
		}
		if pure := !strings.HasPrefix(filepath.Base(info), "pillow-"); pure != (len(natives) == 0) {
			t.Errorf("%s has %d files of machine code", filename, len(natives))
		}
		for _, unfit := range h.CheckWheel(filename, natives) {
			t.Errorf("%s: %v", filename, unfit)
		}
	}
	walk(t, folder, func(name string) {
		if !recorded[name] {
			t.Errorf("%s is in no RECORD", name)
		}
		if strings.HasSuffix(name, ".pyc") || strings.HasPrefix(name, "bin/") {
			t.Errorf("%s is of no use on an iPhone", name)
		}
	})
	return versions
}

// checkRecord reads a RECORD; every file that it names must be there, within the
// folder, with hash and size.
func checkRecord(t *testing.T, folder, info string) []wheel.RecordEntry {
	t.Helper()
	entries, err := wheel.ParseRecord(bytes.NewReader(read(t, filepath.Join(info, "RECORD"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !filepath.IsLocal(filepath.FromSlash(entry.Path)) {
			t.Fatalf("%s leads out of the folder", entry.Path)
		}
		if entry.Path == filepath.Base(info)+"/RECORD" {
			continue
		}
		content := read(t, filepath.Join(folder, filepath.FromSlash(entry.Path)))
		sum := sha256.Sum256(content)
		if entry.Algorithm != "sha256" || entry.Digest != base64.RawURLEncoding.EncodeToString(sum[:]) || entry.Size != int64(len(content)) {
			t.Errorf("%s is not as recorded: %+v", entry.Path, entry)
		}
	}
	return entries
}

// wheelOf is the name of a wheel with the tags that a .dist-info states.
func wheelOf(t *testing.T, info string) wheel.Filename {
	t.Helper()
	stated, err := wheel.ParseInfo(read(t, filepath.Join(info, "WHEEL")))
	if err != nil {
		t.Fatal(err)
	}
	filename, err := wheel.ParseFilename(strings.TrimSuffix(filepath.Base(info), ".dist-info") + "-py3-none-any.whl")
	if err != nil {
		t.Fatal(err)
	}
	var tags []wheel.Tag
	for _, text := range stated.Tags {
		parsed, err := wheel.ParseTags(text)
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, parsed...)
	}
	if filename, err = filename.WithTags(tags); err != nil {
		t.Fatal(err)
	}
	return filename
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// walk calls visit with every file below a folder, named with slashes.
func walk(t *testing.T, folder string, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		visit(filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
