package resolver

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// What the search waits for goes before what is only fetched ahead, the limit
// holds, and closing drops what was not begun.
func TestPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1)
		var mu sync.Mutex
		var got string
		task := func(name string) func() {
			return func() {
				time.Sleep(time.Second)
				mu.Lock()
				defer mu.Unlock()
				got += name
			}
		}
		p.do(task("a"), false)
		synctest.Wait() // a has begun
		p.do(task("b"), false)
		p.do(task("c"), false)
		p.do(task("d"), true)
		p.do(task("e"), true)
		time.Sleep(3500 * time.Millisecond)
		p.close() // while b is at work
		if got != "aedb" {
			t.Errorf("done in the order %q", got)
		}
		p.do(task("f"), true)
		if synctest.Wait(); got != "aedb" {
			t.Errorf("a closed pool works on: %q", got)
		}
	})
}

// A pool never has more goroutines than its limit, and wakes those that wait.
func TestPoolLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 3
		p := newPool(limit)
		var mu sync.Mutex
		open, most, done := 0, 0, 0
		for range 4 {
			for range 5 {
				p.do(func() {
					mu.Lock()
					open++
					most = max(most, open)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					open--
					done++
					mu.Unlock()
				}, false)
			}
			time.Sleep(time.Minute) // all become idle
		}
		p.close()
		if most != limit || done != 20 {
			t.Errorf("%d at a time, %d done", most, done)
		}
	})
}

// Requirements of one text are parsed once.
func TestParserInterns(t *testing.T) {
	var p parser
	a, err := p.parse("b>=1; python_version >= '3'")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := p.parse("b>=1; python_version >= '3'"); err != nil || a != b {
		t.Errorf("parsed again (%v)", err)
	}
	if _, err := p.parse("b>="); err == nil {
		t.Error("no error")
	}
}
