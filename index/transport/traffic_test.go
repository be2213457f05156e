package transport

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Every attempt and every hop is a request; a body counts as far as it came.
func TestTraffic(t *testing.T) {
	failed := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/there", http.StatusFound)
		case !failed:
			failed = true
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	t.Cleanup(server.Close)
	client, err := New(Options{Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(traffic *Traffic, path string) {
		t.Helper()
		ctx := t.Context()
		if traffic != nil {
			ctx = WithTraffic(ctx, traffic)
		}
		if err := client.Do(ctx, Request{URL: server.URL + path, Handle: func(resp *http.Response) error {
			_, err := io.Copy(io.Discard, resp.Body)
			return err
		}}); err != nil {
			t.Fatal(err)
		}
	}
	var first, second Traffic
	ask(&first, "/there") // refused once, then answered
	ask(&second, "/moved")
	ask(nil, "/there")
	if first.Requests() != 2 || first.Bytes() != 1000 {
		t.Errorf("a repeated request: %d requests, %d bytes", first.Requests(), first.Bytes())
	}
	if second.Requests() != 2 || second.Bytes() < 1000 || second.Bytes() > 1200 {
		t.Errorf("a redirect: %d requests, %d bytes", second.Requests(), second.Bytes())
	}
}
