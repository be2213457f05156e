package rootfs

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func tree(t *testing.T, links map[string]string) Tree {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	root := filepath.Join(t.TempDir(), "root")
	for _, dir := range []string{"usr/lib/python3.13", "etc", "dev"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"root/usr/lib/file": "inside", "secret": "outside", "root/etc/file": "etc"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(root), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return Tree{Root: root}
}

func TestResolve(t *testing.T) {
	tr := tree(t, map[string]string{
		"lib": "/usr/lib", "usr/lib64": "lib", "usr/up": "../../../../etc", "usr/out": "../../secret", "usr/abs": "/secret",
		"a": "b", "b": "a", "usr/lib/nowhere": "/nowhere/at/all", "usr/self": "self/self", "dev/dots": "./././../etc/../etc/file",
	})
	for name, want := range map[string]string{
		"/lib/file": "usr/lib/file", "/usr/lib64/file": "usr/lib/file", "/usr/up/file": "etc/file", "/../../usr/lib/../lib/file": "usr/lib/file",
		"/usr/out": "secret", "/usr/abs": "secret", "/usr/lib/nowhere": "nowhere/at/all", "/": ".", "": ".", "/dev/dots": "etc/file", "/usr/lib/absent/x": "usr/lib/absent/x",
	} {
		got, err := tr.Resolve(name)
		if err != nil || got != filepath.Join(tr.Root, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"/a", "/usr/self", "/a/x/y"} {
		if _, err := tr.Resolve(name); !errors.Is(err, syscall.ELOOP) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]bool{"/usr/out": false, "/usr/abs": false, "/lib/file": true, "/lib": false, "/a": false} {
		if tr.IsFile(name) != want {
			t.Errorf("%s is a file: %v", name, !want)
		}
		data, err := tr.ReadFile(name, 100)
		if (err == nil) != want || string(data) == "outside" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if !tr.Exists("/a") || !tr.Exists("/usr/lib/nowhere") || tr.Exists("/usr/lib/absent") {
		t.Error("what exists is not")
	}
	if got := strings.Join(tr.List("/lib"), " "); got != "file nowhere python3.13" {
		t.Errorf("lib has %s", got)
	}
	if name, ok := tr.Name(filepath.Join(tr.Root, "usr", "lib")); !ok || name != "/usr/lib" {
		t.Errorf("%q, %v", name, ok)
	}
	if _, ok := tr.Name(filepath.Dir(tr.Root)); ok {
		t.Error("the folder around the root is in it")
	}
}

func TestReadFileIsBounded(t *testing.T) {
	tr := Tree{Root: t.TempDir()}
	big := filepath.Join(tr.Root, "big")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 1<<40); err != nil {
		t.Skip(err)
	}
	if _, err := tr.ReadFile("/big", 1000); err == nil || !strings.Contains(err.Error(), "more than 1000 bytes") {
		t.Error(err)
	}
	if _, err := tr.ReadFile("/", 1000); err == nil {
		t.Error("a folder was read")
	}
}
