package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/xpip/xpip/cmd/xpip/internal/ui"
	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/index"
)

// session is what a command works with once its options are understood: for
// whom (host), from where (client), and where to say so (printer).
type session struct {
	app     *app
	printer *ui.Printer
	host    *host.Host
	client  *index.Client
	temp    string // for what lives no longer than the session
	early   *early // nil: nothing is fetched before everything is chosen
}

// session describes the host and opens the index. The caller closes it.
func (a *app) session(ctx context.Context, h hostOptions, ix indexOptions) (*session, error) {
	if err := a.open(); err != nil {
		return nil, err
	}
	described, err := a.host(ctx, h)
	if err != nil {
		return nil, err
	}
	client, err := index.New(a.indexConfig(ix))
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "xpip-")
	if err != nil {
		return nil, fmt.Errorf("making a temporary folder: %w", errors.Join(err, client.Close()))
	}
	return &session{app: a, printer: a.printer, host: described, client: client, temp: temp}, nil
}

// close removes temporary files; that they stay is no failure of the command.
func (s *session) close() {
	_ = s.client.Close()
	_ = os.RemoveAll(s.temp)
}

// host is the host that the options describe; with no word about one it is the
// build machine's own Python.
func (a *app) host(ctx context.Context, o hostOptions) (*host.Host, error) {
	options := host.Options{
		Platforms: o.platforms, ABIs: o.abis, PythonVersion: o.pythonVersion,
		Implementation: o.implementation, Exact: o.exact, Getenv: a.getenv,
		Markers: map[string]string{},
	}
	for _, m := range o.markers {
		name, value, ok := strings.Cut(m, "=")
		if !ok {
			return nil, &usageError{msg: fmt.Sprintf("option --marker: %s is not of the form name=value", pyQuote(m))}
		}
		options.Markers[strings.TrimSpace(name)] = value
	}
	described, err := a.describedBy(o)
	if err != nil {
		return nil, err
	}
	options.Prefix = described
	says := described != nil && described.Describes()
	if len(o.platforms) == 0 && (isOwn(described) || !says) {
		native, err := a.ownPython(ctx, described, o.from)
		switch {
		case err != nil && !says:
			return nil, err
		case err != nil: // the files have to do
		case !o.given() && len(o.markers) == 0:
			return native, nil
		default:
			options.Prefix, options.Native = nil, native
		}
	}
	h, err := host.New(options)
	var version *host.PythonVersionError
	if errors.As(err, &version) {
		return nil, &usageError{msg: "--python-version error: " + version.Error()}
	}
	return h, err
}

func (a *app) indexConfig(o indexOptions) index.Config {
	g := a.general
	config := index.Config{
		IndexURL: o.indexURL, ExtraIndexURLs: o.extraURLs, NoIndex: o.noIndex, FindLinks: o.findLinks,
		TrustedHosts: g.trustedHosts, Cert: g.cert, ClientCert: g.clientCert,
		Proxy: g.proxy, NoProxyEnv: g.noProxyEnv, Retries: g.retries,
		Timeout:         time.Duration(g.timeout * float64(time.Second)),
		UserAgent:       "xpip/" + Version,
		KeyringProvider: g.keyring, NoInput: g.noInput, RefreshPackages: o.refresh,
		Getenv:   func(name string) string { value, _ := a.getenv(name); return value },
		CacheDir: a.cacheDir(),
		Progress: progress{a.printer},

		PassOverUnreachable: !o.strict, // as pip, which tools rely on that name extra indexes of their own
		Offline:             g.offline,
	}
	for _, s := range o.names {
		name, url, _ := strings.Cut(s, "=")
		config.Names = append(config.Names, index.Named{Name: name, URL: url})
	}
	for _, s := range o.pins {
		project, place, _ := strings.Cut(s, "=")
		config.Pins = append(config.Pins, index.Pin{Project: project, Index: place})
	}
	if g.retries == 0 {
		config.Retries = -1
	}
	if o.strategy == "first-index" {
		config.Strategy = index.FirstIndex
	}
	if a.printer.Level() >= ui.Debug {
		config.Log = slog.New(slog.NewTextHandler(lineWriter{a.printer.Trace}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return config
}

// cacheDir is --cache-dir, else XPIP_CACHE_DIR, else the user's cache folder;
// "" when there is none or --no-cache-dir is given.
func (a *app) cacheDir() string {
	if a.general.noCache {
		return ""
	}
	if a.general.cacheDir != "" {
		return a.general.cacheDir
	}
	if dir, ok := a.getenv("XPIP_CACHE_DIR"); ok && dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "xpip")
}

// progress hands the index's downloads to the printer.
type progress struct{ printer *ui.Printer }

func (p progress) Started(_ string, size int64) index.Transfer {
	return transfer{p.printer.StartDownload(size)}
}

type transfer struct{ download *ui.Download }

func (t transfer) Advance(n int64)  { t.download.Advance(n) }
func (t transfer) Done(bool, error) { t.download.Done() }

// lineWriter gives each line written to a printing function.
type lineWriter struct{ print func(string, ...any) }

func (w lineWriter) Write(p []byte) (int, error) {
	w.print("%s", strings.TrimRight(string(p), "\n"))
	return len(p), nil
}
