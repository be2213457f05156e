package wheel

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hostile are wheels to refuse: what is changed about a sound one, and words
// that the refusal must have. The ids group them: p names and modes, z the
// archive's frame, r RECORD, d the parts about each other, e scripts.
var hostile = []struct {
	id, what string
	change   func(w *rawWheel)
	want     string
}{
	{"p01", "parent folder", named("../evil.py"), "leaves its folder"},
	{"p02", "absolute", named("/tmp/evil.py"), "absolute"},
	{"p03", "out by a detour", named("a/../../evil.py"), "leaves its folder"},
	{"p04", "dots inside", named("a/../b.py"), "leaves its folder"},
	{"p04", "single dot", named("a/./b.py"), "empty step"},
	{"p04", "double slash", named("a//b.py"), "empty step"},
	{"p05", "backslash", named(`..\evil.py`), "backslash"},
	{"p06", "drive", named(`C:/evil.py`), "drive letter"},
	{"p06", "drive without slash", named("C:evil"), "drive letter"},
	{"p07", "out of purelib", named("demo_pkg-1.0.data/purelib/../../evil.py"), "leaves its folder"},
	{"p08", "out of scripts", named("demo_pkg-1.0.data/scripts/../../evil"), "leaves its folder"},
	{"p09", "unknown scheme key", named("demo_pkg-1.0.data/etc/x"), "no install scheme key"},
	{"p09", "file beside the keys", named("demo_pkg-1.0.data/purelib"), "a file where a folder belongs"},
	{"p09", "another project's .data", named("other-1.0.data/purelib/x.py"), "another project"},
	{"p11", "sibling", named("../target-evil/x.py"), "leaves its folder"},
	{"p12", "escape", named("a\x1b[2Jb.py"), "control character"},
	{"p13", "newline", named("a\nb.py"), "control character"},
	{"p14", "NUL", named("a\x00b.py"), "control character"},
	{"p14", "text direction", named("a\u202eyp.exe"), "control character"},
	{"p14", "C1", named("a\u0085b.py"), "control character"},
	{"p19", "file and folder", func(w *rawWheel) { w.add("a", "x"); w.add("a/b.py", "x") }, "both a file and a folder"},
	{"p19", "folder and file", func(w *rawWheel) { w.add("a/b/c.py", "x"); w.add("a/b", "x") }, "both a file and a folder"},
	{"p20", "long segment", named(strings.Repeat("x", 256) + "/a.py"), "longer than 255"},
	{"p20", "long path", named(strings.Repeat("xxxxxxx/", 600) + "a.py"), "longer than 4096"},
	{"p21", "symbolic link", func(w *rawWheel) { w.add("link", "/etc").mode = 0o120777 }, "symbolic link"},
	{"p22", "through a link", func(w *rawWheel) { w.add("link", "/tmp").mode = 0o120777; w.add("link/evil.py", "x") }, "symbolic link"},
	{"p24", "twice, other bytes", func(w *rawWheel) { w.add("demo_pkg/__init__.py", "evil") }, "twice"},
	{"p24", "twice, same bytes", func(w *rawWheel) { w.add("demo_pkg/__init__.py", "answer = 42\n") }, "twice"},
	{"p25", "not UTF-8", named("a\xff.py"), "not UTF-8"},
	{"p26", "no name", named(""), "an empty name"},
	{"p27", "a folder by its mode", func(w *rawWheel) { w.add("a", "").mode = 0o040755 }, "a folder by its mode"},

	{"z01", "prefix", func(w *rawWheel) {
		w.prefix = "#!/bin/sh\n"
		w.end = func(b []byte) { b[16] -= byte(len(w.prefix)) }
	}, "the central directory does not end"},
	{"z01", "prefix that offsets count", func(w *rawWheel) { w.prefix = "#!/bin/sh\n" }, "belong to no member"},
	{"z02", "trailing bytes", func(w *rawWheel) { w.suffix = "trailing" }, "after the end"},
	{"z02", "a comment that is a zip", func(w *rawWheel) {
		w.suffix = "PK\x03\x04\x00"
		w.end = func(b []byte) { le.PutUint16(b[20:], uint16(len(w.suffix))) }
	}, "comment is not text"},
	{"z02", "comment longer than the file", func(w *rawWheel) { w.end = func(b []byte) { le.PutUint16(b[20:], 7) } }, "after the end"},
	{"z03", "two archives in one", func(w *rawWheel) { w.prefix = string(newRawWheel().bytes()) }, "belong to no member"},
	{"z04", "local name differs", func(w *rawWheel) { w.entries[0].localName = "demo_pkg/__innit__.py" }, "in its own header"},
	{"z05", "local checksum differs", func(w *rawWheel) { w.entries[0].local = func(b []byte) { b[14] ^= 1 } }, "disagree"},
	{"z05", "local size differs", func(w *rawWheel) { w.entries[0].local = func(b []byte) { b[22]++ } }, "disagree"},
	{"z05", "local method differs", func(w *rawWheel) { w.entries[0].local = func(b []byte) { b[8] = 0 } }, "disagree"},
	{"z05", "local header missing", func(w *rawWheel) { w.entries[0].local = func(b []byte) { b[0] = 'X' } }, "no header"},
	{"z06", "hidden member", func(w *rawWheel) { w.add("evil.py", "x").hidden = true }, "belong to no member"},
	{"z06", "hidden member in between", func(w *rawWheel) {
		e := w.add("evil.py", "x")
		e.hidden = true
		w.add("later.py", "y")
	}, "belong to no member"},
	{"z06", "gap before the directory", func(w *rawWheel) { w.gap = "gap" }, "belong to no member"},
	{"z07", "central size too small", func(w *rawWheel) { w.entries[1].central = func(b []byte) { le.PutUint32(b[20:], 5) } }, "disagree"},
	{"z07", "both packed sizes too small", bothHeaders(1, 18, 20, 5), "belong to no member"},
	{"z07", "declared longer than it is", bothHeaders(2, 22, 24, 5000), "5000 are declared"},
	{"z07", "declared shorter than it is", bothHeaders(2, 22, 24, 5), "more than the 5 bytes"},
	{"z08", "bzip2", func(w *rawWheel) { w.entries[0].method = 12 }, "compression method 12"},
	{"z09", "lzma", func(w *rawWheel) { w.entries[0].method = 14 }, "compression method 14"},
	{"z09", "zstd", func(w *rawWheel) { w.entries[0].method = 93 }, "compression method 93"},
	{"z10", "encrypted", func(w *rawWheel) { w.entries[0].flags = 1 }, "encrypted"},
	{"z10", "strongly encrypted", func(w *rawWheel) { w.entries[0].flags = 1 << 6 }, "encrypted"},
	{"z10", "masked", func(w *rawWheel) { w.entries[0].flags = 1 << 13 }, "encrypted"},
	{"z10", "patched", func(w *rawWheel) { w.entries[0].flags = 1 << 5 }, "patch"},
	{"z11", "bomb", func(w *rawWheel) { w.add("zeros", strings.Repeat("\x00", 65<<20)) }, "unpacks to more than"},
	{"z11", "many small bombs", func(w *rawWheel) {
		for i := range 70 {
			w.add(fmt.Sprintf("zeros%d", i), strings.Repeat("\x00", 1<<20))
		}
	}, "unpacks to more than"},
	{"z11", "sizes that overflow", func(w *rawWheel) {
		for _, e := range w.entries[:2] {
			big := numbers(uint64(1)<<63-1, uint64(len(deflated(e.data))))
			e.localExtra, e.extra = extraOf(1, big), extraOf(1, big[:8])
			e.local = func(b []byte) { le.PutUint32(b[22:], saturated); le.PutUint32(b[18:], saturated) }
			e.central = func(b []byte) { le.PutUint32(b[24:], saturated) }
		}
	}, "unpacks to more than"},
	{"z12", "count too high", func(w *rawWheel) { w.end = func(b []byte) { b[8], b[10] = 99, 99 } }, "counts 99"},
	{"z12", "count too low", func(w *rawWheel) { w.end = func(b []byte) { b[8], b[10] = 1, 1 } }, "counts 1 "},
	{"z12", "counts differ", func(w *rawWheel) { w.end = func(b []byte) { b[8] = 1 } }, "multi-volume"},
	{"z12", "directory size wrong", func(w *rawWheel) { w.end = func(b []byte) { b[12]++ } }, "does not end"},
	{"z12", "directory offset wrong", func(w *rawWheel) { w.end = func(b []byte) { b[16]-- } }, "does not end"},
	{"z12", "directory offset saturated", func(w *rawWheel) { w.end = func(b []byte) { le.PutUint32(b[16:], saturated) } }, "does not end"},
	{"z13", "truncated", func(w *rawWheel) { w.cut = 40 }, "truncated"},
	{"z13", "empty", func(w *rawWheel) { w.cut = len(w.bytes()) }, "not a zip archive: 0 bytes"},
	{"z15", "checksum wrong everywhere", func(w *rawWheel) {
		lie := func(at int) func([]byte) { return func(b []byte) { b[at] ^= 0xff } }
		w.entries[0].local, w.entries[0].central = lie(14), lie(16)
	}, "checksum is wrong"},
	{"z16", "descriptor missing", func(w *rawWheel) { w.entries[0].flags = flagDescriptor }, "descriptor is missing"},
	{"z16", "descriptor lies", func(w *rawWheel) { describe(w.entries[0], "PK\x07\x08", func(b []byte) { b[5] ^= 1 }, 4) }, "descriptor and the central"},
	{"z16", "descriptor without signature lies", func(w *rawWheel) { describe(w.entries[0], "", func(b []byte) { b[5] ^= 1 }, 8) }, "descriptor and the central"},
	{"z16", "descriptor's signature wrong", func(w *rawWheel) { describe(w.entries[0], "PK\x07\x09", nil, 4) }, "descriptor and the central"},
	{"z17", "overlapping", func(w *rawWheel) { w.entries[1].at = new(int64) }, "overlap"},
	{"z17", "beyond the directory", func(w *rawWheel) { far := int64(1 << 30); w.entries[1].at = &far }, "belong to no member"},
	{"z18", "ZIP64 sizes missing", func(w *rawWheel) {
		w.entries[0].central = func(b []byte) { le.PutUint32(b[24:], saturated) }
	}, "has none"},
	{"z18", "ZIP64 extra disagrees", func(w *rawWheel) {
		w.entries[0].extra = extraOf(1, numbers(uint64(7), uint64(7)))
	}, "disagrees"},
	{"z18", "ZIP64 extra too short", func(w *rawWheel) {
		w.entries[0].extra = extraOf(1, "1234")
		w.entries[0].central = func(b []byte) { le.PutUint32(b[24:], saturated) }
	}, "ZIP64 extra field of 4 bytes"},
	{"z18", "ZIP64 extra too long", func(w *rawWheel) { w.entries[0].extra = extraOf(1, strings.Repeat("x", 40)) }, "ZIP64 extra field of 40 bytes"},
	{"z18", "ZIP64 extra twice", func(w *rawWheel) { w.entries[0].extra = extraOf(1, "") + extraOf(1, "") }, "twice"},
	{"z18", "ZIP64 end lies on the count", func(w *rawWheel) { w.zip64 = func(r, _ []byte) { r[24]++; r[32]++ } }, "counts"},
	{"z18", "ZIP64 end lies on the size", func(w *rawWheel) { w.zip64 = func(r, _ []byte) { r[40]++ } }, "does not end"},
	{"z18", "ZIP64 end too long", func(w *rawWheel) { w.zip64 = func(r, _ []byte) { r[4]++ } }, "malformed"},
	{"z18", "ZIP64 locator points elsewhere", func(w *rawWheel) { w.zip64 = func(_, l []byte) { l[8]++ } }, "locator"},
	{"z18", "ZIP64 and its short form differ", func(w *rawWheel) {
		w.zip64 = func(_, _ []byte) {}
		w.end = func(b []byte) { le.PutUint32(b[12:], 17) }
	}, "disagree"},
	{"z19", "second name in an extra field", func(w *rawWheel) {
		w.entries[0].extra = extraOf(extraUnicodePath, "\x01\x00\x00\x00\x00evil.py")
	}, "second name"},
	{"z19", "second name in a local extra field", func(w *rawWheel) {
		w.entries[0].localExtra = extraOf(extraUnicodePath, "\x01\x00\x00\x00\x00evil.py")
	}, "second name"},
	{"z19", "malformed extra field", func(w *rawWheel) { w.entries[0].extra = "\x99\x99\xff\xff" }, "malformed extra"},
	{"z20", "comment on a member", func(w *rawWheel) { w.entries[0].comment = "hello" }, "comment"},
	{"z21", "bytes after the compressed data", func(w *rawWheel) {
		packed := deflated(w.entries[0].data) + "hidden"
		w.entries[0].packed = &packed
	}, "after the end of its compressed data"},
	{"z21", "damaged compressed data", func(w *rawWheel) {
		packed := strings.Repeat("\xff", 20)
		w.entries[0].packed = &packed
	}, "compressed data is damaged"},
	{"z21", "stored, of two sizes", func(w *rawWheel) {
		w.entries[0].stored = true
		bothHeaders(0, 22, 24, 3)(w)
	}, "two sizes"},
	{"z22", "folder with content", func(w *rawWheel) { w.add("folder/", "content") }, "folder with content"},
	{"z23", "on another volume", func(w *rawWheel) { w.entries[0].central = func(b []byte) { b[34] = 1 } }, "another volume"},

	{"r01", "file not in RECORD", func(w *rawWheel) { rows := w.rows(); w.add("evil.py", "x"); w.record = &rows }, "not in RECORD"},
	{"r02", "row without a file", recorded("gone.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n"), "not in the archive"},
	{"r03", "content differs", func(w *rawWheel) { rows := w.rows(); w.entries[0].data = "answer = 66\n"; w.record = &rows }, "RECORD says"},
	{"r03", "size differs", func(w *rawWheel) { rows := w.rows(); w.entries[0].data = "answer = 6\n"; w.record = &rows }, "RECORD says"},
	{"r04", "no RECORD", func(w *rawWheel) { rows := "absent"; w.record = &rows }, "missing"},
	{"r05", "row outside", recorded("../../victim,,\n"), "not in the archive"},
	{"r06", "row without digest", replaceRow("demo_pkg/__init__.py", "demo_pkg/__init__.py,,"), "no digest"},
	{"r07", "md5", func(w *rawWheel) {
		sum := md5.Sum([]byte(w.entries[0].data))
		replaceRow("demo_pkg/__init__.py", "demo_pkg/__init__.py,md5="+base64.RawURLEncoding.EncodeToString(sum[:])+",12")(w)
	}, "sha256 or better"},
	{"r08", "empty RECORD", func(w *rawWheel) { rows := ""; w.record = &rows }, "not in RECORD"},
	{"r09", "row twice", func(w *rawWheel) { rows := w.rows() + w.rows(); w.record = &rows }, "twice"},
	{"r10", "quotes that do not match", recorded("\"gone.py,,\n"), "row 5"},
	{"r10", "size that is no number", recorded("gone.py,sha256=x,many\n"), "no number"},

	{"d01", "two .dist-info", func(w *rawWheel) { w.add("other-1.0.dist-info/METADATA", testMetadata) }, "two .dist-info"},
	{"d01", "two .dist-info but for case", func(w *rawWheel) { w.add("demo_pkg-1.0.DIST-INFO/METADATA", testMetadata) }, "two .dist-info"},
	{"d02", "file name of another project", renamed("other-1.0-py3-none-any.whl"), "another project or version"},
	{"d03", "METADATA of another version", part("METADATA", "Metadata-Version: 2.1\nName: demo-pkg\nVersion: 1.1\n"), `about version "1.1"`},
	{"d03", "file name of another version", renamed("demo_pkg-1.1-py3-none-any.whl"), "another project or version"},
	{"d04", "no WHEEL", func(w *rawWheel) { w.remove(testDistInfo + "WHEEL") }, "missing"},
	{"d05", "Wheel-Version 2.0", part("WHEEL", strings.Replace(testWheel, "1.0", "2.0", 1)), "only 1.x"},
	{"d05", "no Wheel-Version", part("WHEEL", "Tag: py3-none-any\n"), "no usable Wheel-Version"},
	{"d06", "no METADATA", func(w *rawWheel) { w.remove(testDistInfo + "METADATA") }, "missing"},
	{"d06", "METADATA not UTF-8", part("METADATA", testMetadata+"Author: \xff\n"), "not UTF-8"},
	{"d06", "METADATA 3.0", part("METADATA", strings.Replace(testMetadata, "2.1", "3.0", 1)), "3.0"},
	{"d06", "two names", part("METADATA", testMetadata+"Name: other\n"), "2 times"},
	{"d06", "no version", part("METADATA", "Metadata-Version: 2.1\nName: demo-pkg\n"), "no Version"},
	{"d07", "WHEEL with more tags", part("WHEEL", testWheel+"Tag: cp313-cp313-linux_x86_64\n"), "not in the file name"},
	{"d07", "WHEEL with fewer tags", renamed("demo_pkg-1.0-py2.py3-none-any.whl"), "the file name says py2-none-any"},
	{"d07", "WHEEL for another interpreter", retagged("cp312-cp312-win_amd64", "cp313-cp313-win_amd64"), "the file name says cp313-cp313-win_amd64"},
	{"d07", "WHEEL for any platform, of another ABI", retagged("py3-none-any", "cp313-abi3-win_amd64"), "the file name says cp313-abi3-win_amd64"},
	{"d07", "WHEEL for one platform", retagged("py3-none-linux_x86_64", "py3-none-any"), "not in the file name"},
	{"d07", "WHEEL for another platform", retagged("cp313-cp313-linux_aarch64", "cp313-cp313-android_24_arm64_v8a"), "not in the file name"},
	{"d07", "WHEEL for another architecture", retagged("cp313-cp313-linux_aarch64", "cp313-cp313-manylinux_2_28_x86_64"), "not in the file name"},
	{"d07", "WHEEL for another libc", retagged("cp313-cp313-musllinux_1_2_x86_64", "cp313-cp313-manylinux_2_28_x86_64"), "not in the file name"},
	{"d07", "WHEEL for the simulator", retagged("cp313-cp313-ios_13_0_arm64_iphonesimulator", "cp313-cp313-ios_13_0_arm64_iphoneos"), "not in the file name"},
	{"d07", "WHEEL with a malformed tag", part("WHEEL", testWheel+"Tag: py3-none\n"), "not three parts"},
	{"d09", "METADATA of another project", part("METADATA", strings.Replace(testMetadata, "demo-pkg", "other", 1)), `about "other"`},
	{"d11", "METADATA too long", part("METADATA", testMetadata+"\n"+strings.Repeat("x", MaxMetadata)), "larger than"},

	{"e01", "script outside", script("../../x = m:f"), "no script name"},
	{"e02", "absolute script", script("/bin/x = m:f"), "no script name"},
	{"e03", "interpreter", script("Python3.EXE = m:f"), "interpreter"},
	{"e04", "code in the value", script("x = m:f() or __import__('os').system('id')"), "not module:attribute"},
	{"e05", "statement in the value", script("x = m;import os:f"), "not module:attribute"},
	{"e06", "shell in the name", script("a b;rm = m:f"), "no script name"},
	{"e07", "no attribute", script("x = m"), "not module:attribute"},
	{"e08", "backslash", script(`..\x = m:f`), "no script name"},
	{"e09", "subfolder", script("sub/x = m:f"), "no script name"},
	{"e10", "dot", script(". = m:f"), "not a file name"},
	{"e11", "not INI", func(w *rawWheel) { w.add(testDistInfo+"entry_points.txt", "hello\n") }, "neither"},
	{"e12", "twice", script("x = m:f\nx = m:g"), "twice"},
	{"e13", "interpreter among the scripts", named("demo_pkg-1.0.data/scripts/python3"), "interpreter"},
	{"e14", "interpreter in the prefix", named("demo_pkg-1.0.data/data/bin/python"), "interpreter"},
	{"e14", "interpreter in a Windows prefix", named("demo_pkg-1.0.data/data/Python.exe"), "interpreter"},
}

