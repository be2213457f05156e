"""Freezes what Python's packaging and importlib.metadata say into oracle.json.gz.

Run with an interpreter that has packaging and pip: python oracle.py
"""

import email
import gzip
import importlib.metadata
import json
import pathlib
import random

from packaging.tags import parse_tag
from packaging.utils import canonicalize_version, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version
from pip._internal.metadata._json import msg_to_json

rng = random.Random(20261121)


def mutate(text, alphabet):
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            text = text[:at] + rng.choice(alphabet) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + 1 :]
        else:
            text = text[:at] + rng.choice(alphabet) + text[at + 1 :]
    return text


def version():
    out = rng.choice(("", "", "", "v", "V", " ", "0!", "1!", "007!"))
    out += ".".join(str(rng.choice((0, 0, 1, 2, 10, "00", "01", 2026))) for _ in range(rng.randint(1, 5)))
    sep = lambda: rng.choice(("", "", ".", "-", "_"))
    num = lambda: rng.choice(("", "0", "1", "02", "17"))
    if rng.random() < 0.4:
        out += sep() + rng.choice(("a", "b", "c", "rc", "alpha", "Beta", "pre", "PREVIEW", "RC")) + sep() + num()
    if rng.random() < 0.3:
        out += rng.choice((sep() + rng.choice(("post", "rev", "r", "POST")) + sep() + num(), "-" + rng.choice(("1", "03"))))
    if rng.random() < 0.3:
        out += sep() + rng.choice(("dev", "DEV")) + sep() + num()
    if rng.random() < 0.3:
        out += "+" + rng.choice((".", "-", "_")).join(
            rng.choice(("ubuntu", "1", "001", "Cu118", "abc", "0", "1a")) for _ in range(rng.randint(1, 3))
        )
    if rng.random() < 0.05:
        out += rng.choice((" ", "\n"))
    return mutate(out, "0129.-_+!abcrv \u0661é")


def versions():
    for _ in range(6000):
        text = version()
        try:
            Version(text)
        except InvalidVersion:
            yield [text, None]
        else:
            yield [text, canonicalize_version(text)]


PLATFORMS = (
    "any manylinux_2_17_x86_64.manylinux2014_x86_64 musllinux_1_2_aarch64 win_amd64 macosx_11_0_arm64 "
    "macosx_10_9_x86_64.macosx_11_0_arm64.macosx_10_9_universal2 ios_13_0_arm64_iphoneos "
    "android_24_arm64_v8a pyemscripten_2026_0_wasm32 linux_x86_64 Win32"
).split()


def wheel_name():
    parts = [
        rng.choice(("foo", "Foo_Bar", "zope.interface", "a", "é", "foo__bar", "ruamel.yaml.clib", "_x")),
        version().strip() if rng.random() < 0.3 else rng.choice(("1.0", "2026.9.1", "1.0+cpu", "0.1a1.dev0")),
    ]
    if rng.random() < 0.3:
        parts.append(rng.choice(("1", "0", "12b", "007abc", "2_local", "x1")))
    parts += [rng.choice(("py3", "py2.py3", "cp313", "cp38", "CP313", "pp310")), rng.choice(("none", "abi3", "cp313", "cp313t")), rng.choice(PLATFORMS)]
    return mutate("-".join(parts), "-._ab1é") + rng.choice((".whl",) * 20 + (".WHL", ".zip", ""))


def wheels():
    for _ in range(4000):
        name = wheel_name()
        try:
            project, ver, build, tags = parse_wheel_filename(name)
        except ValueError:
            yield [name, None]
        else:
            yield [name, [project, canonicalize_version(ver), list(map(str, build)), sorted(map(str, tags))]]


def sdists():
    for _ in range(1500):
        name = rng.choice(("foo", "Foo_Bar", "foo-bar", "zope.interface", "a-1", "x-y-2")) + "-" + version().strip()
        name = mutate(name, "-._ab1") + rng.choice((".tar.gz", ".zip", ".tar.gz", ".whl"))
        try:
            project, ver = parse_sdist_filename(name)
        except ValueError:
            yield [name, None]
        else:
            yield [name, [project, canonicalize_version(ver)]]


HEADERS = (
    "Dynamic Platform Supported-Platform Summary Description Description-Content-Type Keywords Home-page Download-URL "
    "Author Author-email Maintainer Maintainer-email License License-Expression License-File Classifier Requires-Dist "
    "Requires-Python Requires-External Project-URL Provides-Extra Provides-Dist Obsoletes-Dist X-Other"
).split()
VALUES = (
    "", "x", "one two  three", "a, b ,c", "UNKNOWN", "Jane Ünïcode", "text: with colon", "trailing  ",
    "first\n        second\n        third", "first\n       |second", "a\n\tb", "a\n        \n        b",
    "\n  only below", "deep\n            more\n        less", ">=3.8", "a\n b\n  c", "tab\tinside",
)
BODIES = ("", "# Title\n\ntext\n", "\n\nleading lines\n", "no final newline", "Name: not a header\n", "é ∂ 漢\n", " indented\n")


def metadata():
    for _ in range(400):
        lines = [f"Metadata-Version: {rng.choice(('1.0', '1.2', '2.1', '2.4', '2.6'))}", "Name: some-Project", "Version: 1.0"]
        for _ in range(rng.randint(0, 12)):
            name = rng.choice(HEADERS)
            name = rng.choice((name, name, name, name.lower(), name.upper()))
            lines.append(name + rng.choice((": ", ":", ":   ", ":\t")) + rng.choice(VALUES))
        if rng.random() < 0.2:
            rng.shuffle(lines)
        eol = rng.choice(("\n", "\n", "\n", "\r\n"))
        text = "\n".join(lines) + "\n"
        text += rng.choice(("\n", "\n", "\n", "", "not a header\n")) + rng.choice(BODIES)
        text = text.replace("\n", eol)
        message = importlib.metadata._adapters.Message(email.message_from_string(text))
        yield [text, msg_to_json(message)]


data = {
    "versions": list(versions()),
    "wheels": list(wheels()),
    "sdists": list(sdists()),
    "metadata": list(metadata()),
}
path = pathlib.Path(__file__).with_name("oracle.json.gz")
with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as out:
    out.write(json.dumps(data, separators=(",", ":")).encode())
