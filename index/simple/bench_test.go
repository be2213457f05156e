package simple

import (
	"bytes"
	"fmt"
	"net/url"
	"testing"
)

// bigPage is a page like those of the projects with the most releases.
func bigPage(files int) []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>\n<html><head><title>Links for demo</title></head><body>\n")
	for i := range files {
		fmt.Fprintf(&b, `<a href="https://files.example.com/packages/45/cd/%060x/demo-1.%d-py3-none-any.whl#sha256=%064x" data-requires-python="&gt;=3.9" data-upload-time="2025-05-16T14:47:26.180028Z">demo-1.%d-py3-none-any.whl</a><br/>`+"\n", i, i, i, i)
	}
	b.WriteString("</body></html>\n")
	return b.Bytes()
}

func BenchmarkParseHTML(b *testing.B) {
	data := bigPage(5000)
	base, _ := url.Parse("https://example.com/simple/demo/")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if p, err := ParseHTML(data, base, "demo"); err != nil || p.Files() != 5000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodePage(b *testing.B) {
	base, _ := url.Parse("https://example.com/simple/demo/")
	p, err := ParseHTML(bigPage(5000), base, "demo")
	if err != nil {
		b.Fatal(err)
	}
	data := p.AppendTo(nil)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodePage(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString(`{"meta":{"api-version":"1.3"},"name":"demo","files":[`)
	for i := range 5000 {
		if i > 0 {
			doc.WriteByte(',')
		}
		fmt.Fprintf(&doc, `{"core-metadata":{"sha256":"%064x"},"data-dist-info-metadata":{"sha256":"%064x"},"filename":"demo-1.%d-py3-none-any.whl","hashes":{"sha256":"%064x"},"provenance":null,"requires-python":">=3.9","size":%d,"upload-time":"2025-05-16T14:47:26.180028Z","url":"https://files.example.com/packages/45/cd/%060x/demo-1.%d-py3-none-any.whl","yanked":false}`, i, i, i, i, i, i, i)
	}
	doc.WriteString(`]}`)
	base, _ := url.Parse("https://example.com/simple/demo/")
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if p, err := ParseJSON(doc.Bytes(), base, "demo"); err != nil || p.Files() != 5000 {
			b.Fatal(err)
		}
	}
}
