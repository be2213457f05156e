package installer

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/wheel"
)

func TestNativeContent(t *testing.T) {
	const name = "app-1.0-py3-none-any.whl"
	u := unpack(t, name, files{"app/x.py": ""})
	for _, path := range []string{"app/_fast.so", "app/_other.so", "app/_third.so"} {
		u.Native = append(u.Native, wheel.Native{Path: path, Format: wheel.FormatELF, Kind: wheel.KindLibrary, OS: wheel.OSLinux, Machines: []string{"x86_64"}})
	}
	p := open(t, t.TempDir(), TargetLayout)
	h := newHost(t, "ios_13_0_arm64")
	_, err := p.Plan([]Item{{Wheel: u}}, nil, Options{Host: h})
	refused, ok := errors.AsType[*NativeError](err)
	if !ok || refused.Wheel != name || len(refused.Unfit) != 3 {
		t.Fatalf("got %v", err)
	}
	if first, ok := errors.AsType[*host.UnfitError](err); !ok || first.Path != "app/_fast.so" || first.Part != host.PartPure {
		t.Errorf("got %+v", first)
	}
	for _, part := range []string{name, "app/_fast.so", "any platform", "2 more"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}

	plan, err := p.Plan([]Item{{Wheel: u}}, nil, Options{Host: h, AllowNative: true})
	if err != nil || len(plan.Notes) != 1 || !plan.Notes[0].Warning || plan.Notes[0].Wheel != name || !strings.Contains(plan.Notes[0].Text, "app/_fast.so") {
		t.Fatalf("got %v, %+v", err, plan)
	}
	if err := plan.Apply(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestNativeContentThatFits depends on the host alone.
func TestNativeContentThatFits(t *testing.T) {
	u := unpack(t, "app-1.0-py3-none-manylinux_2_28_x86_64.whl", files{"app/x.py": ""})
	u.Native = []wheel.Native{{Path: "app/_fast.so", Format: wheel.FormatELF, Kind: wheel.KindLibrary, OS: wheel.OSLinux, Machines: []string{"x86_64"}}}
	for platform, fits := range map[string]bool{"manylinux_2_28_x86_64": true, "manylinux_2_28_aarch64": false} {
		plan, err := open(t, t.TempDir(), TargetLayout).Plan([]Item{{Wheel: u}}, nil, Options{Host: newHost(t, platform)})
		if (err == nil) != fits || fits && len(plan.Notes) > 0 {
			t.Errorf("%s: %v, %+v", platform, err, plan)
		}
	}
	if _, err := open(t, t.TempDir(), TargetLayout).Plan([]Item{{Wheel: u}}, nil, Options{}); err != nil {
		t.Errorf("judged without a host: %v", err)
	}
}
