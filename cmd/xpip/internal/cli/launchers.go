package cli

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/installer/scripts"
)

// launcherPin is the distribution that has the launchers for Windows, the
// programs that pip writes .exe scripts with: distlib, under the PSF licence. It
// is data here, and never installed or run.
type launcherPin struct {
	project, file, sha256 string
}

var launcherWheel = launcherPin{
	project: "distlib", file: "distlib-0.4.4-py2.py3-none-any.whl",
	sha256: "cf09d55b1e85a89576b036aeb71550bfd68320f3f21761ca329eadadad918638",
}

// settleShebang refuses what cannot stand behind #! in a script, and takes the
// #! itself off.
func (o *installOptions) settleShebang() error {
	if strings.ContainsFunc(o.shebang, unicode.IsControl) {
		return &usageError{msg: fmt.Sprintf("option --script-shebang: %s is not one line", pyQuote(o.shebang))}
	}
	o.shebang = strings.TrimSpace(strings.TrimPrefix(o.shebang, "#!"))
	return nil
}

// maxLauncher bounds a launcher, in bytes.
const maxLauncher = 1 << 20

// launchers brings the launchers for a Windows host onto this machine, if any of
// the wheels has scripts. Where they cannot be had it says so and returns nil:
// the scripts are .cmd files then.
func (c *installCommand) launchers(ctx context.Context, s *session, wheels []fetched) *scripts.Launchers {
	needed := false
	for _, w := range wheels {
		points := w.wheel.EntryPoints
		needed = needed || len(points.Console)+len(points.GUI) > 0
	}
	if !needed || c.options.noScripts || s.host.Scheme().ScriptKind != host.ScriptsWindows {
		return nil
	}
	found, err := s.readLaunchers(ctx, launcherWheel)
	if err != nil {
		s.printer.Warn("Scripts are made as .cmd files: the launchers for .exe files, of %s, cannot be had: %v", launcherWheel.file, err)
		return nil
	}
	return found
}

// readLaunchers takes the launchers from the cache, else from an index.
func (s *session) readLaunchers(ctx context.Context, pin launcherPin) (*scripts.Launchers, error) {
	if path, _, ok := s.client.Store().Blob(pin.sha256); ok {
		return unzipLaunchers(path, s.host.Platform())
	}
	listing, err := s.client.Files(ctx, pin.project)
	if err != nil {
		return nil, err
	}
	for _, file := range listing.Files() {
		if file.Filename != pin.file {
			continue
		}
		blob, err := s.client.Download(ctx, file, map[string][]string{"sha256": {pin.sha256}})
		if err != nil {
			return nil, err
		}
		return unzipLaunchers(blob.Path, s.host.Platform())
	}
	return nil, fmt.Errorf("no index has it")
}

// unzipLaunchers takes the two launchers of a platform out of distlib's wheel,
// whose hash has been verified.
func unzipLaunchers(wheel, platform string) (found *scripts.Launchers, err error) {
	suffix := "64.exe"
	switch platform {
	case "win32":
		suffix = "32.exe"
	case "win_arm64":
		suffix = "64-arm.exe"
	}
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	found = &scripts.Launchers{}
	for name, to := range map[string]*[]byte{"t" + suffix: &found.Console, "w" + suffix: &found.GUI} {
		file, err := archive.Open("distlib/" + name)
		if err != nil {
			return nil, err
		}
		*to, err = io.ReadAll(io.LimitReader(file, maxLauncher+1))
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
		if len(*to) > maxLauncher || !strings.HasPrefix(string(*to), "MZ") {
			return nil, fmt.Errorf("%s is no launcher", name)
		}
	}
	return found, nil
}