func named(name string) func(*rawWheel) { return func(w *rawWheel) { w.add(name, "evil") } }

func renamed(name string) func(*rawWheel) { return func(w *rawWheel) { w.filename = name } }

// retagged gives WHEEL one tag and the file name another.
func retagged(inside, outside string) func(*rawWheel) {
	return func(w *rawWheel) {
		w.filename = "demo_pkg-1.0-" + outside + ".whl"
		part("WHEEL", strings.Replace(testWheel, "py3-none-any", inside, 1))(w)
	}
}

func part(name, text string) func(*rawWheel) {
	return func(w *rawWheel) { w.entry(testDistInfo + name).data = text }
}

func script(line string) func(*rawWheel) {
	return func(w *rawWheel) { w.add(testDistInfo+"entry_points.txt", "[console_scripts]\n"+line+"\n") }
}

func recorded(row string) func(*rawWheel) {
	return func(w *rawWheel) {
		rows := strings.Replace(w.rows(), testDistInfo+"RECORD,", row+testDistInfo+"RECORD,", 1)
		w.record = &rows
	}
}

func replaceRow(path, row string) func(*rawWheel) {
	return func(w *rawWheel) {
		lines := strings.Split(w.rows(), "\n")
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, path+",") })
		lines[i] = row
		rows := strings.Join(lines, "\n")
		w.record = &rows
	}
}

