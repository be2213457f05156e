package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index/cache"
)

// buildPython describes this machine's own Python: the active virtual
// environment's, else python3 or python on PATH.
func (a *app) buildPython(ctx context.Context) (*host.Host, error) {
	path, err := a.findPython()
	if err != nil {
		return nil, err
	}
	return a.describePython(ctx, path)
}

// describePython describes a Python of this machine, from the cache if it is
// the one that answered before.
func (a *app) describePython(ctx context.Context, path string) (*host.Host, error) {
	dir := a.cacheDir()
	if dir == "" {
		return host.Native(ctx, path)
	}
	store, err := cache.Open(dir)
	if err != nil {
		return host.Native(ctx, path) // the index says what is wrong with the cache
	}
	defer store.Close()
	return describeKept(ctx, store, path)
}

// describeKept describes a Python of this machine, from the store if it is the
// one that answered before.
func describeKept(ctx context.Context, store *cache.Store, path string) (*host.Host, error) {
	key, stamped := stamp(path)
	if stamped {
		if answer, err := store.Get(cacheKindPython, key); err == nil {
			if h, err := host.ParseNative(answer); err == nil {
				return h, nil
			}
		}
	}
	answer, err := host.Probe(ctx, path)
	if err != nil {
		return nil, err
	}
	h, err := host.ParseNative(answer)
	if err != nil {
		return nil, err
	}
	if stamped && isSameFile(path, h.Executable()) {
		_ = store.Put(cacheKindPython, key, answer) // only a cache
	}
	return h, nil
}

// isSameFile reports whether a Python that was asked is the one that answered.
// A script of a version manager hands the question on to one that other things
// than that script decide.
func isSameFile(path, other string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	second, err := os.Stat(other)
	return err == nil && os.SameFile(info, second)
}

const cacheKindPython = "pythons-v3"

func (a *app) findPython() (string, error) {
	bin, names := "bin", []string{"python3", "python"}
	if runtime.GOOS == "windows" {
		bin, names = "Scripts", []string{"python.exe", "python3.exe"}
	}
	if venv, ok := a.getenv("VIRTUAL_ENV"); ok && venv != "" && !isCross(venv) {
		for _, name := range names {
			path := filepath.Join(venv, bin, name)
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				return path, nil
			}
		}
	}
	search := a.searchPath()
	for _, name := range names {
		for _, dir := range search {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
	}
	return "", &commandError{
		msg: "No host was named, and no Python was found on this machine to be the host.",
		hints: []string{
			"Name the host, for example:",
			"  --platform ios_13_0_arm64",
			"  --platform manylinux_2_28_aarch64 --python-version 3.13",
		},
	}
}

// stamp identifies a program by what changes when it is replaced: its path,
// where links lead, size and time, and the environment that a pyvenv.cfg makes.
func stamp(path string) (key string, ok bool) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", false
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", false
	}
	config, _ := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(path)), "pyvenv.cfg"))
	text := fmt.Sprintf("%s\n%s\n%d\n%d\n%s", path, real, info.Size(), info.ModTime().UnixNano(), config)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), true
}
