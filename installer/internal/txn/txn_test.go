package txn

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestJournalRoundTrip(t *testing.T) {
	j := &Journal{Summary: []string{`install "x" 1.0 <&>`}, Steps: []Step{{Kind: In, Path: "a/b"}, {Kind: Swap, Path: "c", Trash: 1, Identity: 1 << 60}}}
	data, err := j.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeJournal(data)
	if err != nil || len(got.Steps) != 2 || got.Steps[1] != j.Steps[1] || got.Summary[0] != j.Summary[0] {
		t.Errorf("got %+v, %v", got, err)
	}
	for i := range data {
		broken := append([]byte(nil), data...)
		broken[i] ^= 4
		if other, err := DecodeJournal(broken); err == nil && len(other.Steps) != 2 {
			t.Errorf("byte %d flipped: %+v", i, other)
		}
		if _, err := DecodeJournal(data[:i]); err == nil {
			t.Errorf("cut to %d bytes, but accepted", i)
		}
	}
}

func TestJournalRefusesToLeave(t *testing.T) {
	for _, s := range []Step{
		{Kind: In, Path: "../x"}, {Kind: In, Path: "/x"}, {Kind: In, Path: "a/../../x"}, {Kind: In, Path: "."}, {Kind: In, Path: ""},
		{Kind: In, Path: ".xpip/journal"}, {Kind: In, Path: "a//b"}, {Kind: In, Path: "a\x00"}, {Kind: "chmod", Path: "a"},
		{Kind: Out, Path: "a", Trash: -1},
	} {
		j := &Journal{Steps: []Step{s}}
		data, err := j.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeJournal(data); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}

// FuzzDecodeJournal: a journal that is accepted stays in the tree.
func FuzzDecodeJournal(f *testing.F) {
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"kind":"in","path":"../x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = DecodeJournal(data)
		// The checksum keeps the fuzzer out: give it a good one.
		j := &Journal{Steps: []Step{{Kind: In, Path: string(data)}}}
		encoded, err := j.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeJournal(encoded)
		if err == nil && (len(got.Steps) != 1 || !filepath.IsLocal(got.Steps[0].Path) || filepath.Clean(got.Steps[0].Path) != filepath.FromSlash(got.Steps[0].Path)) {
			t.Errorf("%q is accepted", data)
		}
	})
}

func TestUnreadableJournalIsSaid(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, WorkName), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, WorkName, journalName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var bad *JournalError
	if _, err := Recover(OS(root)); !errors.As(err, &bad) {
		t.Errorf("got %v", err)
	}
}

// TestLockExcludes lets several goroutines take turns; flock knows only open
// files, so that they are like processes to each other.
func TestLockExcludes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	var inside, waited atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			lock, err := Acquire(context.Background(), dir, func() { waited.Add(1) })
			if err != nil {
				t.Error(err)
				return
			}
			if lock.Unsupported == nil && inside.Add(1) != 1 {
				t.Error("two hold the lock")
			}
			time.Sleep(time.Millisecond)
			inside.Add(-1)
			if err := lock.Release(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// Its parent may stay, where one goroutine's ending met another's beginning.
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder made for the lock stays: %v", err)
	}
}

func TestLockWaitEndsWithContext(t *testing.T) {
	dir := t.TempDir()
	first, err := Acquire(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Release() }() // the test is over
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := Acquire(ctx, dir, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestLockFollowsTheName: whoever waited on a folder that was replaced
// meanwhile gets the lock of the new one.
func TestLockFollowsTheName(t *testing.T) {
	parent := t.TempDir()
	dir, other := filepath.Join(parent, "dir"), filepath.Join(parent, "other")
	first, err := Acquire(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan struct{})
	got := make(chan *Lock)
	go func() {
		lock, err := Acquire(context.Background(), dir, func() { close(waiting) })
		if err != nil {
			t.Error(err)
		}
		got <- lock
	}()
	<-waiting
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(other, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, dir); err != nil {
		t.Fatal(err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	lock := <-got
	defer func() { _ = lock.Release() }() // the test is over
	short, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := Acquire(short, dir, nil); lock.Unsupported == nil && err == nil {
		t.Error("the lock is on a folder that is gone")
	}
}
