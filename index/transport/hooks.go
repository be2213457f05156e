package transport

import (
	"context"
	"time"
)

// Prompt asks the user for credentials for a host, redacted URL given; ok is
// false when the user gives none.
type Prompt func(ctx context.Context, location string) (username, password string, ok bool)

// Retry describes an attempt that failed and will be repeated.
type Retry struct {
	URL     string        // redacted
	Attempt int           // the one that failed, from 1
	Status  int           // 0 when there was no answer
	Err     error         // nil when Status says it
	Wait    time.Duration // until the next attempt
}
