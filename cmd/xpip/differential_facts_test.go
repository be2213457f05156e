package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// lookedFor are the beginnings of lines that people and tools look for.
var lookedFor = []string{
	"ERROR: ", "WARNING: ", "DEPRECATION: ", "Hint: ", "Usage:", "no such option", "ambiguous option", "option ",
	"An error occurred during configuration", "Collecting ", "Requirement already satisfied: ", "Ignoring ",
	"Installing collected packages: ", "Successfully ", "Would install ", "Found existing installation: ",
	"Processing ", "Attempting uninstall: ", "Saved ", "File was already downloaded ", "Expected sha", "Got  ", "Available versions: ", "INSTALLED: ", "LATEST: ",
}

// endings are those of lines that begin with a name.
var endings = []string{
	"option requires 1 argument", "option does not take a value", "which is incompatible.", "which is not installed.",
}

// progressed are the beginnings of lines that tell how far a command got: pip
// says them as it goes, xpip when all versions are known. They are compared
// when the command succeeded.
var progressed = []string{"Collecting ", "Processing ", "Requirement already satisfied: ", "Installing collected packages: "}

// said are the lines of an output that count, each once.
func said(output string, succeeded bool) []string {
	seen := map[string]bool{}
	for _, line := range strings.Split(output, "\n") {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "https://") // where pip's documentation is
		begins := func(s string) bool { return strings.HasPrefix(line, s) }
		if !succeeded && slices.ContainsFunc(progressed, begins) {
			continue
		}
		if slices.ContainsFunc(lookedFor, begins) ||
			slices.ContainsFunc(endings, func(s string) bool { return strings.HasSuffix(line, s) }) {
			seen["says "+line] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// flatReport is a JSON report as one fact a value, without the key of our own;
// for a foreign host without the environment, which pip gives of the build
// machine.
func flatReport(t *testing.T, path string, same *strings.Replacer, foreign bool) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var report map[string]any
	if err == nil {
		err = json.Unmarshal(data, &report)
	}
	if err != nil {
		t.Fatal(err)
	}
	delete(report, "xpip")
	if foreign {
		delete(report, "environment")
	}
	install, _ := report["install"].([]any)
	byName := map[string]any{}
	for _, item := range install {
		metadata := item.(map[string]any)["metadata"].(map[string]any)
		byName[fmt.Sprint(metadata["name"])] = item // the order is nobody's promise
	}
	report["install"] = byName
	var facts []string
	var flatten func(at string, value any)
	flatten = func(at string, value any) {
		if fields, ok := value.(map[string]any); ok {
			facts = append(facts, fmt.Sprintf("report %s has %s", at, strings.Join(slices.Sorted(maps.Keys(fields)), " ")))
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				flatten(at+"."+name, fields[name])
			}
			return
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		facts = append(facts, same.Replace(fmt.Sprintf("report %s = %s", at, text)))
	}
	flatten("", report)
	return facts
}

// withoutSizeOf finds the row of direct_url.json, which names this run's folders.
var withoutSizeOf = regexp.MustCompile(`([^\n]*/direct_url\.json),.*`)

// treeFacts are the files below root with what is in them; of RECORD its rows, of
// programs only that they are there: both are written by each tool in its way.
func treeFacts(t *testing.T, root, prefix string, same *strings.Replacer) []string {
	t.Helper()
	var facts []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "report.json" || strings.HasSuffix(path, ".pyc") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		fact := "file " + same.Replace(prefix+filepath.ToSlash(rel))
		content := []byte(nil)
		if d.Type().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		switch base := filepath.Base(path); {
		case base == "RECORD":
			fact += ": " + strings.ReplaceAll(withoutSizeOf.ReplaceAllString(recordRows(string(content)), "$1"), "\n", "; ")
		case base == "INSTALLER" || filepath.Base(filepath.Dir(path)) == "bin":
		case base == "direct_url.json":
			var origin map[string]any
			if err := json.Unmarshal(content, &origin); err != nil {
				return err
			}
			if content, err = json.Marshal(origin); err != nil {
				return err
			}
			fact += " " + same.Replace(string(content))
		default:
			fact += fmt.Sprintf(" %.8x", sha256.Sum256(content))
		}
		facts = append(facts, fact)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}
