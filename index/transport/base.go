package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	maxCertFile = 64 << 20 // bytes
	maxHeader   = 1 << 20  // bytes of an answer's header
)

// CertError says that a CA bundle or a client certificate cannot be used.
type CertError struct {
	Path string
	Err  error
}

func (e *CertError) Error() string {
	return fmt.Sprintf("reading certificates from %q: %v", e.Path, e.Err)
}
func (e *CertError) Unwrap() error { return e.Err }

// newBase makes the bottom of the stack. Certificates are checked to be there
// now, and parsed when the first connection needs them: a run that lives off
// its cache, or asks over plain HTTP, does not pay for 150 of them.
func newBase(opts *Options, trusted trustedHosts) (http.RoundTripper, error) {
	proxy, err := proxyFunc(opts)
	if err != nil {
		return nil, err
	}
	bundle := certPath(opts)
	for _, path := range [...]string{bundle, opts.ClientCert} {
		if err := checkReadable(path); err != nil {
			return nil, &CertError{path, err}
		}
	}
	client := func(verify bool) func() (*http.Transport, error) {
		return sync.OnceValues(func() (*http.Transport, error) {
			config := &tls.Config{MinVersion: tls.VersionTLS12}
			if verify && bundle != "" {
				roots, err := loadRoots(bundle)
				if err != nil {
					return nil, &CertError{bundle, err}
				}
				config.RootCAs = roots
			}
			if opts.ClientCert != "" {
				pair, err := tls.LoadX509KeyPair(opts.ClientCert, opts.ClientCert)
				if err != nil {
					return nil, &CertError{opts.ClientCert, err}
				}
				config.Certificates = []tls.Certificate{pair}
			}
			config.InsecureSkipVerify = !verify // only ever on the transport of trusted hosts
			return newTransport(config, proxy, opts.Timeout), nil
		})
	}
	plain := sync.OnceValues(func() (*http.Transport, error) { return newTransport(nil, proxy, opts.Timeout), nil })
	return &route{trusted: trusted, proxy: proxy, verifying: client(true), trusting: client(false), plain: plain}, nil
}

func newTransport(config *tls.Config, proxy func(*http.Request) (*url.URL, error), timeout time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    timeout,
		ResponseHeaderTimeout:  timeout,
		ExpectContinueTimeout:  time.Second,
		ForceAttemptHTTP2:      true, // a TLS config of one's own switches it off otherwise
		DisableCompression:     true, // asked for and undone where it is wanted
		MaxIdleConns:           2 * maxParallel,
		MaxIdleConnsPerHost:    maxParallel,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxHeader,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: timeout, PingTimeout: timeout},
	}
}

// certPath returns the CA bundle that applies, as pip finds it, and OpenSSL's
// variable after those; "" is the system's store.
func certPath(opts *Options) string {
	if opts.Cert != "" {
		return opts.Cert
	}
	for _, name := range [...]string{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"} {
		if path := opts.Getenv(name); path != "" {
			return path
		}
	}
	return ""
}

func checkReadable(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.IsDir() && info.Size() == 0 {
		return errors.New("the file is empty")
	}
	return nil
}

// loadRoots reads a bundle, or all bundles of a folder. A path that was given
// and holds no certificate is an error: falling back to the system's would
// trust what the user meant to shut out.
func loadRoots(path string) (*x509.CertPool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		files = files[:0]
		for _, e := range entries {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	pool, found := x509.NewCertPool(), false
	for _, file := range files {
		st, err := os.Stat(file)
		if err != nil || st.IsDir() {
			if info.IsDir() {
				continue // a folder of hashed links may have dangling ones
			}
			return nil, err
		}
		if st.Size() > maxCertFile {
			return nil, fmt.Errorf("%q is too large", file)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found = pool.AppendCertsFromPEM(data) || found
	}
	if !found {
		return nil, errors.New("there is no certificate in PEM form")
	}
	return pool, nil
}

// proxyFunc chooses the proxy of a request: the configured one for all, else by
// HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in either case.
func proxyFunc(opts *Options) (func(*http.Request) (*url.URL, error), error) {
	if opts.Proxy != "" {
		raw := opts.Proxy
		if !strings.Contains(raw, "://") {
			raw = "http://" + raw
		}
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("the proxy %q is not an URL", Redact(raw))
		}
		return http.ProxyURL(u), nil
	}
	if opts.NoProxyEnv {
		return nil, nil
	}
	get := func(names ...string) string {
		for _, name := range names {
			if v := opts.Getenv(name); v != "" {
				return v
			}
		}
		return ""
	}
	all := get("all_proxy", "ALL_PROXY")
	config := httpproxy.Config{
		HTTPProxy:  get("http_proxy", "HTTP_PROXY"),
		HTTPSProxy: get("https_proxy", "HTTPS_PROXY"),
		NoProxy:    get("no_proxy", "NO_PROXY"),
		CGI:        opts.Getenv("REQUEST_METHOD") != "",
	}
	if config.HTTPProxy == "" {
		config.HTTPProxy = all
	}
	if config.HTTPSProxy == "" {
		config.HTTPSProxy = all
	}
	choose := config.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) { return choose(req.URL) }, nil
}
