package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the helper, as xpip is, and the command in
// the sandbox, so that the tests need no other program.
func TestMain(m *testing.M) {
	if handled, exit := Main(os.Args); handled {
		os.Exit(exit)
	}
	if act := os.Getenv("SANDBOX_TEST_ACT"); act != "" {
		os.Exit(perform(act))
	}
	os.Exit(m.Run())
}

// perform does one forbidden or allowed thing and tells by its exit code: 0
// done, 3 not permitted, 4 anything else.
func perform(act string) int {
	what, arg, _ := strings.Cut(act, ":")
	var err error
	switch what {
	case "write":
		err = os.WriteFile(arg, []byte("x"), 0o600)
	case "read":
		_, err = os.ReadFile(arg)
	case "list":
		_, err = os.ReadDir(arg)
	case "exec":
		cmd := exec.Command(arg)
		cmd.Env = []string{"SANDBOX_TEST_ACT=read:/dev/null"}
		err = cmd.Run()
	case "tcp", "udp":
		err = send(what, arg)
	case "signal":
		pid, _ := strconv.Atoi(arg)
		err = syscall.Kill(pid, 0)
	case "mount":
		err = syscall.Mount("tmpfs", arg, "tmpfs", 0, "")
	case "grow":
		f, e := os.Create(arg)
		if e != nil {
			return 4
		}
		for err == nil {
			_, err = f.Write(make([]byte, 1<<20))
		}
	case "linger":
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{"SANDBOX_TEST_ACT=tick:" + arg}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		err = cmd.Start()
		for _, e := os.Stat(arg); e != nil && err == nil; _, e = os.Stat(arg) {
			time.Sleep(time.Millisecond)
		}
	case "tick":
		for i := 0; ; i++ {
			_ = os.WriteFile(arg, []byte(strconv.Itoa(i)), 0o600)
			time.Sleep(5 * time.Millisecond)
		}
	case "hang":
		select {}
	}
	fmt.Println(err)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.ESRCH):
		return 3
	}
	return 4
}

func send(network, address string) error {
	c, err := net.DialTimeout(network, address, time.Second)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	_, err = c.Write([]byte("secret"))
	return err
}

func self(t testing.TB) string {
	t.Helper()
	s, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run performs an act under the policy and returns its exit code and output.
func run(t *testing.T, p Policy, s Support, act string) (int, string) {
	t.Helper()
	system := System()
	p.Readable = append(p.Readable, system.Readable...)
	p.Writable = append(p.Writable, system.Writable...)
	p.Programs = append(p.Programs, append(system.Programs, self(t))...)
	cmd, err := Command(context.Background(), self(t), filepath.Join(t.TempDir(), "job"), p, s, self(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &out, t.TempDir()
	cmd.Env = []string{"SANDBOX_TEST_ACT=" + act}
	err = cmd.Run()
	Finish(cmd)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), out.String()
	}
	if err != nil {
		t.Fatalf("%s: %v", act, err)
	}
	return 0, out.String()
}

func TestSandboxForbids(t *testing.T) {
	full := Probe(self(t))
	t.Logf("this machine: %+v", full)
	for name, support := range map[string]Support{
		"all":             full,
		"Landlock alone":  {Landlock: full.Landlock},
		"namespaces only": {Namespaces: full.Namespaces},
	} {
		t.Run(name, func(t *testing.T) { testForbidden(t, support) })
	}
}

func testForbidden(t *testing.T, support Support) {
	inside, outside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	program, err := os.ReadFile(self(t))
	if err != nil {
		t.Fatal(err)
	}
	gcc := filepath.Join(bin, "gcc")
	if err := os.WriteFile(gcc, program, 0o755); err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tcp.Close() })
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })

	support.Missing = nil
	p := Policy{Writable: []string{inside}, Limits: Limits{FileSize: 4 << 20, CPU: time.Minute, Memory: 8 << 30, Processes: 500}}
	files, netns := support.Landlock > 0, support.Namespaces
	for _, c := range []struct {
		act      string
		enforced bool
	}{
		{"write:" + filepath.Join(inside, "a"), false},
		{"list:" + inside, false},
		{"write:/dev/null", false},
		{"read:/dev/null", false},
		{"list:/usr/lib", false},
		{"write:" + filepath.Join(outside, "a"), files},
		{"read:" + secret, files},
		{"list:" + outside, files},
		{"exec:" + gcc, files},
		{"read:" + gcc, files},
		{"tcp:" + tcp.Addr().String(), netns || support.Landlock >= 4},
		{"udp:" + udp.LocalAddr().String(), netns},
		{"signal:" + strconv.Itoa(os.Getpid()), netns || support.Landlock >= 6},
		{"mount:" + inside, true},
		{"grow:" + filepath.Join(inside, "big"), true},
	} {
		want := 0
		if c.enforced {
			want = 3
		}
		if act, _, _ := strings.Cut(c.act, ":"); act == "mount" && os.Getuid() == 0 && !netns && !files {
			continue // nothing at all was asked for
		}
		if got, out := run(t, p, support, c.act); got != want {
			t.Errorf("%s: exit code %d (%s), want %d", c.act, got, strings.TrimSpace(out), want)
		}
	}
}

func TestNothingOutlivesTheBuild(t *testing.T) {
	support := Probe(self(t))
	if !support.Namespaces {
		t.Skip("a process that leaves its group can only be ended inside namespaces, which are not permitted here")
	}
	inside := t.TempDir()
	tick := filepath.Join(inside, "tick")
	if code, out := run(t, Policy{Writable: []string{inside}}, support, "linger:"+tick); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	before, err := os.ReadFile(tick)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if after, _ := os.ReadFile(tick); !bytes.Equal(before, after) {
		t.Errorf("a daemon of the build still runs: it counted from %s to %s", before, after)
	}
}

func TestEndOfContextKills(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	p := System()
	p.Programs = append(p.Programs, self(t))
	cmd, err := Command(ctx, self(t), filepath.Join(t.TempDir(), "job"), p, Probe(self(t)), self(t))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = []string{"SANDBOX_TEST_ACT=hang"}
	if err := cmd.Run(); err == nil || ctx.Err() == nil {
		t.Errorf("Run = %v with context %v", err, ctx.Err())
	}
}

func TestProgramsKnowsLinks(t *testing.T) {
	bin, alt := t.TempDir(), t.TempDir()
	for _, name := range []string{"gcc-12", "ls", "python3"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"cc": "gcc-12", "innocent": "cc", "dir": ".", "dangling": "none"} {
		if err := os.Symlink(to, filepath.Join(bin, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(bin, "gcc-12"), filepath.Join(alt, "harmless")); err != nil {
		t.Fatal(err)
	}
	got := Programs([]string{alt, bin, bin, filepath.Join(bin, "none")}, func(name string) bool { return strings.HasPrefix(name, "gcc") || name == "cc" })
	for i := range got {
		got[i] = filepath.Base(got[i])
	}
	if !slices.Equal(got, []string{"ls", "python3"}) {
		t.Errorf("programs = %q", got)
	}
}

func TestCommandWantsAbsolutePath(t *testing.T) {
	if _, err := Command(context.Background(), self(t), "job", Policy{}, Support{}, "python3"); err == nil {
		t.Error("a command without a path was accepted")
	}
}
