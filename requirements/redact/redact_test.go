package redact

import "testing"

func TestSignatures(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.com/a.whl":                                      "https://example.com/a.whl",
		"https://example.com/a.whl?X-Amz-Signature=s3cret&raw=1":         "https://example.com/a.whl?raw=1",
		"https://example.com/a.whl?sig=s3cret#sha256=00":                 "https://example.com/a.whl#sha256=00",
		"https://example.com/a.whl?Expires=5&AWSAccessKeyId=s3cret&flag": "https://example.com/a.whl?Expires=5&flag",
		"https://example.com/a#b?token=c":                                "https://example.com/a#b?token=c",
	} {
		if got := Signatures(in); got != want {
			t.Errorf("Signatures(%q) = %q, want %q", in, got, want)
		}
	}
}
