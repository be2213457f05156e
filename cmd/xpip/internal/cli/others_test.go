package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// TestManagedText reads the message as Python's configparser would, in the
// user's language if the file has it.
func TestManagedText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "EXTERNALLY-MANAGED")
	const text = `# whose it is
[other]
Error=not this
[externally-managed]
; comments
Error: To install, try
 apt install.

 See the manual.
Error-de = Nein.
ERROR-fr_CA=Non, dit-il.
`
	for _, c := range []struct{ text, language, want string }{
		{text, "", "To install, try\napt install.\n\nSee the manual."},
		{text, "en_GB", "To install, try\napt install.\n\nSee the manual."},
		{text, "de_AT", "Nein."},
		{text, "fr_CA", "Non, dit-il."},
		{text, "fr", "To install, try\napt install.\n\nSee the manual."},
		{"[externally-managed]\n", "", ""},
		{"Error=outside of the section\n", "", ""},
		{"", "de", ""},
		{"\x00\xff[[[\n=\n", "", ""},
	} {
		if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := managedText(file, c.language); got != c.want {
			t.Errorf("%q in %q: got %q", c.text, c.language, got)
		}
	}
	if err := os.WriteFile(file, make([]byte, maxManaged+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := managedText(file, ""); got != "" {
		t.Errorf("a file without end says %q", got)
	}
}
