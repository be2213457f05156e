package transport

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// trustedHosts are the hosts whose certificates are not verified.
type trustedHosts []struct{ host, port string }

// parseTrusted reads host and host:port, with IPv6 addresses in brackets; a
// host without port is trusted on all its ports, as in pip.
func parseTrusted(hosts []string) trustedHosts {
	var out trustedHosts
	for _, h := range hosts {
		host, port, err := net.SplitHostPort(h)
		if err != nil {
			host, port = strings.Trim(h, "[]"), ""
		}
		if host != "" {
			out = append(out, struct{ host, port string }{strings.ToLower(host), port})
		}
	}
	return out
}

func (t trustedHosts) has(u *url.URL) bool {
	if len(t) == 0 {
		return false
	}
	o := originOf(u)
	for _, h := range t {
		if h.host == o.host && (h.port == "" || h.port == "*" || h.port == o.port) {
			return true
		}
	}
	return false
}

// IsLoopback reports whether a trusted host, which may have a port, is this machine.
func IsLoopback(hostPort string) bool {
	return !slices.ContainsFunc(parseTrusted([]string{hostPort}), func(h struct{ host, port string }) bool { return !isLoopback(h.host) })
}

// isLoopback reports whether host is this machine, by name or address.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
