// Package sandbox runs build code so that accidents and casual theft stay in
// the build's own folders: on Linux without network, without the user's files,
// without programs that compile; everywhere in a process group that ends with
// the build. It is no boundary against exploits of the kernel.
//
// Nothing here needs privileges. The running program is its own helper: it is
// started anew under another name, lays the restrictions on itself and becomes
// the command. Its main function calls [Main] before anything else.
package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Policy says what a command may do.
type Policy struct {
	// Writable are the folders and files that it may change.
	Writable []string `json:"writable"`
	// Readable are the folders and files that it may read besides.
	Readable []string `json:"readable"`
	// Programs are the files and folders that it may execute, and read.
	Programs []string `json:"programs"`
	// Network leaves the network open.
	Network bool `json:"network"`
	// Limits bounds what it uses up.
	Limits Limits `json:"limits"`
}

// Limits bounds a command and its children, each process for itself. Zero means
// no limit.
type Limits struct {
	CPU       time.Duration `json:"cpu"`
	FileSize  int64         `json:"file_size"` // bytes
	Memory    int64         `json:"memory"`    // bytes of address space
	Processes int64         `json:"processes"` // only inside namespaces: elsewhere the user's other processes would count
}

// Support is what the build machine can enforce.
type Support struct {
	// Landlock is the version of the kernel's Landlock interface, 0 for none.
	// With it, files and programs are restricted.
	Landlock int
	// Namespaces tells that the command can have a network and processes of its
	// own.
	Namespaces bool
	// Missing says in words what can't be enforced here, one clause each.
	Missing []string
}

// Full reports whether files, programs and network are all restricted.
func (s Support) Full() bool { return len(s.Missing) == 0 }

// UnavailableError is the answer to a demand for a sandbox where there is none.
type UnavailableError struct{ Missing []string }

func (e *UnavailableError) Error() string {
	return "the build sandbox is not complete on this machine: " + strings.Join(e.Missing, "; ")
}

// helperName is what the program is started as to become the helper.
const helperName = "xpip-sandbox"

// sandboxed is a command to be started, and what has to be done around it.
type sandboxed struct {
	Policy  Policy   `json:"policy"`
	Support Support  `json:"support"`
	Command []string `json:"command"`
}

// Command prepares a command with its absolute path in argv[0]. self is the
// running program. job is a file, outside of everything writable, through which
// the helper learns of the policy. The command's group of processes is killed
// when ctx ends.
func Command(ctx context.Context, self, job string, policy Policy, support Support, argv ...string) (*exec.Cmd, error) {
	if len(argv) == 0 || !filepath.IsAbs(argv[0]) {
		return nil, fmt.Errorf("preparing a sandboxed command: %q has no absolute path", argv)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.WaitDelay = 3 * time.Second
	if helped(policy, support) {
		b, err := json.Marshal(sandboxed{policy, support, argv})
		if err != nil {
			return nil, fmt.Errorf("preparing a sandboxed command: %w", err)
		}
		if err := os.WriteFile(job, b, 0o600); err != nil {
			return nil, fmt.Errorf("preparing a sandboxed command: %w", err)
		}
		cmd.Path, cmd.Args, cmd.Err = self, []string{helperName, job}, nil
	}
	isolate(cmd, support, policy)
	cmd.Cancel = func() error { return kill(cmd) }
	return cmd, nil
}

// Finish ends what a command left running. Call it after Wait.
func Finish(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = kill(cmd) // mostly there is nothing left to kill
	}
}

// Programs lists what may be executed out of the folders of a PATH: everything
// but the programs that refuse names, under all their names, links and hard
// links included. Folders that don't exist are passed over. Sorted.
func Programs(path []string, refuse func(name string) bool) []string {
	type candidate struct {
		file string
		info os.FileInfo
	}
	var all []candidate
	refused := map[any]bool{}
	seen := map[string]bool{}
	for _, dir := range path {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		entries, _ := os.ReadDir(real)
		for _, e := range entries {
			file := filepath.Join(real, e.Name())
			if e.Type()&fs.ModeSymlink != 0 {
				if file, err = filepath.EvalSymlinks(file); err != nil {
					continue
				}
			}
			info, err := os.Lstat(file)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			if refuse(e.Name()) || refuse(filepath.Base(file)) {
				refused[identity(file, info)] = true
			}
			all = append(all, candidate{file, info})
		}
	}
	var allowed []string
	for _, c := range all {
		if !refused[identity(c.file, c.info)] {
			allowed = append(allowed, c.file)
		}
	}
	slices.Sort(allowed)
	return slices.Compact(allowed)
}
