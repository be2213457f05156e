package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mounted makes a small file system in memory at dir, and takes it away when
// the test ends.
func mounted(t *testing.T, dir, options string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("mounting a file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// TestFullDisk installs into file systems that are too small, by blocks and by
// files, whatever is full first: the prefix, the cache.
func TestFullDisk(t *testing.T) {
	ix := crowd(6, 30)
	b := newBenchOf(t, ix)
	first, all := names(ix, "==1.0")[:1], names(ix, "==1.0")
	for _, size := range []string{"size=200k", "size=400k", "nr_inodes=60", "nr_inodes=120"} {
		t.Run(size, func(t *testing.T) {
			disk := filepath.Join(t.TempDir(), "disk")
			mounted(t, disk, size)
			fresh := place{parent: disk, path: filepath.Join(disk, "fresh"), layout: "target"}
			out, code := b.run(t, fresh, append([]string{"install"}, all...)...)
			if got := snapshot(t, disk); code != 1 || got != "" || !strings.Contains(out, "no space left on device") {
				t.Errorf("fresh: exit %d\n%s\n%s", code, out, got)
			}
			there := place{parent: disk, path: filepath.Join(disk, "there"), layout: "target"}
			b.must(t, there, append([]string{"install"}, first...)...)
			before := snapshot(t, disk)
			out, code = b.run(t, there, append([]string{"install"}, all...)...)
			if got := snapshot(t, disk); code != 1 || got != before || !strings.Contains(out, "no space left on device") {
				t.Errorf("beside others: exit %d\n%s\n%s\nbefore:\n%s", code, out, got, before)
			}
			b.must(t, there, "check")
			if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=64m,nr_inodes=0"); err != nil {
				t.Fatal(err)
			}
			b.must(t, there, append([]string{"install"}, all...)...)
			b.must(t, there, "check")

			cached := *b
			cached.cache = filepath.Join(t.TempDir(), "cache")
			mounted(t, cached.cache, size)
			p := (&trial{bench: b, layout: "target"}).copy(t)
			out, code = cached.run(t, p, append([]string{"install"}, all...)...)
			if got := snapshot(t, p.parent); code != 1 || got != "" || !strings.Contains(out, "no space left on device") {
				t.Errorf("cache: exit %d\n%s\n%s", code, out, got)
			}
			if err := unix.Mount("tmpfs", cached.cache, "tmpfs", unix.MS_REMOUNT, "size=64m,nr_inodes=0"); err != nil {
				t.Fatal(err)
			}
			cached.must(t, p, append([]string{"install"}, all...)...)
			cached.must(t, p, "check")
		})
	}
}

// TestOtherFileSystems has cache, prefix, the prefix's parent and the folder for
// temporary files on file systems of their own, so that nothing can be linked or
// renamed from one to the other.
func TestOtherFileSystems(t *testing.T) {
	b := newBench(t)
	alone := (&trial{bench: b, layout: "target"}).copy(t)
	b.must(t, alone, "install", "alpha==1.0", "beta")
	want := snapshot(t, alone.path)
	disk := filepath.Join(t.TempDir(), "disk")
	mounted(t, disk, "size=16m")
	for _, name := range []string{"new", "there"} {
		p := place{parent: disk, path: filepath.Join(disk, name), layout: "target"}
		if name == "there" {
			mounted(t, p.path, "size=16m")
		}
		b.must(t, p, "install", "alpha==2.0")
		b.must(t, p, "install", "alpha==1.0", "beta")
		if got := snapshot(t, p.path); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		b.must(t, p, "check")
	}
}

// TestReadOnly: a prefix on a read-only file system is refused, and can be
// looked at.
func TestReadOnly(t *testing.T) {
	b := newBench(t)
	disk := filepath.Join(t.TempDir(), "disk")
	mounted(t, disk, "size=16m")
	p := place{parent: disk, path: filepath.Join(disk, "there"), layout: "target"}
	b.must(t, p, "install", "alpha==1.0")
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, disk)
	for _, path := range []string{p.path, filepath.Join(disk, "fresh")} {
		out, code := b.run(t, place{path: path, layout: "target"}, "install", "beta")
		if code != 1 || !strings.Contains(out, "read-only file system") {
			t.Errorf("install into %s: exit %d\n%s", path, code, out)
		}
	}
	if out, code := b.run(t, p, "uninstall", "-y", "alpha"); code != 1 || !strings.Contains(out, "read-only file system") {
		t.Errorf("uninstall: exit %d\n%s", code, out)
	}
	b.must(t, p, "check")
	if got := snapshot(t, disk); got != before {
		t.Errorf("changed:\n%s", got)
	}
}

// TestNoPermission runs as a user who may not write: to the prefix, to one
// package in it, to the cache.
func TestNoPermission(t *testing.T) {
	const nobody = 65534
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	b := newBench(t)
	open := func(dir string) {
		for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	open(b.dir)
	open(filepath.Dir(b.program))
	run := func(p place, args ...string) (string, int) {
		cmd := b.command(b.at(p, args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Skip(err) // the program itself is out of reach
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	tr := &trial{bench: b, layout: "target"}
	p := tr.copy(t)
	b.must(t, p, "install", "alpha==1.0")
	open(p.path)
	before := snapshot(t, p.parent)
	refused := func(what string, args ...string) {
		t.Helper()
		out, code := run(p, args...)
		if got := snapshot(t, p.parent); code != 1 || got != before || !strings.Contains(out, "permission denied") {
			t.Errorf("%s: exit %d\n%s\n%s", what, code, out, got)
		}
	}
	b.cache = filepath.Join(b.dir, "cache-of-nobody")
	if err := os.Mkdir(b.cache, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(b.cache, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	refused("a prefix of root", "install", "beta")
	refused("a package of root", "uninstall", "-y", "alpha")
	// The folder is the user's, one package in it is not.
	if err := os.Chown(p.path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	refused("an upgrade of a package of root", "install", "-U", "alpha")
	if out, code := run(p, "check"); code != 0 {
		t.Errorf("check: exit %d\n%s", code, out)
	}
}
