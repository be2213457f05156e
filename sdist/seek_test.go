package sdist

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/sdist/hooks"
)

// TestSeek: a Python that is being looked for in the background is found once,
// whoever waits for it may give up, and the search ends with the builder.
func TestSeek(t *testing.T) {
	asked, answer := make(chan string, 9), make(chan error)
	b := newBuilder(t, Config{Python: filepath.Join(t.TempDir(), "python3"), Describe: func(ctx context.Context, program string) (*host.Host, error) {
		asked <- program
		select {
		case err := <-answer:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}, nil)
	b.Seek(iPhone(t))
	b.Seek(hostOf(t, "win_amd64", "3.9")) // the same, as it is named
	<-asked
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Python(impatient, iPhone(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	answer <- errors.New("no Python at all")
	for range 2 {
		_, err := b.Python(t.Context(), iPhone(t))
		if _, ok := errors.AsType[*hooks.NoPythonError](err); !ok || !strings.Contains(err.Error(), "no Python at all") {
			t.Errorf("error = %v", err)
		}
	}
	if len(asked) > 0 {
		t.Errorf("%s was asked again", <-asked)
	}

	b = newBuilder(t, b.config, nil)
	b.Seek(iPhone(t))
	<-asked
	b.Close()
	for _, h := range []*host.Host{iPhone(t), hostOf(t, "win_amd64", "3.9")} {
		if _, err := b.Python(t.Context(), h); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
	}
	if len(asked) > 0 {
		t.Errorf("%s was asked after the end", <-asked)
	}
}
