package ui

import (
	"bytes"
	"testing"
)

// TestRawProgress: downloads that overlap are one sum, and a new round begins
// at nothing.
func TestRawProgress(t *testing.T) {
	var out bytes.Buffer
	p := New(Options{Out: &out, Err: &bytes.Buffer{}, Raw: true})
	one := p.StartDownload(100)
	one.Advance(60) // too soon for a line of its own
	two := p.StartDownload(-1)
	two.Advance(5)
	one.Done()
	two.Done()
	p.StartDownload(7).Done()
	want := "Progress 0 of 100\nProgress 60 of 100\nProgress 105 of 105\nProgress 105 of 105\nProgress 0 of 7\nProgress 7 of 7\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	New(Options{Out: &out, Err: &bytes.Buffer{}, Raw: true, Level: Warnings}).StartDownload(1).Done()
	if out.Len() > 0 {
		t.Errorf("-q says %q", out.String())
	}
}
