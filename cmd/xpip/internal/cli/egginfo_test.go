package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/requirements"
)

const requiresText = `six>=1.5
# of a comment
name @ https://example.com/a.whl

[:python_version < "3.8"]
importlib_metadata

[Sec.Extra]
pyOpenSSL >=0.14

[socks:sys_platform == "win32" or os_name == "nt"]
win_inet_pton
`

func TestParseRequires(t *testing.T) {
	got := parseRequires(requiresText)
	want := []string{
		"six>=1.5",
		"name @ https://example.com/a.whl",
		`importlib_metadata ; python_version < "3.8"`,
		`pyOpenSSL >=0.14 ; extra == "sec-extra"`,
		`win_inet_pton ; (sys_platform == "win32" or os_name == "nt") and extra == "socks"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, text := range got {
		if _, err := requirements.Parse(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseRequires(f *testing.F) {
	f.Add(requiresText)
	f.Add("[")
	f.Add("[]\n]x[\r\n[:]\n[a:b:c]\nx")
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range parseRequires(text) {
			if strings.TrimSpace(one) == "" || strings.ContainsAny(one, "\n") {
				t.Errorf("%q gives %q", text, one)
			}
		}
	})
}
