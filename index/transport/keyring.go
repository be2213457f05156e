package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	keyringTimeout = 2 * time.Minute // its backend may ask the user to unlock it
	maxKeyring     = 64 << 10
)

// keyring asks the keyring program, as pip's subprocess provider does.
type keyring struct{ program string }

// newKeyring returns nil when the keyring is not to be used: disabled, not
// installed, or automatic while nobody is there to unlock it.
func newKeyring(provider string, noInput bool) (*keyring, error) {
	switch provider {
	case "", "auto":
		if noInput {
			return nil, nil
		}
	case "subprocess", "import": // there is no Python in which to import it
	case "disabled":
		return nil, nil
	default:
		return nil, fmt.Errorf("unknown keyring provider %q: auto, disabled, import or subprocess", provider)
	}
	return &keyring{program: "keyring"}, nil
}

// get asks for the credentials of a service: an URL or a host.
func (k *keyring) get(ctx context.Context, service, user string) (login, bool) {
	// Found by the absolute path of a PATH entry, never in the working directory.
	program, err := exec.LookPath(k.program)
	if err != nil {
		return login{}, false
	}
	args := []string{"--mode=creds", "--output=json", "get", service}
	if user != "" {
		args = append(args, user)
	}
	out, stderr, err := k.run(ctx, program, args...)
	if err == nil {
		var answer struct{ Username, Password string }
		if json.Unmarshal(out, &answer) != nil || answer.Password == "" {
			return login{}, false
		}
		return login{answer.Username, answer.Password}, true
	}
	// Before 25.2.1 there is only the password of a known name.
	if user == "" || !strings.Contains(stderr, "--mode=creds") {
		return login{}, false
	}
	out, _, err = k.run(ctx, program, "get", service, user)
	password := strings.TrimRight(string(out), "\r\n")
	return login{user, password}, err == nil && password != ""
}

func (k *keyring) run(ctx context.Context, program string, args ...string) (stdout []byte, stderr string, err error) {
	ctx, cancel := context.WithTimeout(ctx, keyringTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
	out, errOut := &bounded{limit: maxKeyring}, &bounded{limit: maxKeyring}
	cmd.Stdout, cmd.Stderr = out, errOut
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	return out.buf.Bytes(), errOut.buf.String(), err
}

// bounded keeps the first bytes of what is written to it.
type bounded struct {
	buf   bytes.Buffer
	limit int
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.limit - b.buf.Len(); room > 0 {
		b.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
