package index

import (
	"context"

	"github.com/xpip/xpip/index/transport"
)

// Traffic counts requests and the bytes of what came back.
type Traffic = transport.Traffic

// WithTraffic has t count what a Client does for calls with the context. Of two
// calls that want the same, the first is the one that asks.
func WithTraffic(ctx context.Context, t *Traffic) context.Context {
	return transport.WithTraffic(ctx, t)
}
