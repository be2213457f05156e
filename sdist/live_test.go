package sdist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xpip/xpip/wheel"
)

// pipProvisioner fills build environments by the pip of the build machine's
// Python. It is for tests against real projects only: xpip uses its own
// resolver and installer.
type pipProvisioner struct{}

func (pipProvisioner) Provision(ctx context.Context, dir string, requires []string, python *BuildPython) error {
	args := append([]string{"-m", "pip", "--python", python.Interpreter(dir), "--disable-pip-version-check", "install", "-q", "--no-compile", "--only-binary=:all:"}, requires...)
	cmd := exec.CommandContext(ctx, python.Executable, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, out.String())
	}
	return nil
}

// TestRealSdists builds every archive in the folder XPIP_TEST_SDISTS for the
// platform XPIP_TEST_PLATFORM (an iPhone without it) and logs what became of
// each; it needs an index that pip reaches. What must hold for all: no refusal
// without a reason, no machine code in a wheel, a wheel that can be imported
// from by its own RECORD.
func TestRealSdists(t *testing.T) {
	dir := os.Getenv("XPIP_TEST_SDISTS")
	if dir == "" {
		t.Skip("XPIP_TEST_SDISTS names no folder of source distributions")
	}
	needPython(t)
	platform := os.Getenv("XPIP_TEST_PLATFORM")
	if platform == "" {
		platform = "ios_13_0_arm64"
	}
	h := hostOf(t, platform, "3.13")
	b := newBuilder(t, Config{Timeout: 5 * time.Minute, LogDir: filepath.Join(dir, "logs"), Path: folders(filepath.SplitList(os.Getenv("PATH"))...)}, pipProvisioner{})
	archives, err := filepath.Glob(filepath.Join(dir, "*.*z*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, archive := range archives {
		name, err := wheel.ParseSdistFilename(filepath.Base(archive), "")
		if err != nil {
			continue
		}
		req := Request{Archive: archive, Name: name.Project, Version: name.Version, Host: h, FromIndex: true}
		start := time.Now()
		in, err := b.Inspect(t.Context(), req)
		if err != nil {
			t.Errorf("%s: %v", name.Raw, err)
			continue
		}
		inspected := time.Since(start)
		res, err := b.Build(t.Context(), req, t.TempDir())
		took := time.Since(start).Round(10 * time.Millisecond)
		promise := "-"
		if in.Metadata != nil {
			promise = in.Metadata.Source
		}
		t.Logf("%-32s %6s %7s %-14s %s", name.Raw, took, inspected.Round(time.Millisecond), promise, outcomeOf(t, res, err))
	}
}

// outcomeOf says in a line what became of a build, and checks what must hold.
func outcomeOf(t *testing.T, res *Result, err error) string {
	if err != nil {
		if needs, ok := errors.AsType[*NeedsCompilerError](err); ok {
			return fmt.Sprintf("NEEDS COMPILER static=%v probed=%v %v: %s", needs.Static, needs.Probed, needs.Languages, needs.Reason)
		}
		t.Errorf("%v", err)
		if failed, ok := errors.AsType[*BuildError](err); ok {
			return "FAILED " + failed.Reason + "\n" + strings.Join(failed.Tail, "\n")
		}
		return "FAILED " + err.Error()
	}
	u, err := wheel.UnpackFile(t.Context(), res.WheelPath, res.Filename, "", t.TempDir(), wheel.Limits{})
	if err != nil {
		t.Errorf("%s: %v", res.Filename, err)
		return "BAD WHEEL"
	}
	if len(u.Native) > 0 {
		t.Errorf("%s has %v", res.Filename, u.Native)
	}
	return fmt.Sprintf("%s (built as %s, %d attempts; asked %v; notes %q; requires %q)", res.Filename, res.BuiltAs, res.Attempts, res.Asked, res.Notes, res.Metadata.RequiresDist)
}
