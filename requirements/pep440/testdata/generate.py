"""Writes oracle.json.gz: what packaging says about versions and specifiers.

    python generate.py

needs packaging == 26.3. The seed is fixed: the same packaging gives the same file.
"""

import gzip
import itertools
import json
import pathlib
import random

import packaging
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

assert packaging.__version__ == "26.3", packaging.__version__
rng = random.Random(440)

# --- version spellings -------------------------------------------------------

RELEASES = """0 1 2 00 01 1.0 1.0.0 1.0.0.0 1.0.0.0.0 1.0.0.0.1 1.1 1.2 1.10 1.01 01.1 1.2.3 1.2.3.4
1.2.3.4.5 1.2.3.4.5.6 2.0 2.0.1 3.11.0 2024.8.30 2023.07.22 20241231 2.31.0.20240406 1.20241231
4294967295.4294967295.4294967295.4294967295 4294967296.1 1.4294967296 18446744073709551615
18446744073709551616 99999999999999999999 99999999999999999999.0.1 1.99999999999999999999
9000000000000000000 9000000000000000001 9000000000000000000.99999999999999999999
000000000000000000000000000001.0 1000000000000000000 999999999999999999""".split()
EPOCHS = ["", "0!", "1!", "2!", "01!", "4294967296!", "99999999999999999999!"]
PRE_WORDS = ["a", "alpha", "b", "beta", "c", "rc", "pre", "preview"]
POST_WORDS = ["post", "rev", "r"]
NUMBERS = ["", "0", "1", "2", "10", "007", "65535", "65536", "20241231", "18446744073709551616"]
POST_NUMBERS = NUMBERS + ["65532", "65533", "65534"]
DEV_NUMBERS = NUMBERS + ["33554430", "33554431", "33554432"]
SEPARATORS = ["", ".", "-", "_"]
LOCALS = """+x +X +x.1 +x-1 +x_1 +ubuntu.1 +ubuntu-1 +Ubuntu_01 +001 +0 +00 +1 +1.0 +1.2 +10 +2 +a.b.c +a1 +1a
+0a +00a +cu118 +cpu +abc.007 +99999999999999999999 +18446744073709551615 +1.x +x.0 +deadbeef +20240101.1""".split()
SPACES = [" ", "\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680",
          "\u2000", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u200b", "\ufeff", "\x00"]

INVALID = """. .1 1. 1..0 v vv1 1v1 1.0.x x french-toast 1.0a1a2 1.0post1post2 1.0dev1dev2 1.0+ 1.0+. 1.0+a. 1.0+.a
1.0+a..b 1.0+a+b 1.0+a! 1.0+_a 1.0+a_ 1.0+a-_b ! 1! !1 1!!1 1!1!1 -1 1.0-a-b 1.0--1 1.0-1-1 1.0..dev 1.0._dev1
1.0alph 1.0bet 1.0prev1 1.0re1 1.0de1 1.0+é é 1.0é ١.٠ 1.0.post−1 1.0.poſt1 1.0+K 1.0+ſ 1,0 1.0* 1.* 1.0.* * 1.0,2.0 1;0
(1.0) 1.0~1 ~1 1.0=1 ==1.0 >=1 1.0<2 1/2 1\\2 1.0'1 "1.0" 0x10 1e5 1.0.dev.post1 1.0dev1post1 1.0dev1a1 1.0post1a1
1.0+a@b 1.0-rc.post.dev.x 2.0b1a1 1.0rc-c1 1.0brc1 1.0rcb1 1.0.0.0.0. 1.0.0.0.0.x v1.0v 1.0V1""".split()
INVALID += ["", " ", "1 0", "1. 0", "1.0 a1", "1.0 .dev1", "1.0 +x", "1.0+ x", "1 !1.0", "v 1.0", "1.0a 1", "1.0\x001"]
ODD_VALID = """1.0a-1 1.0a- 1.0a. 1.0a_ 1.0a.dev1 1.0a..dev1 1.0a-.dev 1.0a._dev 1.0a.-1 1.0a--1 1.0a-post1 1.0a-.post1
1.0arev1 1.0adev 1.0ar1 1.0a-+x 1.0-1.dev 1.0-1-dev 1.0-1dev 1.0-1+x 1.0-0 1.0-007 1.0r 1.0rev 1.0.r.1 1.0-r-1 1.0_rev_1
1.0postdev 1.0rdev 1.0dev 1.0-dev 1.0-dev- 1.0.dev. 1.0dev_ 1.0-r-dev- 1.0rc 1.0c 1.0pre 1.0preview 1.0-PREVIEW-1
v1 V1.0 v1!2.0 V01!02.0RC01.POST01.DEV01+A01.01 1.0RC1 1.0.Alpha.1 1.0-BETA_2 1.0Post1 1.0-REV1 1.0.DEV1 1.0A1.Post2.dEv3
1.0-1-2 1.0a1-1 1.0rc1-1.dev3 1.0post-1-dev-1 1.0c.post.dev 1a 1b1 1rc1 1.post1 1-1 1dev 1.dev 1r1 1a1.dev1 0a0 0.dev0 0.dev""".split()


def random_spelling():
    s = rng.choice(["", "", "", "", "v", "V"]) + rng.choice(EPOCHS if rng.random() < 0.15 else [""]) + rng.choice(RELEASES)
    if rng.random() < 0.5:
        s += rng.choice(SEPARATORS) + rng.choice(PRE_WORDS) + rng.choice(SEPARATORS) + rng.choice(NUMBERS)
    if rng.random() < 0.4:
        if rng.random() < 0.3:
            s += "-" + rng.choice(POST_NUMBERS[1:])
        else:
            s += rng.choice(SEPARATORS) + rng.choice(POST_WORDS) + rng.choice(SEPARATORS) + rng.choice(POST_NUMBERS)
    if rng.random() < 0.4:
        s += rng.choice(SEPARATORS) + "dev" + rng.choice(SEPARATORS) + rng.choice(DEV_NUMBERS)
    if rng.random() < 0.25:
        s += rng.choice(LOCALS)
    if rng.random() < 0.2:
        s = "".join(rng.choice([c.upper(), c]) for c in s)
    return s


def mutated(s):
    at = rng.randrange(len(s) + 1)
    junk = rng.choice(list("0123456789.!+-_abcdeprstvxyz *=<>~,;()é") + SPACES)
    kind = rng.randrange(3)
    if kind == 0 or not s:
        return s[:at] + junk + s[at:]
    at = min(at, len(s) - 1)
    return s[:at] + (junk if kind == 1 else "") + s[at + 1:]


spellings = dict.fromkeys(INVALID + ODD_VALID + RELEASES)
spellings.update(dict.fromkeys(r + x for r in ("1.0", "1.2.3") for x in LOCALS))
spellings.update(dict.fromkeys(sp + "1.0" for sp in SPACES))
spellings.update(dict.fromkeys("1.0rc1" + sp for sp in SPACES))
spellings.update(dict.fromkeys("1" + sp + ".0" for sp in SPACES))
for word, left, right, n in itertools.product(PRE_WORDS + POST_WORDS + ["dev"], SEPARATORS, SEPARATORS, ("", "3")):
    spellings["1.0" + left + word + right + n] = None
for n in NUMBERS:
    for form in ("1.0a%s", "1.0rc%s.dev1"):
        spellings[form % n] = None
for n in POST_NUMBERS:
    for form in ("1.0.post%s", "1.0b1.post%s", "1.0.post%s.dev1"):
        spellings[form % n] = None
for n in DEV_NUMBERS:
    for form in ("1.0.dev%s", "1.0a1.dev%s", "1.0.post1.dev%s"):
        spellings[form % n] = None
while len(spellings) < 2600:
    spellings[random_spelling()] = None
while len(spellings) < 3600:
    spellings[mutated(random_spelling())] = None
spellings = [s for s in spellings if len(s.encode()) <= 128]


def canonical(s):
    try:
        return str(Version(s))
    except InvalidVersion:
        return None


versions = [[s, canonical(s)] for s in spellings]
valid = [s for s, c in versions if c is not None]
ranked = sorted({Version(s) for s in valid})
rank = {v: i for i, v in enumerate(ranked)}
order = [rank[Version(s)] for s in valid]
facts = []  # of every valid spelling: epoch, public, base, local, pre, post, dev
for s in valid:
    v = Version(s)
    facts.append([str(v.epoch), v.public, v.base_version, v.local or "",
                  int(v.is_prerelease) | int(v.is_postrelease) << 1 | int(v.is_devrelease) << 2])

# --- candidates: the neighbourhood of a few releases -------------------------

SUFFIXES = ["", ".dev0", ".dev1", ".dev2", "a0.dev0", "a1", "a1.dev1", "a1.post0", "a1.post1", "a1.post1.dev1", "a2.dev0",
            "a2", "b1", "b1.post2.dev3", "rc1.dev0", "rc1", "rc1.post0", "rc2", ".post0.dev0", ".post0", ".post1.dev0",
            ".post1.dev1", ".post1", ".post2.dev0", ".post2", ".post2.dev1"]
LABELS = ["+0", "+1", "+x", "+x.1", "+ubuntu.1", "+local"]
pool = [r + s for r in ("1.0", "1.1", "1.4", "2") for s in SUFFIXES]
pool += [r + s + x for r in ("1.0", "2.0.0") for s in SUFFIXES[::3] for x in LABELS]
pool += ["1.0" + x for x in LABELS + ["+k", "+i"]] + ["1.0a1" + x for x in LABELS]
pool += [e + s for e in ("1!0", "1!1.0", "1!1.4.5", "1!2", "2!1") for s in ("", ".dev0", "a1", "rc1.post1", ".post1", "+x")]
pool += """0 0.dev0 0.dev1 0a0 0+x 0.0.1 0.1 0.9 0.99.99 0.9.post1 1.0.0.0.1 1.0.1 1.0.1.dev0 1.0.1a1 1.0.2 1.0.10 1.1.0.1 1.3 1.3.9
1.3.99.post5 1.4.0 1.4.1 1.4.4 1.4.5a4 1.4.5 1.4.5.post1 1.4.5.0 1.4.5+x 1.4.6a1 1.4.6 1.4.10 1.4.99 1.5.dev0 1.5a1 1.5 1.5.1 1.9
1.10 1.11 1.99 2.0.0 2.0.1 2.1 2.31.0.20240406 3 3.0a1 3.8 3.11.0 10 2024.8.30 20241231 4294967295 4294967296 4294967295.1
18446744073709551615 18446744073709551616 18446744073709551616.1 99999999999999999999 99999999999999999999.1a1 1.99999999999999999999
100000000000000000000 1.0.dev33554430 1.0.dev33554431 1.0.post65533 1.0.post65534 1.0.post65534.dev0 1.0.post18446744073709551616
1.0a65535 1.0a65536 1.0a65535.post65534 1.0a18446744073709551616 1.2.3.4.5 1.2.3.4.6.dev0 1.2.3.4 1.0.0 1.0.0.0""".split()
candidates = list(dict.fromkeys(pool))

# --- specifiers --------------------------------------------------------------

OPERATORS = ["==", "!=", ">=", "<=", ">", "<", "~=", "==="]
operands = [r + s for r in ("1.0", "2") for s in SUFFIXES] + ["1.4.5", "1.4.5a4", "1.4.5.post1", "1.4.5.dev2", "1.0.0", "2.0.0",
    "1", "0", "0.0", "0.dev0", "0.dev1", "1!1.0", "1!1", "0!1.0", "1!2.0a1", "1.0+x", "1.0+X", "1.0+ubuntu-1", "1.0a1+x", "2+0", "2+00",
    "1.0.0+x.01", "1!1.0+x", "v1.0", "V1.0", "01.0", "1.00", "1.0A1", "1.0-1", "1.0-RC1", "1.0.alpha.1", "1.4c1", "1.4pre", "1.4-5",
    "1.2.3.4.5", "1.0.0.0.1", "4294967295", "4294967295.1", "18446744073709551615", "99999999999999999999", "1.99999999999999999999",
    "1.0.dev33554430", "1.0.dev33554429", "1.0.post65533", "1.0.post65532", "1.0a65535", "1.0a65534", "1.0.post18446744073709551615", "3.8",
    "20241231"]
prefixes = ["1", "1.0", "1.0.0", "1.4", "2", "2.0", "2.0.0", "0", "0.0", "0.0.0", "1!1", "0!1", "1!1.0", "v1", "V1.0", "01", "1.00", "1.4.5",
    "1.2.3.4.5", "4294967295", "18446744073709551615", "99999999999999999999", "1.9"]
texts = dict.fromkeys(op + o for op in OPERATORS for o in operands)
texts.update(dict.fromkeys(op + p + ".*" for op in OPERATORS for p in prefixes))
texts.update(dict.fromkeys(op + o + ".*" for op in ("==", "!=") for o in ("1.0a1", "1.post1", "1.dev1", "1.0+x", "1.0-1", "1.*", "", "x")))
texts.update(dict.fromkeys(op + sp + "1.0" + sp for op in OPERATORS for sp in SPACES))
texts.update(dict.fromkeys(sp + op + "1.0" for op in ("==", "===", ">") for sp in SPACES))
texts.update(dict.fromkeys(op + bad for op in OPERATORS for bad in INVALID))
ODD = ["", ",", " ", ",,", " , ,", ",>=1", ">=1,", ">=1,,<2", " >= 1 , < 2 ", ">=1 <2", ">=1.0 <2", ">=1;<2", ">=1||<2", "||", "*", "1.0", "=1.0",
    "= 1.0", "=>1", "=<1", "> =1", "< 1", "<>1", "!1", "~1.0", "~=1", "~=v1.0", "~=1!1.0", "~=1.0a1", "~=1.0+x", "~= 1.4.5", "~=1.4.*", "^1.0", "==",
    "==,", ">=", "=== ", "===", "====", "====1.0", "===foobar", "===foo bar", "===1.0;x", "===1.0)", "===(1.0)", "===1.0+K", "===1.0+\u212a",
    "===\u0130", "===1.0+\u0130", "===1.0A1", "===1.0a1", "===1.0.0", "===V1.0", "===1.0-1", "===1.0.post1", "===1.0.POST1", "===1.0+X", "===01.0",
    "===1.0,===1.0", "===1.0,===1", "===1.0,>=0.5", "===1.0,<0.5", "===foo,>=1", "===1.0a1,>=2", "!==1.0", "===*", "===1.*", "==1.0,==1.0.0", "==1,==1.0.0,==v1",
    "~=1.0,~=1.0.0", "~=1.0,~=1.00", ">=1.0,>=1", ">=1,>=1.0", "!=1.0+x-1,!=1.0+x.1", "==1.*,==1.0.*", "==1.*,==1.*", "<1,<=1", "<2,<=1", ">1,>=1", "===1,==v1,==1",
    "<V2,<=1", "==1.0.*", "==1.0 .*", "==1.0. *", ">=1.0\n,<2", ">=1.0\\,<2", "(>=1.0)", ">=1.0)", ">=1.0 # c", "==\u20031.0", "==1.0\u200b"]
texts.update(dict.fromkeys(ODD))


def random_set():
    clauses = []
    for _ in range(rng.choice([2, 2, 2, 3, 3, 4, 6])):
        op = rng.choice(OPERATORS[:7] if rng.random() < 0.97 else ["==="])
        if op in ("==", "!=") and rng.random() < 0.3:
            clauses.append(op + rng.choice(prefixes) + ".*")
        else:
            clauses.append(op + rng.choice(operands))
    return rng.choice([",", ", ", " ,"]).join(clauses)


def satisfiable(text):
    try:
        spec = SpecifierSet(text)
        return any(spec.contains(Version(c), prereleases=True) for c in candidates)
    except InvalidSpecifier:
        return False


made, barren = 0, 0
while made < 900:
    text = random_set()
    if text in texts:
        continue
    if not satisfiable(text):
        if barren > 60:
            continue
        barren += 1
    texts[text] = None
    made += 1

parsed = [Version(c) for c in candidates]
specifiers = []
for text in texts:
    try:
        spec = SpecifierSet(text)
        bits = sum(1 << i for i, v in enumerate(parsed) if spec.contains(v, prereleases=True))
        specifiers.append([text, str(spec), int(bool(spec.prereleases)), format(bits, "x")])
    except InvalidSpecifier:
        specifiers.append([text])
    except AssertionError:
        # Accepted by a pattern that folds letters from outside ASCII, then not a version.
        specifiers.append([text, "packaging raises AssertionError"])

oracle = {"packaging": packaging.__version__, "versions": versions, "order": order, "facts": facts,
          "candidates": candidates, "specifiers": specifiers}
out = pathlib.Path(__file__).with_name("oracle.json.gz")
with gzip.GzipFile(out, "wb", mtime=0) as f:
    f.write(json.dumps(oracle, separators=(",", ":")).encode())
accepted = sum(len(s) == 4 for s in specifiers)
print(f"{len(versions)} spellings ({len(valid)} valid, {len(ranked)} distinct), {len(specifiers)} specifier sets ({accepted} accepted), "
      f"{accepted * len(candidates)} checks, {out.stat().st_size} bytes")
