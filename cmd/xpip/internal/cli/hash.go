package cli

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// strongHashes are the algorithms that requirement files may name.
var strongHashes = []string{"sha256", "sha384", "sha512"}

func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return sha256.New()
}

func (a *app) hashCommand() *cobra.Command {
	algorithm := "sha256"
	cmd := &cobra.Command{
		Use:         "hash",
		Short:       "Compute the hash of archives, for --hash in requirements files",
		Example:     "  xpip hash wheels/*.whl",
		Annotations: map[string]string{"usage": "[options] <file> ..."},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.open(); err != nil {
				return err
			}
			if len(args) == 0 {
				fmt.Fprintf(a.Stderr, "\n%s\n", usageText(cmd))
				return errSilent
			}
			for _, path := range args {
				sum, err := fileHash(path, algorithm)
				if err != nil {
					return err
				}
				a.printer.Info("%s:\n--hash=%s:%s", path, algorithm, sum)
			}
			return nil
		},
	}
	r := &registry{flags: cmd.Flags()}
	r.heading("Hash")
	r.add(&choiceValue{&algorithm, strongHashes}, "algorithm", "a", "sha256|sha384|sha512", "The hash algorithm. [default: sha256]")
	return cmd
}

// fileHash returns a file's hash in hexadecimal.
func fileHash(path, algorithm string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("computing a hash: %w", err)
	}
	defer f.Close()
	h := newHash(algorithm)
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("computing the hash of %q: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
