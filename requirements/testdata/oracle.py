"""Writes the tables that the tests compare this package with.

Run with a Python that has packaging 26.3, in this folder:

    python oracle.py

Everything is drawn from a seeded generator, so that the tables come out the
same again.
"""

import gzip
import io
import json
import random

import packaging
from packaging._parser import parse_marker, parse_requirement
from packaging._tokenizer import ParserSyntaxError
from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

assert packaging.__version__ == "26.3", packaging.__version__

ENVIRONMENTS = []


def environment(extra, **values):
    base = dict(
        os_name="posix",
        sys_platform="linux",
        platform_machine="x86_64",
        platform_python_implementation="CPython",
        platform_release="6.8.0-45-generic",
        platform_system="Linux",
        platform_version="#1 SMP PREEMPT_DYNAMIC",
        python_version="3.14",
        python_full_version="3.14.0",
        implementation_name="cpython",
        implementation_version="3.14.0",
    )
    base.update(values)
    ENVIRONMENTS.append({"extra": extra, "values": base})


environment("")
environment("test", sys_platform="ios", platform_system="iOS", platform_machine="arm64", platform_release="13.0", platform_version="")
environment("Foo_Bar", sys_platform="ios", platform_system="iPadOS", platform_machine="x86_64", platform_release="", platform_version="")
environment("dev", sys_platform="android", platform_system="Android", platform_machine="aarch64", platform_release="14", python_version="3.13", python_full_version="3.13.5")
environment("", os_name="nt", sys_platform="win32", platform_system="Windows", platform_machine="AMD64", platform_release="10", platform_version="10.0.19045")
environment("test", sys_platform="darwin", platform_system="Darwin", platform_machine="arm64", platform_release="22.6.0", platform_version="Darwin Kernel Version 22.6.0")
environment("", sys_platform="emscripten", platform_system="Emscripten", platform_machine="wasm32", platform_release="4.0.9", platform_version="#1")
environment("", python_full_version="3.14.1+", implementation_version="3.14.1+")
environment("a.b", python_full_version="3.15.0a2", python_version="3.15", implementation_version="3.15.0a2")
environment("", platform_python_implementation="PyPy", implementation_name="pypy", implementation_version="7.3.20", python_version="3.11", python_full_version="3.11.13")
environment("", python_version="3.9", python_full_version="3.9.18", implementation_version="3.9.18", platform_release="5")
environment("", python_version="3.10", python_full_version="3.10.0rc1", implementation_version="3.10.0rc1", platform_release="5.15.153.1-microsoft-standard-WSL2")
environment("test", python_version="2.7", python_full_version="2.7.18", implementation_version="2.7.18", platform_release="v4.2+local.1")

VARIABLES = [
    "os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
    "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
    "implementation_version", "extra",
    "os.name", "sys.platform", "platform.version", "platform.machine", "platform.python_implementation",
    "python_implementation",
]
COMMON = ["python_version", "python_full_version", "sys_platform", "platform_machine", "extra", "platform_release", "implementation_version"]
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in"]
TEXTS = [
    "posix", "nt", "linux", "ios", "android", "win32", "darwin", "emscripten", "cygwin", "x86_64", "arm64", "aarch64",
    "AMD64", "wasm32", "CPython", "cpython", "PyPy", "pypy", "iOS", "iPadOS", "Linux", "Windows", "Darwin", "Android",
    "", " ", "13.0", "10", "22.6.0", "6.8.0-45-generic", "5", "5.15", "10.0.19045", "#1", "SMP",
    "3", "3.9", "3.10", "3.11", "3.13", "3.14", "3.15", "2.7", "3.14.0", "3.14.1", "3.14.1+local", "3.10.0rc1", "3.15.0a2",
    "3.15.0a1", "3.15.0", "3.14.*", "3.*", "3.1*", "3.14.0.*", " 3.14 ", "v3.14", "03.14", "3.14.0.0", "3.14.post1", "3.14.dev0",
    "3.9 3.10 3.14", "3.9,3.10", ">=3.8", "=3.14", ">=3.8,<4", "1!3.14", "3.14-1", "7.3.20", "7.3", "99999999999999999999", "3.99999999999",
    "test", "dev", "Foo_Bar", "foo-bar", "foo.bar", "A.B", "a-b", "a__b", "test dev", "Test", "linux linux2", "win", "arm",
    "arm64 aarch64", "4.2", "4.2+LOCAL.1", "v4.2+local.1", "V4.2+local-1",
]
TEXTS_FOR = {
    "python_version": ["3.9", "3.10", "3.13", "3.14", "3.15", "3", "4", "3.14.0", "3.9.*", "3.*", "3.9 3.10", "2.7", "3.8"],
    "python_full_version": ["3.9.18", "3.10.0rc1", "3.10", "3.14.0", "3.14.1", "3.14.*", "3.15.0a2", "3.15", "3.13.5", "3.11.13", "3"],
    "sys_platform": ["linux", "ios", "android", "win32", "darwin", "emscripten", "linux2", "win32 cygwin"],
    "platform_machine": ["x86_64", "arm64", "aarch64", "AMD64", "wasm32", "x86_64 AMD64", "arm"],
    "extra": ["test", "dev", "Foo_Bar", "foo-bar", "a.b", "A--B", ""],
    "platform_release": ["13.0", "10", "22", "22.6.0", "5", "6.8.0-45-generic", "4.0.9", ""],
    "implementation_version": ["3.14.0", "7.3.20", "7", "3.10", "3.15.0a2", "3.9.18"],
}


