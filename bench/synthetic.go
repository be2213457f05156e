package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/xpip/xpip/fixtures"
)

var (
	growth     = []int{1, 10, 100, 300}    // packages in one call
	fileCounts = []int{100, 1_000, 10_000} // files of one package
)

const filesPerPackage = 30

// startIndex starts an index of made-up projects on loopback, which the returned
// function stops. It is a process of its own: a large parent would be counted
// in the memory of the commands that are measured. Every tool gets from it what
// it can use: HTML or JSON, metadata beside the wheels, ranges.
func startIndex(ctx context.Context) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if url, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		stop()
		return "", nil, fmt.Errorf("starting the loopback index: %w", err)
	}
	return strings.TrimSpace(url), stop, nil
}

// serve is what that process does.
func serve() error {
	handler, err := fixtures.NewServer(&fixtures.Index{Projects: projects()})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/simple/\n", listener.Addr())
	return (&http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}).Serve(listener)
}

func projects() []fixtures.Project {
	var all []fixtures.Project
	for i := range growth[len(growth)-1] {
		p := fixtures.Project{Name: fmt.Sprintf("package-%03d", i)}
		for v := range 5 {
			r := fixtures.Release{Version: fmt.Sprintf("1.%d", v), Wheels: []string{"py3-none-any"},
				Files: modules(fmt.Sprintf("package_%03d", i), filesPerPackage)}
			if i > 0 {
				r.Requires = []string{fmt.Sprintf("package-%03d>=1.1", i/2)}
			}
			p.Releases = append(p.Releases, r)
		}
		all = append(all, p)
	}
	for _, n := range fileCounts {
		name := fmt.Sprintf("files-%d", n)
		all = append(all, fixtures.Project{Name: name, Releases: []fixtures.Release{
			{Version: "1.0", Wheels: []string{"py3-none-any"}, Files: modules(strings.ReplaceAll(name, "-", "_"), n)}}})
	}
	return append(all, manyVersions("many-versions", 3_000, []string{"py3-none-any"}),
		manyVersions("many-files", 1_000, []string{
			"cp314-cp314-ios_13_0_arm64_iphoneos", "cp314-cp314-ios_13_0_arm64_iphonesimulator", "cp314-cp314-macosx_11_0_arm64",
			"cp314-cp314-macosx_10_15_x86_64", "cp314-cp314-manylinux_2_28_x86_64", "cp314-cp314-manylinux_2_28_aarch64",
			"cp314-cp314-musllinux_1_2_x86_64", "cp314-cp314-musllinux_1_2_aarch64", "cp314-cp314-win_amd64", "cp314-cp314-win_arm64"}))
}

func manyVersions(name string, versions int, tags []string) fixtures.Project {
	p := fixtures.Project{Name: name}
	for v := range versions {
		p.Releases = append(p.Releases, fixtures.Release{
			Version: fmt.Sprintf("%d.%d.%d", v/100, v/10%10, v%10), RequiresPython: ">=3.9", Wheels: tags,
			Files: map[string]string{strings.ReplaceAll(name, "-", "_") + ".py": "version = '{version}'\n"}})
	}
	return p
}

// modules are n source files of a package, of the size that such files often
// have, in folders of a hundred.
func modules(name string, n int) map[string]string {
	files := map[string]string{name + "/__init__.py": ""}
	line := "def function_%d_%d(argument, *more):\n    return [argument, *more, %q]\n\n"
	for i := range n - 1 {
		var b strings.Builder
		for k := range 40 {
			fmt.Fprintf(&b, line, i, k, name)
		}
		files[fmt.Sprintf("%s/part_%d/module_%d.py", name, i/100, i)] = b.String()
	}
	return files
}