// bothHeaders sets a 32-bit field of entry i in both its headers.
func bothHeaders(i, localAt, centralAt int, value uint32) func(*rawWheel) {
	return func(w *rawWheel) {
		w.entries[i].local = func(b []byte) { le.PutUint32(b[localAt:], value) }
		w.entries[i].central = func(b []byte) { le.PutUint32(b[centralAt:], value) }
	}
}

// describe moves sizes and checksum of e behind its content. size is how many
// bytes a size takes there.
func describe(e *rawEntry, signature string, change func([]byte), size int) {
	packed := deflated(e.data)
	b := append([]byte(signature), numbers(crc32.ChecksumIEEE([]byte(e.data)))...)
	for _, n := range []int{len(packed), len(e.data)} {
		if size == 8 {
			b = le.AppendUint64(b, uint64(n))
		} else {
			b = le.AppendUint32(b, uint32(n))
		}
	}
	if change != nil {
		change(b)
	}
	e.flags |= flagDescriptor
	e.after = string(b)
	e.local = func(head []byte) { clear(head[14:26]) }
}

func TestHostileWheelsAreRefused(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.id+" "+c.what, func(t *testing.T) {
			w := newRawWheel()
			c.change(w)
			arena := t.TempDir()
			before := listing(t, arena)
			_, err := unpackRaw(t, w, arena)
			invalid, ok := errors.AsType[*InvalidError](err)
			if !ok {
				t.Fatalf("got %v, want a refusal", err)
			}
			if invalid.Wheel != w.filename || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; want words %q", err, c.want)
			}
			if strings.ContainsFunc(err.Error(), isControl) {
				t.Errorf("the message holds control characters: %q", err)
			}
			if diff := outside(before, listing(t, arena)); len(diff) > 0 {
				t.Errorf("written outside of the tree: %q", diff)
			}
		})
	}
}