def blank(r, least=0):
    return r.choice(["", " ", "  ", "\t"]) if least == 0 else r.choice([" ", "  ", "\t"])


def quote(r, text):
    q = '"' if "'" in text else "'" if '"' in text else r.choice("\"'")
    return q + text + q


def comparison(r, wild):
    if wild:
        variable, text, op = r.choice(VARIABLES), r.choice(TEXTS), r.choice(OPERATORS)
    else:
        variable = r.choice(COMMON)
        text = r.choice(TEXTS_FOR[variable])
        op = r.choice(OPERATORS[:6] if r.random() < 0.85 else OPERATORS)
    sides = [variable, quote(r, text)]
    if r.random() < 0.2:
        sides.reverse()
    if wild and r.random() < 0.02:
        sides = [r.choice(VARIABLES), r.choice(VARIABLES)]
    least = 1 if op[0] in "in" else 0
    if op == "not in":
        op = "not" + blank(r, 1) + "in"
    return sides[0] + blank(r, least) + op + blank(r, least) + sides[1]


def marker(r, depth, wild):
    parts = []
    for _ in range(r.choice([1, 1, 2, 2, 3])):
        if depth > 0 and r.random() < 0.35:
            parts.append("(" + blank(r) + marker(r, depth - 1, wild) + blank(r) + ")")
        else:
            parts.append(comparison(r, wild))
    text = parts[0]
    for part in parts[1:]:
        text += blank(r, 1) + r.choice(["and", "or"]) + blank(r, 1) + part
    return text


def evaluate(m, env):
    try:
        return "T" if m.evaluate({**env["values"], "extra": env["extra"]}) else "F"
    except (KeyError, ValueError):
        return "E"


LOCK_VALUES = [
    {"extras": [], "dependency_groups": []},
    {"extras": ["test", "Foo.Bar"], "dependency_groups": ["dev"]},
    {"extras": ["a-b"], "dependency_groups": ["Test", "foo_bar"]},
]


def lock_comparison(r):
    if r.random() < 0.3:
        return comparison(r, r.random() < 0.3)
    variable = r.choice(["extras", "dependency_groups"])
    text = quote(r, r.choice(["test", "dev", "Foo_Bar", "foo-bar", "a.b", ""]))
    op = r.choice(["in", "in", "in", "not in", "not in", "==", "!=", "<", ">=", "~=", "==="])
    if r.random() < 0.1:
        return f"{variable} {op} {text}"
    return f"{text} {op} {variable}"


def evaluate_lock(m, values):
    env = {**ENVIRONMENTS[0]["values"], **{k: frozenset(v) for k, v in values.items()}}
    try:
        return "T" if m.evaluate(env, context="lock_file") else "F"
    except (KeyError, ValueError):
        return "E"


def markers():
    r = random.Random(508)
    table = {"environments": ENVIRONMENTS, "locks": LOCK_VALUES, "markers": [], "lock_markers": []}
    seen = set()
    while len(table["markers"]) < 3600:
        text = marker(r, r.choice([0, 0, 1, 2, 3]), r.random() < 0.5)
        if text in seen:
            continue
        seen.add(text)
        m = Marker(text)
        table["markers"].append([text, str(m), "".join(evaluate(m, e) for e in ENVIRONMENTS)])
    for _ in range(600):
        text = lock_comparison(r)
        for _ in range(r.choice([0, 0, 1, 2])):
            text += r.choice([" and ", " or "]) + lock_comparison(r)
        m = Marker(text)
        table["lock_markers"].append([text, str(m), "".join(evaluate_lock(m, v) for v in LOCK_VALUES)])
    return table


