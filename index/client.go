package index

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/xpip/xpip/index/cache"
	"github.com/xpip/xpip/index/transport"
	"github.com/xpip/xpip/requirements"
)

// Client answers from the configured locations. It is safe for concurrent use.
type Client struct {
	http      *transport.Client
	store     *cache.Store
	indexes   []location
	findLinks []location
	strategy  Strategy
	refresh   map[string]bool // normalised names; refreshAll for all
	progress  Progress
	log       *slog.Logger

	listings  memo[Listing]
	links     memo[linkList]
	metadata  memo[[]byte]
	downloads memo[Blob]

	pins        []pin
	noIndex     bool
	passOver    bool // Config.PassOverUnreachable
	unreachable unreachable

	mu       sync.Mutex
	warnings []string
}

const refreshAll = ":all:"

// DefaultURL returns the address of PyPI's simple index. It is put together
// here and nowhere else.
func DefaultURL() string {
	return (&url.URL{Scheme: "https", Host: strings.Join([]string{"pypi", "org"}, "."), Path: "/simple/"}).String()
}

// New checks cfg and makes a Client. It does not touch the network. A cache
// that cannot be used is a warning, not an error: the client then keeps what it
// needs in a temporary folder until Close.
func New(cfg Config) (*Client, error) {
	if cfg.Getenv == nil {
		cfg.Getenv = os.Getenv
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := resolveNames(&cfg); err != nil {
		return nil, err
	}
	c := &Client{strategy: cfg.Strategy, progress: cfg.Progress, log: cfg.Log, refresh: make(map[string]bool), passOver: cfg.PassOverUnreachable, noIndex: cfg.NoIndex}
	for _, name := range cfg.RefreshPackages {
		if name != refreshAll {
			name = requirements.NormalizeName(name)
		}
		c.refresh[name] = true
	}
	urls := indexURLs(cfg)
	var pinned []string
	for _, p := range cfg.Pins {
		pinned = append(pinned, p.Index)
	}
	var err error
	c.http, err = transport.New(transport.Options{
		Locations:       slices.Concat(urls, cfg.FindLinks, pinned),
		TrustedHosts:    cfg.TrustedHosts,
		Cert:            cfg.Cert,
		ClientCert:      cfg.ClientCert,
		Proxy:           cfg.Proxy,
		NoProxyEnv:      cfg.NoProxyEnv,
		Timeout:         cfg.Timeout,
		Retries:         cfg.Retries,
		UserAgent:       cfg.UserAgent,
		Offline:         cfg.Offline,
		Netrc:           cfg.Netrc,
		KeyringProvider: cfg.KeyringProvider,
		NoInput:         cfg.NoInput,
		Prompt:          cfg.Prompt,
		Getenv:          cfg.Getenv,
		Log:             cfg.Log,
		OnRetry:         cfg.OnRetry,
	})
	if err != nil {
		return nil, err
	}
	if err := c.setLocations(urls, cfg.FindLinks); err != nil {
		return nil, err
	}
	c.warnOfTrust(cfg.TrustedHosts)
	if err := c.setPins(cfg.Pins); err != nil {
		return nil, err
	}
	if err := c.openStore(cfg.CacheDir); err != nil {
		return nil, err
	}
	return c, nil
}

// indexURLs returns the indexes in order, each once.
func indexURLs(cfg Config) []string {
	if cfg.NoIndex {
		return nil
	}
	first := cfg.IndexURL
	if first == "" {
		first = DefaultURL()
	}
	var urls []string
	for _, u := range append([]string{first}, cfg.ExtraIndexURLs...) {
		if u = strings.TrimRight(u, "/"); u != "" && !slices.Contains(urls, u) {
			urls = append(urls, u)
		}
	}
	return urls
}

func (c *Client) setLocations(indexes, findLinks []string) error {
	for _, raw := range indexes {
		l, err := newLocation(raw, true)
		if err != nil {
			return fmt.Errorf("reading index %q: %w", transport.Redact(raw), err)
		}
		if err := c.checkSecure(l.url); err != nil {
			return err
		}
		c.indexes = append(c.indexes, l)
	}
	for _, raw := range findLinks {
		l, err := newLocation(raw, false)
		if err != nil {
			c.warn("Location '%s' is ignored: it is either a non-existing path or lacks a specific scheme.", transport.Redact(raw))
			continue
		}
		if err := c.checkSecure(l.url); err != nil {
			return err
		}
		c.findLinks = append(c.findLinks, l)
	}
	return nil
}

// warnOfTrust says in every run what trusting a host gives up. On this machine it
// gives up nothing.
func (c *Client) warnOfTrust(hosts []string) {
	hosts = slices.DeleteFunc(slices.Clone(hosts), transport.IsLoopback)
	if len(hosts) > 0 {
		c.warn("Certificates of %s are not verified (--trusted-host): whoever is on the way there can change what comes.", strings.Join(hosts, ", "))
	}
}

// checkSecure refuses plain HTTP to other machines unless they are trusted.
func (c *Client) checkSecure(u *url.URL) error {
	if c.http.Secure(u) {
		return nil
	}
	return &InsecureError{URL: transport.RedactURL(u), Host: u.Host}
}

func (c *Client) openStore(dir string) error {
	var err error
	if dir != "" {
		if c.store, err = cache.Open(dir); err == nil {
			return nil
		}
		c.warn("The cache in %q is not used: %v.", dir, err)
	}
	if c.store, err = cache.Temporary(); err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	return nil
}

// Close removes what the client kept only while it lived: without a cache,
// the files that Download returned.
func (c *Client) Close() error { return c.store.Close() }

// Offline reports whether the client answers without the network.
func (c *Client) Offline() bool { return c.http.Offline() }

// Store returns the store that the client keeps its files in, for others to
// keep unpacked wheels and the like beside them. It is temporary when there is
// no cache.
func (c *Client) Store() *cache.Store { return c.store }

// Warnings returns what was worked around so far and belongs to no single
// project: the cache, locations that are ignored. Each is there once.
func (c *Client) Warnings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.warnings)
}

func (c *Client) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	c.log.Warn(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.warnings, text) {
		c.warnings = append(c.warnings, text)
	}
}

// wantsRefresh reports whether the cache must not answer alone for a project.
func (c *Client) wantsRefresh(project string) bool {
	return c.refresh[project] || c.refresh[refreshAll]
}