// unpackRaw writes w into arena/in and unpacks it into arena/out.
func unpackRaw(t *testing.T, w *rawWheel, arena string) (*Unpacked, error) {
	t.Helper()
	in := filepath.Join(arena, "in")
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(in, "blob")
	if err := os.WriteFile(path, w.bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return UnpackFile(t.Context(), path, w.filename, "", filepath.Join(arena, "out"), Limits{})
}

func listing(t *testing.T, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		paths = append(paths, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// outside returns what is new and neither input nor below the tree.
func outside(before, after []string) []string {
	return slices.DeleteFunc(after, func(p string) bool {
		return slices.Contains(before, p) || p == "in" || p == "in/blob" || p == "out" || p == "out/tree" || strings.HasPrefix(p, "out/tree/")
	})
}

// harmless are wheels out of the ordinary that are to be accepted.
var harmless = []struct {
	what   string
	change func(w *rawWheel)
}{
	{"nothing special", func(*rawWheel) {}},
	{"stored", func(w *rawWheel) { w.entries[1].stored = true }},
	{"empty file", func(w *rawWheel) { w.add("demo_pkg/py.typed", "") }},
	{"folders of their own", func(w *rawWheel) { w.add("demo_pkg/", "").mode = 0o040755; w.add("empty/", "") }},
	{"text comment", func(w *rawWheel) {
		w.suffix = "made with care"
		w.end = func(b []byte) { le.PutUint16(b[20:], uint16(len(w.suffix))) }
	}},
	{"descriptor", func(w *rawWheel) { describe(w.entries[0], "PK\x07\x08", nil, 4) }},
	{"descriptor without signature", func(w *rawWheel) { describe(w.entries[0], "", nil, 4) }},
	{"wide descriptor", func(w *rawWheel) { describe(w.entries[0], "PK\x07\x08", nil, 8) }},
	{"wide descriptor without signature", func(w *rawWheel) { describe(w.entries[0], "", nil, 8) }},
	{"descriptor after repeated sizes", func(w *rawWheel) {
		describe(w.entries[0], "PK\x07\x08", nil, 4)
		w.entries[0].local = nil
	}},
	{"ZIP64 end", func(w *rawWheel) { w.zip64 = func(_, _ []byte) {} }},
	{"ZIP64 sizes", func(w *rawWheel) {
		e := w.entries[0]
		sizes := numbers(uint64(len(e.data)), uint64(len(deflated(e.data))))
		e.localExtra, e.extra = extraOf(1, sizes), extraOf(1, sizes)
		e.local = func(b []byte) { le.PutUint64(b[18:], 1<<64-1) }
		e.central = func(b []byte) { le.PutUint64(b[20:], 1<<64-1) }
	}},
	{"ZIP64 sizes said twice", func(w *rawWheel) {
		e := w.entries[0]
		e.extra = extraOf(1, numbers(uint64(len(e.data)), uint64(len(deflated(e.data)))))
	}},
	{"unknown extra fields", func(w *rawWheel) {
		w.entries[0].extra, w.entries[0].localExtra = extraOf(0x5455, "12345"), extraOf(0x7875, "abc")
	}},
	{"the same name in an extra field", func(w *rawWheel) {
		w.entries[0].extra = extraOf(extraUnicodePath, "\x01\x00\x00\x00\x00"+w.entries[0].name)
	}},
	{"name in Unicode", func(w *rawWheel) { w.add("demo_pkg/données_漢.txt", "x").flags = flagUTF8 }},
	{"name in Unicode without the flag", func(w *rawWheel) { w.add("demo_pkg/données.txt", "x") }},
	{"comma and quotes in a name", func(w *rawWheel) { w.add(`demo_pkg/a,"b".txt`, "x") }},
	{"colon in a name", func(w *rawWheel) { w.add("demo_pkg/a:b", "x") }},
	{"setuid, device and world-writable bits", func(w *rawWheel) {
		w.add("a", "x").mode = 0o104777
		w.add("b", "x").mode = 0o020666
	}},
	{"signatures", func(w *rawWheel) {
		rows := w.rows()
		w.add(testDistInfo+"RECORD.jws", "{}")
		w.record = &rows
	}},
	{"RECORD without its own row", func(w *rawWheel) {
		rows := strings.Replace(w.rows(), testDistInfo+"RECORD,,\n", "", 1)
		w.record = &rows
	}},
	{"RECORD with CR LF", func(w *rawWheel) { rows := strings.ReplaceAll(w.rows(), "\n", "\r\n"); w.record = &rows }},
	{"sha512", func(w *rawWheel) {
		h, _ := newHash("sha512")
		h.Write([]byte(w.entries[0].data))
		replaceRow("demo_pkg/__init__.py", "demo_pkg/__init__.py,sha512="+base64.URLEncoding.EncodeToString(h.Sum(nil))+",12")(w)
	}},
	{"size left out", func(w *rawWheel) {
		rows := strings.Replace(w.rows(), ",12\n", ",\n", 1)
		w.record = &rows
	}},
	{"version spelled otherwise", func(w *rawWheel) {
		w.filename = "demo_pkg-1-py3-none-any.whl"
		part("METADATA", strings.Replace(testMetadata, "1.0", "1.0.0", 1))(w)
	}},
	{"compressed tags in WHEEL", func(w *rawWheel) {
		w.filename = "demo_pkg-1.0-py2.py3-none-any.whl"
		part("WHEEL", strings.Replace(testWheel, "py3", "py2.py3", 1))(w)
	}},
	{"old order of an iOS tag", func(w *rawWheel) {
		w.filename = "demo_pkg-1.0-cp313-cp313-ios_12_0_iphoneos_arm64.whl"
		part("WHEEL", strings.Replace(testWheel, "py3-none-any", "cp313-cp313-ios_12_0_arm64_iphoneos", 1))(w)
	}},
	{"manylinux by name only", retagged("cp38-cp38-linux_x86_64", "cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64")},
	{"manylinux under an older name", retagged("cp38-cp38-manylinux_2_27_x86_64", "cp38-cp38-manylinux2014_x86_64")},
	{"renamed to plain linux", retagged("cp38-cp38-musllinux_1_2_armv7l", "cp38-cp38-linux_armv7l")},
	{"another version of macOS", retagged("cp38-cp38-macosx_10_9_x86_64", "cp38-cp38-macosx_10_15_universal2")},
	{"another version of iOS", retagged("cp313-cp313-ios_12_0_arm64_iphoneos", "cp313-cp313-ios_13_0_arm64_iphoneos")},
	{"renamed for its programs (playwright)", retagged("py3-none-any", "py3-none-win_amd64")},
	{"renamed for Python 3 alone", retagged("py2.py3-none-any", "py3-none-any")},
	{"no tags in WHEEL", part("WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")},
	{"scripts", script("demo = demo_pkg.cli : main.run [extra, other]\npython-demo = demo_pkg:main\n[other.group]\nwhat ever = x")},
	{"data", func(w *rawWheel) {
		for _, key := range []string{"purelib", "platlib", "headers", "scripts", "data"} {
			w.add("demo_pkg-1.0.data/"+key+"/x/y", key)
		}
	}},
	{"Wheel-Version 0.1", part("WHEEL", strings.Replace(testWheel, "1.0", "0.1", 1))},
	{"Wheel-Version 1.9", part("WHEEL", strings.Replace(testWheel, "1.0", "1.9", 1))},
}

func TestHarmlessWheelsAreAccepted(t *testing.T) {
	for _, c := range harmless {
		t.Run(c.what, func(t *testing.T) {
			w := newRawWheel()
			c.change(w)
			arena := t.TempDir()
			u, err := unpackRaw(t, w, arena)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range w.entries {
				if strings.HasSuffix(e.name, "/") {
					continue
				}
				got, err := os.ReadFile(filepath.Join(u.Dir, filepath.FromSlash(e.name)))
				if err != nil || string(got) != e.data {
					t.Errorf("%q: %q, %v; want %q", e.name, got, err, e.data)
				}
			}
		})
	}
}

func TestWebPageInsteadOfWheel(t *testing.T) {
	path := filepath.Join(t.TempDir(), testFilename)
	if err := os.WriteFile(path, []byte("\n<!DOCTYPE html><html><body>Not found</body></html>"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path, Limits{}); err == nil || !strings.Contains(err.Error(), "web page") {
		t.Errorf("got %v", err)
	}
}

func TestLimits(t *testing.T) {
	for _, limits := range []Limits{{Members: 4}, {Unpacked: 100}} {
		raw := newRawWheel().bytes()
		name, err := ParseFilename(testFilename)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(strings.NewReader(string(raw)), int64(len(raw)), name, limits); err == nil {
			t.Errorf("%+v: accepted", limits)
		}
	}
}