NAMES = ["foo", "Foo.Bar", "a", "zope.interface", "ruamel_yaml", "x-y-z", "A1", "foo_", "0x", "typing-extensions", "Pillow"]
EXTRAS = ["test", "Dev", "a.b", "x_Y", "security", "all", "0"]
VERSIONS = [
    "1", "1.0", "2.31.0", "0.0.1", "1.0a1", "1.0.b2", "1.0-rc.3", "1.0.post1", "1.0-1", "1.0.dev5", "1!2.0", "v1.2", "1.0+local.1",
    "1.0.*", "2.*", "1.0rc", "1.0c1", "1.0-preview_2", "01.002", "1.0a1.post2.dev3+x-y", "1.0.post", "1.0rev3", "2024.1.1", "1.0-",
    "1.0alpha", "1_0", "1.0.x", "latest", "*",
]
URLS = [
    "https://example.com/foo-1.0.tar.gz", "git+https://example.com/repo.git@v1.0#egg=foo", "file:///tmp/foo", "./foo",
    "https://user:pw@example.com/a.whl#sha256=abc", "https://example.com/a;b", "http://[::1]/x", "${HOME}/x",
]


def specifier(r):
    op = r.choice(["==", "!=", "<", "<=", ">", ">=", "~=", "==="])
    return op + blank(r) + r.choice(VERSIONS if r.random() < 0.5 else VERSIONS[:3])


def requirement(r):
    text = blank(r) if r.random() < 0.1 else ""
    text += r.choice(NAMES)
    if r.random() < 0.35:
        extras = [r.choice(EXTRAS) for _ in range(r.choice([0, 1, 1, 2, 3]))]
        text += blank(r) + "[" + blank(r) + (blank(r) + "," + blank(r)).join(extras) + blank(r) + "]"
    if r.random() < 0.2:
        text += blank(r) + "@" + blank(r) + r.choice(URLS)
        if r.random() < 0.5:
            text += blank(r, 1) + ";" + blank(r) + marker(r, 1, False)
        return text
    clauses = [specifier(r) for _ in range(r.choice([0, 1, 1, 2, 3]))]
    joined = (blank(r) + "," + blank(r)).join(clauses)
    if clauses and r.random() < 0.05:
        joined += ","
    if r.random() < 0.2:
        joined = "(" + blank(r) + joined + blank(r) + ")"
    text += blank(r) + joined
    if r.random() < 0.35:
        text += blank(r) + ";" + blank(r) + marker(r, 1, False) + blank(r)
    return text


def mutate(r, text):
    for _ in range(r.choice([1, 1, 2])):
        i = r.randrange(len(text) + 1)
        kind = r.random()
        if kind < 0.4 and i < len(text):
            text = text[:i] + text[i + 1 :]
        elif kind < 0.8:
            text = text[:i] + r.choice("()[];,@=<>~!. \t'\"-_+*aorn1é#\n$/\\") + text[i:]
        elif kind < 0.9:
            text = text[:i]
        else:
            text = text[:i] + text[i + r.randrange(4) :]
    return text


