package crossfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xpip/xpip/requirements/tomldoc"
)

const completeFile = `{"path": "/usr/bin/python", "compatible_tags": ["cp313-cp313-linux_aarch64", "py2.py3-none-any"],
 "marker_environment": {"sys_platform": "linux", "platform_release": null}, "unknown_markers": ["platform_machine"]}`

func TestCompletePlatform(t *testing.T) {
	p, err := ParseCompletePlatform([]byte(completeFile))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(p.Tags) != "[cp313-cp313-linux_aarch64 py2-none-any py3-none-any]" || len(p.Markers) != 1 || p.Markers["sys_platform"] != "linux" ||
		!slices.Equal(p.Unknown, []string{"platform_machine"}) {
		t.Errorf("%+v", p)
	}
	text, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseCompletePlatform(text); err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", p) {
		t.Errorf("%+v, %v; want %+v", again, err, p)
	}
	for text, want := range map[string]string{
		`{`:                                    "unexpected end",
		strings.Repeat(" ", maxComplete+1):     "more than 8388608 bytes",
		`[]`:                                   "cannot unmarshal",
		`{"marker_environment":{}}`:            "no compatible_tags",
		`{"compatible_tags":["py3-none-any"]}`: "no marker_environment",
		`{"compatible_tags":["py3"],"marker_environment":{}}`:               "has not three parts",
		`{"compatible_tags":["py3-none-any"],"marker_environment":{"a":1}}`: "cannot unmarshal",
		strings.Repeat("[", 20_000):                                         "exceeded max depth",
	} {
		if _, err := ParseCompletePlatform([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

func TestPyodideLock(t *testing.T) {
	got, err := ParsePyodideLock([]byte(`{"info": {"abi_version": "2026_0", "arch": "wasm32", "platform": "emscripten_5_0_3", "python": "3.14.2"}, "packages": {}}`))
	if want := (PyodideLock{Python: "3.14.2", Arch: "wasm32", Platform: "emscripten_5_0_3", ABI: "2026_0"}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{`{}`, `{"info": {"python": "3.14.2"}}`, `{"info": []}`, ``} {
		if got, err := ParsePyodideLock([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestPyBuildCMake(t *testing.T) {
	want := PyBuildCMake{OS: "linux", Implementation: "cp", Version: "313", ABI: "cp313t", Arch: "manylinux_2_28_aarch64"}
	text := string(want.TOML()) + "prefix = '/opt/python'\n[cmake]\noptions = {A = 1}\n"
	if got, err := ParsePyBuildCMake([]byte(text)); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if text := string(PyBuildCMake{OS: "a\"\n"}.TOML()); text != "os = \"a\\\"\\n\"\n" {
		t.Errorf("%q", text)
	}
	_, err := ParsePyBuildCMake([]byte("os = 1"))
	if wrong := (*tomldoc.Error)(nil); !errors.As(err, &wrong) || wrong.Key != "os" {
		t.Errorf("%v", err)
	}
}

const frameworkFile = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
	<key>AvailableLibraries</key>
	<array>
		<dict>
			<key>BinaryPath</key><string>Python.framework/Python</string>
			<key>LibraryIdentifier</key><string>ios-arm64_x86_64-simulator</string>
			<key>LibraryPath</key><string>Python.framework</string>
			<key>SupportedArchitectures</key><array><string>arm64</string><string>x86_64</string></array>
			<key>SupportedPlatform</key><string>ios</string>
			<key>SupportedPlatformVariant</key><string>simulator</string>
		</dict>
		<dict>
			<key>LibraryIdentifier</key><string>ios-arm64</string>
			<key>LibraryPath</key><string>Python.framework</string>
			<key>SupportedArchitectures</key><array><string>arm64</string></array>
			<key>SupportedPlatform</key><string>ios</string>
			<key>Flag</key><true/><key>Size</key><integer>4</integer>
		</dict>
	</array>
	<key>XCFrameworkFormatVersion</key><string>1.0</string>
</dict></plist>`

func TestXCFramework(t *testing.T) {
	slices, err := ParseXCFramework([]byte(frameworkFile))
	want := "[{ios-arm64_x86_64-simulator Python.framework ios simulator [arm64 x86_64]} {ios-arm64 Python.framework ios  [arm64]}]"
	if err != nil || fmt.Sprint(slices) != want {
		t.Errorf("%v, %v", slices, err)
	}
	nested := strings.Repeat("<array>", 40) + strings.Repeat("</array>", 40)
	many := "<array>" + strings.Repeat("<true/>", maxKeys) + "</array>"
	for text, want := range map[string]string{
		"":                        "line 1: it ends too early",
		"bplist00...":             "plutil -convert xml1",
		"<plist><array/></plist>": "its root is no dict",
		"<plist><dict><string>a</string></dict></plist>":                                                   "a value has no key",
		"<plist><dict><key>a</key></dict></plist>":                                                         "is no kind of value",
		"<plist><dict><key>a</key><b/></dict></plist>":                                                     `"b" is no kind of value`,
		"<plist><dict><key>a<b/></key></dict></plist>":                                                     "an element stands where text belongs",
		"<plist><dict>\n\nwords</dict></plist>":                                                            "line 3: text stands",
		"<plist><dict><key>a</key><string>b</dict></plist>":                                                "closed by",
		"<!DOCTYPE a [<!ENTITY x \"y\">]><dict><key>a</key><string>&x;</string></dict>":                    "invalid character entity",
		"<plist><dict><key>a</key>" + nested + "</dict></plist>":                                           "nested more than 32 deep",
		"<plist><dict><key>a</key>" + many + "</dict></plist>":                                             "more than 10000 elements",
		"<plist><dict><key>a</key><string>" + strings.Repeat("x", maxValue+1) + "</string></dict></plist>": "longer than 65536 bytes",
		"<plist><dict/></plist>":                                                                           "no AvailableLibraries",
		"<plist><dict><key>AvailableLibraries</key><array><dict/></array></dict></plist>":                  "says no SupportedPlatform",
	} {
		_, err := ParseXCFramework([]byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
}

func FuzzFormats(f *testing.F) {
	f.Add([]byte(completeFile))
	f.Add([]byte(frameworkFile))
	f.Add([]byte(`{"info": {"platform": "emscripten_5_0_3", "python": "3.14.2"}}`))
	f.Add([]byte("os = 'linux'\nabi = 'cp313'\n[cmake]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := ParseCompletePlatform(text); err == nil {
			written, err := p.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if again, err := ParseCompletePlatform(written); err != nil || fmt.Sprint(again.Tags) != fmt.Sprint(p.Tags) || len(again.Markers) != len(p.Markers) {
				t.Fatalf("%+v, %v; want %+v", again, err, p)
			}
		}
		if p, err := ParsePyBuildCMake(text); err == nil {
			if again, err := ParsePyBuildCMake(p.TOML()); err != nil || again != p {
				t.Fatalf("%+v, %v; want %+v", again, err, p)
			}
		}
		ParseXCFramework(text) //nolint:errcheck // it must end, no more
		ParsePyodideLock(text) //nolint:errcheck // it must end, no more
	})
}
