package transport

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// authenticator gives each request the credentials of its own origin and no
// others, whatever header the request came with.
type authenticator struct {
	next        http.RoundTripper
	credentials *credentials
}

func (t *authenticator) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, has := t.credentials.find(req.Context(), req.URL)
	resp, err := t.next.RoundTrip(withLogin(req, sent, has))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	again, ok := t.credentials.challenged(req.Context(), req.URL, sent)
	if !ok {
		return resp, nil
	}
	closeBody(resp.Body)
	resp, err = t.next.RoundTrip(withLogin(req, again, true))
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		t.credentials.forget(req.URL, again)
	}
	return resp, err
}

func withLogin(req *http.Request, l login, has bool) *http.Request {
	r := req.Clone(req.Context()) // a RoundTripper must not change its request
	r.URL.User = nil
	r.Header.Del("Authorization")
	if has {
		r.SetBasicAuth(l.user, l.password)
	}
	return r
}

// credentials finds who we are to an origin. In order, as in pip: the URL's own
// userinfo, the configured index that the URL belongs to, netrc; and after the
// server said 401: the keyring program, then the user.
type credentials struct {
	locations []location
	netrc     netrc
	keyring   *keyring // nil = not to be used
	prompt    Prompt   // nil = nobody to ask
	insecure  func(*url.URL) bool

	mu      sync.Mutex
	learned map[origin]login
	asking  map[origin]*sync.Mutex
	asked   map[origin]bool
}

// location is a configured URL, without its userinfo.
type location struct {
	origin origin
	path   string // with a slash at its end
	url    string
	login  *login
	whole  bool // login has a password
}

func newCredentials(opts *Options, trusted trustedHosts) (*credentials, error) {
	c := &credentials{
		learned: make(map[origin]login),
		asking:  make(map[origin]*sync.Mutex),
		asked:   make(map[origin]bool),
		insecure: func(u *url.URL) bool {
			return u.Scheme != "https" && !isLoopback(u.Hostname()) && !trusted.has(u)
		},
	}
	for _, raw := range opts.Locations {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			continue // whoever reads from it says so
		}
		c.locations = append(c.locations, newLocation(u))
	}
	var err error
	if c.netrc, err = readNetrc(opts.Netrc, opts.Getenv); err != nil {
		// As everywhere: a broken netrc of another program's is no reason to stop.
		opts.Log.Warn("netrc is ignored", "error", err)
	}
	if c.keyring, err = newKeyring(opts.KeyringProvider, opts.NoInput); err != nil {
		return nil, err
	}
	if !opts.NoInput {
		c.prompt = opts.Prompt
	}
	return c, nil
}

func newLocation(u *url.URL) location {
	v := *u
	v.User, v.Fragment, v.RawFragment, v.RawQuery = nil, "", "", ""
	l := location{origin: originOf(u), path: strings.TrimRight(u.Path, "/") + "/", url: v.String()}
	l.login, l.whole = userinfo(u)
	return l
}

func userinfo(u *url.URL) (*login, bool) {
	if u.User == nil || u.User.String() == "" {
		return nil, false
	}
	password, whole := u.User.Password()
	return &login{u.User.Username(), password}, whole
}

type urlCredentialsKey struct{}

// withURLCredentials keeps the userinfo of a request's own URL for its origin.
func withURLCredentials(ctx context.Context, u *url.URL) context.Context {
	l := newLocation(u)
	if l.login == nil {
		return ctx
	}
	return context.WithValue(ctx, urlCredentialsKey{}, &l)
}

// find returns what to send before anything was asked for.
func (c *credentials) find(ctx context.Context, u *url.URL) (login, bool) {
	o := originOf(u)
	user := ""
	own, _ := ctx.Value(urlCredentialsKey{}).(*location)
	if own == nil || own.origin != o {
		own = c.nearest(o, u.Path)
	}
	if own != nil && own.login != nil {
		if own.whole {
			return *own.login, true
		}
		user = own.login.user
	}
	c.mu.Lock()
	l, ok := c.learned[o]
	c.mu.Unlock()
	if ok {
		return l, true
	}
	if c.insecure(u) {
		// What was not written for this very URL is not sent in the clear.
		return login{user: user}, user != ""
	}
	if l, ok := c.netrc.lookup(u.Hostname()); ok && (user == "" || l.user == user) {
		return l, true
	}
	return login{user: user}, user != "" // a token may stand in place of the name
}

// nearest returns the configured location with the same origin whose path has
// the most in common with path; one with credentials wins over one without.
func (c *credentials) nearest(o origin, path string) *location {
	var best *location
	bestScore := -1
	for i := range c.locations {
		l := &c.locations[i]
		if l.origin != o {
			continue
		}
		score := 2 * commonSegments(l.path, path)
		if l.login != nil {
			score++
		}
		if score > bestScore {
			best, bestScore = l, score
		}
	}
	return best
}

func commonSegments(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}

// challenged is called after a 401 to what was sent. Several requests may meet
// the same origin's 401 at once: the first asks, the others take its answer.
func (c *credentials) challenged(ctx context.Context, u *url.URL, sent login) (login, bool) {
	if c.insecure(u) {
		return login{}, false
	}
	o := originOf(u)
	c.mu.Lock()
	gate := c.asking[o]
	if gate == nil {
		gate = new(sync.Mutex)
		c.asking[o] = gate
	}
	c.mu.Unlock()
	gate.Lock()
	defer gate.Unlock()

	c.mu.Lock()
	l, known := c.learned[o]
	asked := c.asked[o]
	c.asked[o] = true
	c.mu.Unlock()
	if known && l != sent {
		return l, true
	}
	if asked {
		return login{}, false
	}
	l, ok := c.ask(ctx, u, o, sent.user)
	if !ok || l == sent {
		return login{}, false
	}
	c.mu.Lock()
	c.learned[o] = l
	c.mu.Unlock()
	return l, true
}

func (c *credentials) ask(ctx context.Context, u *url.URL, o origin, user string) (login, bool) {
	near := c.nearest(o, u.Path)
	if near != nil && c.netrc.fallback != nil && user == "" {
		// netrc's "default" is for hosts that the user configured, not for any.
		return *c.netrc.fallback, true
	}
	if c.keyring != nil {
		services := []string{u.Host}
		if near != nil {
			services = []string{near.url, u.Host}
		}
		for _, service := range services {
			if l, ok := c.keyring.get(ctx, service, user); ok {
				return l, true
			}
		}
	}
	if c.prompt != nil {
		if user, password, ok := c.prompt(ctx, u.Scheme+"://"+u.Host); ok {
			return login{user, password}, true
		}
	}
	return login{}, false
}

// forget drops what the server did not accept.
func (c *credentials) forget(u *url.URL, l login) {
	o := originOf(u)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.learned[o] == l {
		delete(c.learned, o)
	}
}
