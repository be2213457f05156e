package index

import (
	"errors"
	"net"
	"sync"
)

// unreachable are the extra indexes to which no connection was made, by name.
// One is asked once: its timeout is not waited for again with every project.
type unreachable struct {
	mu   sync.Mutex
	errs map[string]error
}

func (u *unreachable) get(name string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.errs[name]
}

func (u *unreachable) note(name string, err error) {
	if !neverConnected(err) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.errs == nil {
		u.errs = map[string]error{}
	}
	u.errs[name] = err
}

// neverConnected reports whether err is about reaching a server, by name or by
// address, and not about what one answered.
func neverConnected(err error) bool {
	var op *net.OpError
	var name *net.DNSError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &name)
}

// passedOver reports whether the failure of the location at place i, counted
// from the first index, leaves the answer to the other locations.
func (c *Client) passedOver(i int, err error) bool {
	return c.passOver && c.strategy == Merge && i > 0 && neverConnected(err)
}

// cause is an error without the address that an UnavailableError adds.
func cause(err error) error {
	var u *UnavailableError
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
