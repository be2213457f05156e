package hosts

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLiveWindowsScripts holds scripts for Windows against those of pip's own
// code: the launcher, the line that names the interpreter, the archive.
func TestLiveWindowsScripts(t *testing.T) {
	if os.Getenv("XPIP_LIVE") == "" {
		t.Skip("XPIP_LIVE is not set: this test installs from the real index")
	}
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import struct, sys; assert struct.calcsize('P') == 8 and sys.version_info >= (3, 10)").Run() != nil {
		t.Skip("no 64-bit python3 of 3.10 or newer is on PATH: pip's code does not run here")
	}
	packages, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, line string
		args       []string
	}{
		{"above", `<launcher_dir>\..\python.exe`, nil},
		{"wanted", `C:\Python313\python.exe`, []string{"--script-shebang", `C:\Python313\python.exe`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			prefix, theirs := t.TempDir(), t.TempDir()
			args := append([]string{"install", "--platform", "win_amd64", "--python-version", "3.13", "--prefix", prefix, "--no-deps"}, c.args...)
			xpip(t, append(args, "charset-normalizer==3.4.4")...)
			cmd := exec.Command(python, "-s", "scripts.py", theirs, c.line, "console", "normalizer = charset_normalizer.cli:cli_detect")
			cmd.Env = append(os.Environ(), "PYTHONPATH="+packages, "PYTHONDONTWRITEBYTECODE=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			got := takeApart(t, filepath.Join(prefix, "Scripts", "normalizer.exe"))
			want := takeApart(t, filepath.Join(theirs, "normalizer.exe"))
			if got != want {
				t.Errorf("got %.300s\npip has %.300s", got, want)
			}
		})
	}
}

// takeApart describes a script: the digest of its launcher, its line, and what
// its archive holds.
func takeApart(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	line := bytes.LastIndex(content, []byte("#!"))
	if line < 0 {
		t.Fatalf("%s has no line that names an interpreter", file)
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "launcher %x\n", sha256.Sum256(content[:line]))
	first, _, _ := bytes.Cut(content[line:], []byte("PK\x03\x04"))
	fmt.Fprintf(&out, "%q\n", first)
	for _, entry := range archive.File {
		text, err := fs.ReadFile(archive, entry.Name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%s by method %d: %q\n", entry.Name, entry.Method, text)
	}
	return out.String()
}
