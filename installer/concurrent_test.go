package installer

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
)

// TestConcurrentApply has several prefixes of one folder change it at once:
// each plan was made before the others were applied.
func TestConcurrentApply(t *testing.T) {
	one := item(t, "app-1.0-py3-none-any.whl", files{"app/__init__.py": "1", "app/one.py": ""})
	two := item(t, "app-2.0-py3-none-any.whl", files{"app/__init__.py": "2", "app/two.py": ""})
	other := item(t, "other-1.0-py3-none-any.whl", files{"other.py": ""})
	dir := filepath.Join(t.TempDir(), "prefix")
	var plans []*Plan
	for i := range 12 {
		items := [][]Item{{one}, {two}, {other}}[i%3]
		plan, err := open(t, dir, TargetLayout).Plan(items, nil, Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, plan)
	}
	var wg sync.WaitGroup
	for _, plan := range plans {
		wg.Go(func() {
			if err := plan.Apply(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	p := open(t, dir, TargetLayout)
	all, err := p.Installed()
	if err != nil || len(all) != 2 {
		t.Fatalf("got %+v, %v", all, err)
	}
	for _, d := range all {
		if damage, err := p.Verify(context.Background(), d); err != nil || len(damage) > 0 {
			t.Errorf("%s: %v, %v", d.Name, damage, err)
		}
	}
	if n := len(paths(t, dir)); n != 3 {
		t.Errorf("%d files: %q", n, paths(t, dir))
	}
	if left := leftovers(t, dir); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestLockedPrefix: what is decided under the lock is carried out under it, and
// a folder that got nothing goes again.
func TestLockedPrefix(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "prefix")
	p := open(t, dir, TargetLayout)
	if _, err := p.Lock(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, filepath.Dir(dir)); got != "(nothing)" {
		t.Errorf("left: %s", got)
	}
	for _, items := range [][]Item{
		{item(t, "app-1.0-py3-none-any.whl", files{"app.py": ""})}, // fresh
		{item(t, "app-2.0-py3-none-any.whl", files{"app.py": "2"})},
	} {
		if _, err := p.Lock(context.Background(), nil); err != nil {
			t.Fatal(err)
		}
		waited := false
		ctx, cancel := context.WithCancel(context.Background())
		if _, err := open(t, dir, TargetLayout).Lock(ctx, func() { waited = true; cancel() }); err == nil || !waited {
			t.Errorf("a second lock: %v", err)
		}
		install(t, p, Options{}, items...)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, dir, "app.py"); got != "2" {
		t.Errorf("got %q", got)
	}
}
