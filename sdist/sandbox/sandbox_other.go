//go:build !linux

package sandbox

import "os"

// Probe finds out what can be enforced: outside Linux only that the command's
// processes end with it.
func Probe(string) Support {
	return Support{Missing: []string{"files, programs and the network are not restricted on this operating system"}}
}

func helped(Policy, Support) bool { return false }

func identity(file string, _ os.FileInfo) any { return file }

// Main plays the helper, which is needed on Linux only.
func Main([]string) (handled bool, exit int) { return false, 0 }

// System returns what every command needs of the system, which is asked for on
// Linux only.
func System() Policy { return Policy{} }
