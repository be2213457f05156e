package simple

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

var (
	sum1 = strings.Repeat("1a", 32)
	sum2 = strings.Repeat("2b", 32)
)

const pageURL = "https://example.com/simple/foo-bar/"

// page is a Page with its files made.
type page struct {
	status             Status
	dropped            int
	tracks, alternates []string
	files              []File // those of versions first, in the order of these
}

func unpacked(p *Page) page {
	out := page{status: p.Status, dropped: p.Dropped, tracks: p.Tracks, alternates: p.Alternates}
	for i := range p.Releases() {
		out.files = append(out.files, p.ReleaseFiles(i)...)
	}
	out.files = append(out.files, p.Others()...)
	return out
}

func TestParseHTML(t *testing.T) {
	text := `<!DOCTYPE html>
<html><head><meta name="pypi:repository-version" content="1.4">
<meta name="pypi:project-status" content="archived">
<meta name="pypi:project-status-reason" content="see foo &amp; bar">
<title>Links for foo-bar</title></head><body><h1>Links for foo-bar</h1>
<a href="https://files.example.com/a/foo_bar-1.0-py3-none-any.whl#sha256=` + sum1 + `" data-requires-python="&gt;=3.8,&lt;4" data-upload-time="2025-05-16T14:47:26.180028Z" data-core-metadata="sha256=` + sum2 + `">foo_bar-1.0-py3-none-any.whl</a><br/>
<a href="../../files/Foo.Bar-1.1.tar.gz" data-yanked="broken &quot;build&quot;">x</a><br>
<A HREF='foo-bar-2.0.zip#egg=foo&amp;md5=` + sum1[:32] + `' data-yanked data-dist-info-metadata=true>x</A>
<a href="/abs/foo_bar-3.0%2Blocal-py3-none-any.whl?x=1">x</a>
<a href="other-1.0.tar.gz">other project</a>
<a href="foo_bar-1.0.exe">no archive</a>
<a href="file:///etc/foo_bar-9.tar.gz">local</a>
<a href="ftp://h/foo_bar-9.tar.gz">scheme</a>
<a name="x">no href</a>
<!-- <a href="foo_bar-8.0.tar.gz">comment</a> -->
<script>document.write('<a href="foo_bar-7.0.tar.gz">x</a>')</script>
</body></html>`
	got, err := ParseHTML([]byte(text), mustURL(t, pageURL), "foo-bar")
	if err != nil {
		t.Fatal(err)
	}
	want := page{
		status:  Status{"archived", "see foo & bar"},
		dropped: 4,
		files: []File{
			{
				Filename: "foo_bar-1.0-py3-none-any.whl", URL: "https://files.example.com/a/foo_bar-1.0-py3-none-any.whl",
				Hashes: FragmentHashes("sha256=" + sum1), RequiresPython: ">=3.8,<4", Size: -1,
				UploadTime:  time.Date(2025, 5, 16, 14, 47, 26, 180028000, time.UTC),
				HasMetadata: true, MetadataHashes: FragmentHashes("sha256=" + sum2),
			},
			{
				Filename: "Foo.Bar-1.1.tar.gz", URL: "https://example.com/files/Foo.Bar-1.1.tar.gz", Size: -1,
				Yanked: true, YankedReason: `broken "build"`,
			},
			{
				Filename: "foo-bar-2.0.zip", URL: "https://example.com/simple/foo-bar/foo-bar-2.0.zip", Size: -1,
				Hashes: FragmentHashes("md5=" + sum1[:32]), Yanked: true, HasMetadata: true,
			},
			{
				Filename: "foo_bar-3.0+local-py3-none-any.whl", Size: -1,
				URL: "https://example.com/abs/foo_bar-3.0%2Blocal-py3-none-any.whl?x=1",
			},
		},
	}
	if got := unpacked(got); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestBaseHref(t *testing.T) {
	page := `<base href="https://mirror.example.com/x/"><base href="https://late.example.com/">` +
		`<a href="../foo-1.tar.gz">a</a>`
	got, err := ParseHTML([]byte(page), mustURL(t, pageURL), "foo")
	if err != nil || got.Files() != 1 || unpacked(got).files[0].URL != "https://mirror.example.com/foo-1.tar.gz" {
		t.Errorf("got %+v, %v", got, err)
	}
	// A page from the network cannot make its links local.
	got, err = ParseHTML([]byte(`<base href="file:///etc/"><a href="foo-1.tar.gz">a</a>`), mustURL(t, pageURL), "foo")
	if err != nil || got.Files() != 1 || !strings.HasPrefix(unpacked(got).files[0].URL, "https://example.com/") {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Links are resolved by folders, once for those of one folder; that comes to the
// same as resolving each.
func TestResolve(t *testing.T) {
	refs := []string{
		"foo-1.zip", "./foo-1.zip", "../foo-1.zip", "../../../../foo-1.zip", "../../f/foo-1.zip", "../../f/foo-2.zip", "/foo-1.zip", "/a//b/../foo-1.zip",
		"//other.example.com/foo-1.zip", "https:foo-1.zip", "https:/foo-1.zip", "https://other.example.com/a/../foo-1.zip", "HTTP://Other.example.com/foo-1.zip",
		"a%2Fb/foo-1.zip", "a%20b/foo-1.zip", "a b/foo-1.zip", "é/foo-1.zip", "foo-1%2Bcpu.zip", "foo-1+cpu.zip", "foo~1.zip", "a?b/foo-1.zip", "foo-1.zip?a/b",
		"a:b/foo-1.zip", "a/b:c/foo-1.zip", "file:///foo-1.zip", "file:foo-1.zip", "ftp://h/foo-1.zip", "%zz/foo-1.zip", "a/.", "a/..", "a/", "", ".", "..foo", "\\a/foo-1.zip",
	}
	for _, base := range []string{pageURL, pageURL + "?x=/y/", "https://example.com", "https://user@example.com/a%2Fb/c", "file:///wheels/index.html"} {
		shared := linker{base: mustURL(t, base)}
		for _, ref := range refs {
			abs, _, ok := shared.resolve(ref)
			alone := linker{base: mustURL(t, base)}
			want, wantOK := alone.absolute(ref)
			if isWeb(ref) && isPlain(ref) {
				want, wantOK = ref, true
			}
			if abs != want || ok != wantOK {
				t.Errorf("%q at %s: %q, %v; want %q, %v", ref, base, abs, ok, want, wantOK)
			}
		}
	}
}

func TestLocalPage(t *testing.T) {
	got, err := ParseHTML([]byte(`<a href="foo-1.tar.gz">a</a><a href="https://example.com/foo-2.tar.gz">b</a>`),
		mustURL(t, "file:///wheels/index.html"), "foo")
	if err != nil || got.Files() != 2 || unpacked(got).files[0].URL != "file:///wheels/foo-1.tar.gz" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The scanner of machine-written anchors must see what the tokenizer sees.
func TestScanAgrees(t *testing.T) {
	for _, page := range samplePages() {
		compareScan(t, []byte(page))
	}
}

func samplePages() []string {
	a := `<a href="https://example.com/foo-1.0.tar.gz#sha256=` + sum1 + `" data-requires-python="&gt;=3.8">foo</a><br/>` + "\n"
	return []string{
		string(bigPage(3)),
		a + a,
		a + `<a href="foo-1.tar.gz" href="foo-2.tar.gz" data-yanked="" data-yanked="x">b</a>` + a,
		a + `<a href="foo-1.tar.gz" data-yanked>b</a>` + a,
		a + `<a href='foo-1.tar.gz'>b</a>` + a,
		a + `<a  href="foo-1.tar.gz"  >b</a>` + a,
		a + `<a href="foo-1&copy;.tar.gz">b</a>` + a,
		a + "<a href=\"foo-1\r\n.tar.gz\">b</a>" + a,
		a + `text < more <b>bold</b> <a href="foo-1.tar.gz"/>` + a,
		a + `<!-- ` + a + ` -->` + a,
		a + `<script>` + a + `</script>` + a,
		a + `<textarea>` + a + `</textarea>` + a,
		a + `<plaintext>` + a,
		a + `<base href="https://example.org/">` + `<a href="foo-1.tar.gz">b</a>`,
		a + `<a href="foo-1.tar.gz`,
		a + `<a href="foo-1.tar.gz"`,
		a + `<a href`,
		a + `<a href=""><a ="x"><a a=">">` + a,
		a + `<![CDATA[` + a + `]]>` + a,
		a + `<?php ` + a + ` ?>` + a,
		a + `</a href="foo-9.tar.gz">` + a,
		a + "<a\thref=\"foo-1.tar.gz\">b</a>" + a,
		`<title>` + a + `</title>` + a,
	}
}

func compareScan(t *testing.T, data []byte) {
	t.Helper()
	base := mustURL(t, pageURL)
	got, err := ParseHTML(data, base, "foo")
	if strings.IndexByte(string(data), 0) >= 0 {
		if err == nil {
			t.Errorf("%q: a NUL byte was taken", data)
		}
		return
	}
	slow := newHTMLParser(string(data), base, "foo")
	_, slowErr := slow.tokenize(string(data), false)
	if (err == nil) != (slowErr == nil) {
		t.Fatalf("%q: scanned: %v, tokenized: %v", data, err, slowErr)
	}
	if err == nil && !reflect.DeepEqual(got, slow.finish()) {
		t.Errorf("%q:\nscanned   %+v\ntokenized %+v", data, unpacked(got), unpacked(slow.page))
	}
}

func TestParseJSON(t *testing.T) {
	text := `{"meta":{"api-version":"1.4","tracks":["https://origin.example.com/simple/foo-bar/"],"_last-serial":1},"name":"foo-bar","versions":["1.0"],
 "project-status":{"status":"quarantined","reason":"malware"},
 "alternate-locations":["https://other.example.com/simple/foo-bar/",7],
 "files":[
  {"filename":"foo_bar-1.0-py3-none-any.whl","url":"https://files.example.com/foo_bar-1.0-py3-none-any.whl",
   "hashes":{"sha256":"` + sum1 + `","blake2b":"00"},"requires-python":">=3.8","size":1234,
   "upload-time":"2025-05-16T14:47:26.180028Z","yanked":false,"core-metadata":{"sha256":"` + sum2 + `"},"provenance":null},
  {"filename":"foo-bar-1.0.tar.gz","url":"../../f/foo-bar-1.0.tar.gz","hashes":{},"requires-python":null,"size":null,"yanked":"bad","core-metadata":false,"dist-info-metadata":true},
  {"filename":"foo-bar-1.1.tar.gz","url":"foo-bar-1.1.tar.gz","hashes":{"sha256":"nothex"},"size":-5,"yanked":true,"dist-info-metadata":true,"upload-time":"yesterday"},
  {"filename":"../foo-bar-1.1.tar.gz","url":"x","hashes":{}},
  {"filename":"other-1.1.tar.gz","url":"x","hashes":{}}
 ]}`
	got, err := ParseJSON([]byte(text), mustURL(t, pageURL), "foo-bar")
	if err != nil {
		t.Fatal(err)
	}
	want := page{
		status:     Status{"quarantined", "malware"},
		dropped:    2,
		tracks:     []string{"https://origin.example.com/simple/foo-bar/"},
		alternates: []string{"https://other.example.com/simple/foo-bar/"},
		files: []File{
			{
				Filename: "foo_bar-1.0-py3-none-any.whl", URL: "https://files.example.com/foo_bar-1.0-py3-none-any.whl",
				Hashes: FragmentHashes("sha256=" + sum1), RequiresPython: ">=3.8", Size: 1234,
				UploadTime:  time.Date(2025, 5, 16, 14, 47, 26, 180028000, time.UTC),
				HasMetadata: true, MetadataHashes: FragmentHashes("sha256=" + sum2),
			},
			{
				Filename: "foo-bar-1.0.tar.gz", URL: "https://example.com/f/foo-bar-1.0.tar.gz", Size: -1,
				Yanked: true, YankedReason: "bad",
			},
			{
				Filename: "foo-bar-1.1.tar.gz", URL: "https://example.com/simple/foo-bar/foo-bar-1.1.tar.gz", Size: -1,
				Yanked: true, HasMetadata: true,
			},
		},
	}
	if got := unpacked(got); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRefused(t *testing.T) {
	for name, err := range map[string]error{
		"html version 2":  second(ParseHTML([]byte(`<meta name="pypi:repository-version" content="2.0">`), mustURL(t, pageURL), "foo")),
		"json version 2":  second(ParseJSON([]byte(`{"meta":{"api-version":"2.0"},"files":[]}`), mustURL(t, pageURL), "foo")),
		"json no version": second(ParseJSON([]byte(`{"files":[]}`), mustURL(t, pageURL), "foo")),
		"json cut short":  second(ParseJSON([]byte(`{"meta":{"api-version":"1.0"},"files":[`), mustURL(t, pageURL), "foo")),
		"json is html":    second(ParseJSON([]byte(`<html>`), mustURL(t, pageURL), "foo")),
		"a huge token":    second(ParseHTML([]byte("<a title="+strings.Repeat("x", 2<<20)+">"), mustURL(t, pageURL), "foo")),
	} {
		if err == nil || !strings.Contains(err.Error(), "not a simple repository page") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

func second(_ *Page, err error) error { return err }

func TestBelongs(t *testing.T) {
	for _, c := range []struct {
		filename, project string
		want              bool
	}{
		{"foo-1.0.tar.gz", "foo", true},
		{"Foo_.Bar-1.0.zip", "foo-bar", true},
		{"foo_bar-1.0-py3-none-any.whl", "foo-bar", true},
		{"foo_bar-1.0-py3-none-any.WHL", "foo-bar", true},
		{"foobar-1.0.tar.gz", "foo", false},
		{"foo_bar-1.0.tar.gz", "foo", false}, // foo's version does not begin with '_'
		{"foo-bar-1.0.tar.gz", "foo", true},  // version "bar-1.0": for the version parser to refuse
		{"foo.tar.gz", "foo", false},
		{"foo-1.0.exe", "foo", false},
		{"foo-1.0.egg", "foo", false},
		{"", "foo", false},
		{".whl", "foo", false},
	} {
		if got := Belongs(c.filename, c.project); got != c.want {
			t.Errorf("Belongs(%q, %q) = %v", c.filename, c.project, got)
		}
	}
}

func TestFilenameOf(t *testing.T) {
	for _, c := range []struct {
		url, want string
		ok        bool
	}{
		{"https://h/a/foo-1.0.tar.gz", "foo-1.0.tar.gz", true},
		{"https://h/a/foo-1.0%2Bcpu.whl?x=/y#z/", "foo-1.0+cpu.whl", true},
		{"https://h/a/..%2F..%2Fevil.whl", "", false},
		{"https://h/a/..%252F..%252Fevil.whl", "", false}, // decoded once, it still holds an escape
		{"https://h/a/%2e%2e", "", false},
		{"https://h/a/a%5Cb.whl", "", false},
		{"https://h/a/a%00b.whl", "", false},
		{"https://h/a/a%0Ab.whl", "", false},
		{"https://h/a/c:evil.whl", "", false},
		{"https://h/a/", "", false},
		{"https://h/a/%zz.whl", "", false},
	} {
		got, ok := FilenameOf(c.url)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("FilenameOf(%q) = %q, %v", c.url, got, ok)
		}
	}
}

func TestBinary(t *testing.T) {
	for _, text := range append(samplePages(), string(bigPage(50))) {
		for _, project := range []string{"foo", ""} {
			p, err := ParseHTML([]byte(text), mustURL(t, pageURL), project)
			if err != nil {
				t.Fatal(err)
			}
			p = NewPage(project, append(unpacked(p).files, File{
				Filename: "foo-0.zip", URL: "https://example.com/elsewhere", Size: 1 << 40,
				HasMetadata: true, MetadataHashes: FragmentHashes("sha512=" + sum1 + sum2 + "&md5=" + sum1[:32]),
			}))
			p.Status = Status{"archived", "because"}
			p.Tracks, p.Alternates = []string{"https://a.example.com/"}, []string{"", "https://b.example.com/"}
			data := p.AppendTo(nil)
			checkBinary(t, p)
			for i := range data {
				if _, err := DecodePage(data[:i]); err == nil {
					t.Fatalf("a page cut at %d of %d bytes was accepted", i, len(data))
				}
			}
		}
	}
}

// Versions come in order, each once, with their files as they stand on the page.
func TestReleases(t *testing.T) {
	var text strings.Builder
	for _, name := range []string{
		"foo-2.0.tar.gz", "foo-1.0-py3-none-any.whl", "foo-10.tar.gz", "foo-1.tar.gz", "foo-latest.tar.gz", "foo-1.0.0-2-py3-none-any.whl",
		"foo-2.0-py3-none-any.whl", "foo-1.0-none-any.whl", "foo-2.0rc1.zip", "foo-1.0-py3-none-any.WHL", "foo-2.0.zip",
	} {
		text.WriteString(`<a href="` + name + `">`)
	}
	p, err := ParseHTML([]byte(text.String()), mustURL(t, pageURL), "foo")
	if err != nil {
		t.Fatal(err)
	}
	checkBinary(t, p)
	show := func(files []File) (out string) {
		for _, f := range files {
			out += " " + f.Filename
		}
		return out
	}
	var got []string
	for i := range p.Releases() {
		got = append(got, p.Version(i).String()+":"+show(p.ReleaseFiles(i)))
	}
	got = append(got, "others:"+show(p.Others()))
	want := []string{
		"1.0: foo-1.0-py3-none-any.whl foo-1.tar.gz foo-1.0.0-2-py3-none-any.whl",
		"2.0rc1: foo-2.0rc1.zip",
		"2.0: foo-2.0.tar.gz foo-2.0-py3-none-any.whl foo-2.0.zip",
		"10: foo-10.tar.gz",
		"others: foo-latest.tar.gz foo-1.0-none-any.whl foo-1.0-py3-none-any.WHL",
	}
	if !slices.Equal(got, want) || p.Files() != 11 {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func FuzzParseHTML(f *testing.F) {
	for _, page := range samplePages() {
		f.Add([]byte(page))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compareScan(t, data) })
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"meta":{"api-version":"1.0"},"files":[{"filename":"foo-1.tar.gz","url":"foo-1.tar.gz","hashes":{},"size":1,"yanked":"x","core-metadata":{"sha256":""}}]}`))
	base, _ := url.Parse(pageURL)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseJSON(data, base, "foo")
		if err != nil {
			return
		}
		for _, file := range unpacked(p).files {
			if !Belongs(file.Filename, "foo") || !strings.HasPrefix(file.URL, "http") || file.Size < -1 {
				t.Errorf("accepted %+v", file)
			}
		}
		checkBinary(t, p)
	})
}

// checkBinary wants the binary form of a page to be read as the same page.
func checkBinary(t *testing.T, p *Page) {
	t.Helper()
	back, err := DecodePage(p.AppendTo(nil))
	if err != nil {
		t.Fatalf("binary form of %+v: %v", unpacked(p), err)
	}
	if got, want := unpacked(back), unpacked(p); !reflect.DeepEqual(got, want) || len(got.files) != p.Files() || back.Undated() != p.Undated() {
		t.Fatalf("binary form of %+v: %+v", want, got)
	}
}

func FuzzDecodePage(f *testing.F) {
	base, _ := url.Parse(pageURL)
	for _, text := range samplePages() {
		if p, err := ParseHTML([]byte(text), base, "foo"); err == nil {
			f.Add(p.AppendTo(nil))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := DecodePage(data)
		if err != nil {
			return
		}
		for i := range p.Releases() {
			if i > 0 && !p.Version(i-1).Less(p.Version(i)) {
				t.Errorf("versions %s, %s", p.Version(i-1), p.Version(i))
			}
		}
		if got := len(unpacked(p).files); got > p.Files() {
			t.Errorf("%d files of %d", got, p.Files())
		}
		checkBinary(t, NewPage("", unpacked(p).files))
	})
}

func TestTooManyFiles(t *testing.T) {
	base := mustURL(t, pageURL)
	html := strings.Repeat(`<a href="foo-1.zip">`, maxFiles+1)
	if _, err := ParseHTML([]byte(html), base, "foo"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("HTML: %v", err)
	}
	json := `{"meta":{"api-version":"1.0"},"files":[` + strings.Repeat(`{"filename":"foo-1.zip","url":"x"},`, maxFiles) +
		`{"filename":"foo-1.zip","url":"x"}]}`
	if _, err := ParseJSON([]byte(json), base, "foo"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("JSON: %v", err)
	}
}

// A page is decoded without work for what is not asked: nothing is made of its
// files.
func TestDecodeAllocations(t *testing.T) {
	page, err := ParseHTML(bigPage(1000), mustURL(t, "https://example.com/simple/demo/"), "demo")
	if err != nil {
		t.Fatal(err)
	}
	data := page.AppendTo(nil)
	allocations := testing.AllocsPerRun(10, func() {
		if _, err := DecodePage(data); err != nil {
			t.Error(err)
		}
	})
	if allocations > 10 {
		t.Errorf("%.0f allocations", allocations)
	}
}

// Pages made to be a burden: they end in an error or in nothing, not in a crash.
func TestHostilePages(t *testing.T) {
	base := mustURL(t, pageURL)
	p, err := ParseHTML([]byte(strings.Repeat(`<a href="x">`, 1_000_000)), base, "foo")
	if err != nil || p.Files() != 0 || p.Dropped != 1_000_000 {
		t.Errorf("a million links: %v", err)
	}
	meta := `{"meta":{"api-version":"1.0"},"files":[],"x":`
	for name, page := range map[string]string{
		"deeply nested arrays":  meta + strings.Repeat("[", 1_000_000),
		"deeply nested objects": meta + strings.Repeat(`{"a":`, 1_000_000),
		"invalid UTF-8":         meta + "\"\xff\xfe\"}",
		"a key twice":           meta + `1,"x":2}`,
	} {
		if _, err := ParseJSON([]byte(page), base, "foo"); err == nil || len(err.Error()) > 500 {
			t.Errorf("%s: %.600v", name, err)
		}
	}
	for name, page := range map[string]string{
		"nested tags":       strings.Repeat("<div>", 500_000) + `<a href="foo-1.zip">`,
		"unclosed comments": strings.Repeat("<!--", 200_000) + "-->" + `<a href="foo-1.zip">`,
		"invalid UTF-8":     "\xff\xfe\xff" + `<a href="foo-1.zip" data-requires-python="` + "\xff" + `">`,
		"many meta tags":    strings.Repeat(`<meta name="pypi:tracks" content="https://example.com/">`, 10_000) + `<a href="foo-1.zip">`,
	} {
		p, err := ParseHTML([]byte(page), base, "foo")
		if err != nil || p.Files() != 1 || len(p.Tracks) > maxPages {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if _, err := ParseHTML([]byte("<a href=\"foo-1.zip\">\x00"), base, "foo"); err == nil {
		t.Error("a NUL byte was taken")
	}
}