HAND_WRITTEN = [
    "", " ", "foo bar", "pillow=13", "pillow =13", "pillow==", "pillow 13", "pillow=>13", "pillow=<13", "pillow~>1.2", "pillow^1.2",
    "foo~=1", "foo>=1.*", "foo>1.0+local", "foo==1.0rc1.*", "foo>=1.0 <2.0", "foo>=1.0;python_version", "foo;", "foo; ",
    "foo; python_version >= 3.8", 'foo; python_verson >= "3.8"', "foo; os_name = 'nt'", "foo; os_name == 'nt", "foo; os_name == nt",
    "foo; (os_name == 'nt'", "foo; os_name == 'nt')", "foo; os_name == 'nt' && os_name == 'x'", "foo; os_name == 'nt', os_name == 'x'",
    "foo; os_name not 'nt'", "foo; os_name notin 'nt'", "foo; not os_name == 'nt'", "foo; os_name is 'nt'", "foo; and", "foo; 'a' == 'b'",
    "foo; 'posix' == 'os_name'", "foo[", "foo[a", "foo[a b]", "foo[a,]", "foo[,a]", "foo[a]b", "foo[a;b]", "foo]", "foo (>=1", "foo >=1)",
    "foo ()", "foo (", "foo @", "foo @ ", "foo @ http://x y", "foo @ http://x ;", "foo @ http://x ; ", "foo@http://x", "foo>=1@http://x",
    "foo >=1 @ http://x", "foo; os_name == 'a\\'", "foo; os_name == '\\x4'", "foo; os_name == '\\x41'", "foo; os_name == 'a\\tb'",
    "foo; os_name == '\\d'", "foo; os_name == 'a\nb'", "foo===a,b", "foo===", "foo=== ;os_name=='nt'", "foo===1.0;os_name=='nt'",
    "foo\n", "\nfoo", "foo>=1\n", "foo>=\n1", "-foo", ".foo", "_foo", "foo-", "foo.", "foo._", "foo-é", "fooé", "éfoo", "\"foo\"", "foo==\"1.0\"",
    "foo >= 1.0 , ", "foo,", "foo>=1,,<2", "foo>=1,bar", "./foo", "https://example.com/x", "foo==1.0 # comment", "foo --hash=sha256:abc",
    "foo; os.name == 'nt'", "foo; sys.platform == 'nt'", "foo; platform.release == 'nt'", "foo; os_name.x == 'nt'", "foo; platform_versions == 'x'",
    "foo; (((os_name == 'nt')))", "foo; ((os_name == 'nt') and (os_name == 'x'))", "foo; (os_name == 'a' or os_name == 'b') and os_name == 'c'",
    "foo;os_name=='a'and os_name=='b'", "foo;'a'in os_name", "foo;'a'not  in os_name", "foo;os_name in'a'", "foo;(os_name=='a')or(os_name=='b')",
    "foo; extra == 'A_B'", "foo; 'A_B' == extra", "foo; extra in 'A B'", "foo; 'A.B' in extras", "foo; extras == 'A.B'",
    "foo; \"it's\" == os_name", "foo; 'say \"x\"' == os_name", "foo; python_version == \"3.8\" or", "foo; python_version ==", "foo; ==", "foo; 3.8 < python_version",
    "foo ; sys_abi_features == 'free-threading'", "foo ; sys_abi_features", "foo ; bar", "foo if python_version > '3'", "foo python_version > '3'",
    "foo<>1", "foo!1", "foo~1", "foo=!1", "foo==1==2", "foo==v1.0", "foo==1.0.post1.*", "foo!=1.0dev.*", "foo===1.0.*", "foo<1.*", "foo~=1.0.*", "foo~=1.0+x",
    "foo==1.0+", "foo==1.0+a.", "foo==1.0+a_b-c.d", "foo>=1.0+A", "foo==1.0+Ünï", "foo ; os_name == “nt”", "foo ; os_name == \"nt\" AND os_name == \"x\"",
]


def parse(text):
    try:
        parsed = parse_requirement(text)
    except ParserSyntaxError as e:
        return {"error": e.message, "span": list(e.span)}
    try:
        r = Requirement(text)
    except InvalidRequirement as e:
        return {"error": str(e)}
    canonical = Requirement(text)
    extras = sorted({canonicalize_name(e) for e in r.extras})
    # An extra such as "x_" is read, its normal form "x-" would not be.
    canonical.extras = {e[:-1] + "_" if e.endswith("-") else e for e in extras}
    result = {
        "name": r.name,
        "extras": extras,
        "specifier": str(r.specifier),
        "url": r.url or "",
    }
    try:
        result["marker"] = str(r.marker) if r.marker else ""
        result["string"] = str(canonical)
    except ValueError:
        result["unprintable"] = True
    return result


def requirements():
    r = random.Random(440)
    texts = list(HAND_WRITTEN)
    while len(texts) < 5000:
        text = requirement(r)
        if r.random() < 0.55:
            text = mutate(r, text)
        texts.append(text)
    return [{"input": t, **parse(t)} for t in dict.fromkeys(texts)]


def write(name, table):
    with open(name, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z, io.TextIOWrapper(z, "utf-8") as w:
        json.dump(table, w, ensure_ascii=True, separators=(",", ":"))


write("markers.json.gz", markers())
write("requirements.json.gz", requirements())
