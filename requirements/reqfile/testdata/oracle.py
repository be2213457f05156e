"""Writes the table that the tests compare this package with.

Run with a Python that has pip 26.3, in this folder:

    python oracle.py

Every case is a tree of files and either a requirement file to read or a
requirement as a command line has it. The results are pip's own. "$ROOT" in
them stands for the folder that the files were in, which was also the working
directory.
"""

import base64
import contextlib
import gzip
import io
import json
import logging
import optparse
import os
import pathlib
import re
import sys
import tempfile

import pip
from pip._internal.cli import cmdoptions
from pip._internal.exceptions import CommandError, InstallationError, PipError
from pip._internal.models.format_control import FormatControl
from pip._internal.models.release_control import ReleaseControl
from pip._internal.models.search_scope import SearchScope
from pip._internal.req.constructors import (
    install_req_from_editable,
    install_req_from_line,
    install_req_from_parsed_requirement,
)
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.req_install import check_invalid_constraint_type
from pip._internal.utils.urls import url_to_path
from pip._vendor.packaging.utils import canonicalize_name

assert pip.__version__ == "26.3", pip.__version__

HERE = pathlib.Path(__file__).resolve().parent

ENVIRONMENT = {"TOKEN": "s3cret", "NESTED": "${TOKEN}", "EMPTY": "", "WITH_SPACE": "foo --pre", "lower": "x", "A1_": "django"}


class Finder:
    def __init__(self):
        self.search_scope = SearchScope([], ["(command line)"], False)
        self.format_control = FormatControl()
        self.release_control = ReleaseControl()
        self.prefer_binary = False

    find_links = property(lambda self: self.search_scope.find_links)
    index_urls = property(lambda self: self.search_scope.index_urls)

    def set_release_control(self, control):
        self.release_control = control

    def set_prefer_binary(self):
        self.prefer_binary = True


class Response:
    def __init__(self, url, text):
        self.url, self.text, self.status_code, self.reason = url, text, 200, "OK"


class Session:
    """Serves the files below http://host.invalid/ and as file URLs."""

    def __init__(self, root):
        self.root, self.trusted = root, []

    def update_index_urls(self, urls):
        pass

    def add_trusted_host(self, host, source=None):
        self.trusted.append(host)

    def get(self, url):
        if url.startswith("file:"):
            path = url_to_path(url)
        else:
            path = os.path.join(self.root, url.removeprefix("http://host.invalid/"))
        return Response(url, pathlib.Path(path).read_text("utf-8"))


def describe(r):
    link = r.link
    path = ""
    url = r.req.url if r.req and r.req.url else ""
    if link and not url:
        path = os.path.abspath(link.file_path) if link.scheme == "file" else link.url
    return {
        "name": canonicalize_name(r.req.name) if r.req else "",
        "specifier": str(r.req.specifier) if r.req else "",
        "extras": sorted(canonicalize_name(e) for e in r.extras),
        "url": url,
        "path": path,
        "subdirectory": (link.subdirectory_fragment or "") if link else "",
        "marker": str(r.markers) if r.markers else "",
        "editable": r.editable,
        "constraint": r.constraint,
        "hashes": {k: [h.lower() for h in v] for k, v in r.hash_options.items()},
        "settings": {k: v if isinstance(v, list) else [v] for k, v in (r.config_settings or {}).items()},
        "origin": r.comes_from or "",
    }


def encoded(content):
    return content if isinstance(content, bytes) else content.encode()


def write_files(root, files):
    for name, content in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if content is None:
            os.makedirs(path, exist_ok=True)
            continue
        with open(path, "wb") as f:
            f.write(encoded(content).replace(b"$ROOT", root.encode()))


def read_file(root, case):
    # The default is one list for the whole process.
    cmdoptions.use_new_feature.keywords["default"].clear()
    finder, session = Finder(), Session(root)
    options = optparse.Values({"require_hashes": False, "no_require_hashes": False, "features_enabled": []})
    name = case["file"].replace("$ROOT", root)
    entries = []
    for parsed in parse_requirements(name, session, finder, options, case.get("constraint", False)):
        settings = parsed.options.get("config_settings") if parsed.options else None
        r = install_req_from_parsed_requirement(parsed, config_settings=settings)
        if r.constraint:
            problem = check_invalid_constraint_type(r)
            if problem:
                raise InstallationError(problem)
        entries.append(describe(r))
    return {
        "entries": entries,
        "options": {
            "index_urls": finder.index_urls,
            "no_index": finder.search_scope.no_index,
            "find_links": finder.find_links,
            "no_binary": sorted(finder.format_control.no_binary),
            "only_binary": sorted(finder.format_control.only_binary),
            "all_releases": sorted(finder.release_control.all_releases),
            "only_final": sorted(finder.release_control.only_final),
            "prefer_binary": finder.prefer_binary,
            "trusted_hosts": session.trusted,
            "require_hashes": options.require_hashes,
            "no_require_hashes": options.no_require_hashes,
            "features": options.features_enabled,
        },
    }


def read_line(root, case):
    if "editable" in case:
        r = install_req_from_editable(case["editable"].replace("$ROOT", root))
    else:
        r = install_req_from_line(case["line"].replace("$ROOT", root))
    return {"entries": [describe(r)]}


def run(case):
    with tempfile.TemporaryDirectory() as root:
        root = os.path.realpath(root)
        write_files(root, case["files"])
        os.chdir(root)
        os.environ.update(ENVIRONMENT)
        stderr = io.StringIO()
        try:
            with contextlib.redirect_stderr(stderr):
                result = read_line(root, case) if "file" not in case else read_file(root, case)
        except (PipError, ValueError, LookupError) as e:
            text = f"{e.message} hint: {e.hint_stmt}" if hasattr(e, "hint_stmt") else str(e)
            # optparse begins with the program's name, and ends the line.
            text = re.sub(r"\n[^\n]*: error: (.*)\n$", r"\n\1", str(text))
            result = {"error": text, "kind": type(e).__name__}
        finally:
            os.chdir("/")
    text = json.dumps(result).replace(json.dumps(root)[1:-1], "$ROOT")
    files = {k: None if v is None else base64.b64encode(encoded(v)).decode() for k, v in case["files"].items()}
    return {**case, "files": files, **json.loads(text)}


FILES = {
    # Lines, joins, comments.
    "plain": "foo\nbar==1.0\n",
    "no end": "foo",
    "empty": "",
    "blank": "\n\n   \n\t\n",
    "crlf": "foo\r\nbar\r\n",
    "cr": "foo\rbar\r",
    "odd line ends": "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i",
    "comment": "# comment\nfoo # comment\nbar# no comment\n",
    "comment tab": "foo\t# comment\n  # indented\nbaz",
    "hash in URL": "https://example.com/a.zip#egg=foo # comment\n",
    "hash then comment": "https://example.com/a.zip#egg=foo  #comment # more\n",
    "join": "foo\\\n>=1\\\n,<2\nbar",
    "join with blank": "foo \\\n  >=1\n",
    "join hashes": "foo==1.0 \\\n    --hash=sha256:AA \\\n    --hash=sha256:bb\nbar",
    "join at end": "foo\\",
    "join then comment": "foo \\\n# comment\nbar\n",
    "join then comment 2": "foo\\\n  # comment\nbar\n",
    "join then blank": "foo\\\n\nbar\n",
    "comment with backslash": "# comment \\\nfoo\n",
    "trailing comment with backslash": "foo # comment \\\nbar\n",
    "double backslash": "foo\\\\\n==1\n",
    "backslash blank": "foo\\ \n",
    "leading backslash": "\\foo\\\n==1\n",
    "only backslashes": "\\\n\\\nfoo",
    # Variables.
    "variable": "https://user:${TOKEN}@example.com/a.zip\n",
    "variable twice": "foo[${A1_},${A1_}]\n",
    "variable unset": "https://${UNSET_VARIABLE}@example.com/a.zip",
    "variable empty": "https://${EMPTY}@example.com/a.zip",
    "variable lower": "https://${lower}@example.com/a.zip",
    "variable bare": "https://$TOKEN@example.com/a.zip",
    "variable percent": "https://%TOKEN%@example.com/a.zip",
    "variable nested": "https://${NESTED}.example.com/${TOKEN}.zip",
    "variable nested 2": "https://${TOKEN}.example.com/${NESTED}.zip",
    "variable with option": "${WITH_SPACE}\n",
    "variable in comment": "foo # ${TOKEN}\n",
    # Markers stay as they are.
    "marker": "foo; python_version >= '3.8' and os_name == \"nt\"\n",
    "marker and hash": "foo==1.0 ; python_version >= '3.8' --hash=sha256:ab\n",
    "marker with dash": "foo; platform_release == 'a -b'\n",
    "marker empty": "foo;\n",
    "marker no blank": "foo;os_name=='nt'",
    "marker on URL": "https://example.com/a.zip ; os_name == 'nt'",
    "marker on URL tight": "https://example.com/a.zip;os_name=='nt'",
    "marker on URL half tight": "https://example.com/a.zip; os_name=='nt'",
    "marker on name @ URL": "foo @ https://example.com/a.zip ; os_name == 'nt'",
    "marker on name @ URL tight": "foo @ https://example.com/a.zip; os_name == 'nt'",
    # Options on lines of their own.
    "index": "--index-url https://one.example.com/simple\n",
    "index short": "-i https://one.example.com/simple\n",
    "index shorter": "-ihttps://one.example.com/simple\n",
    "index equals": "--index-url=https://one.example.com/simple\n",
    "index alias": "--pypi-url https://one.example.com/simple\n",
    "index prefix": "--index https://one.example.com/simple\n",
    "index prefix equals": "--ind=https://one.example.com/simple\n",
    "index twice": "-i https://one.example.com\n-i https://two.example.com\n",
    "index twice on a line": "-i https://one.example.com -i https://two.example.com\n",
    "index then extra": "-i https://one.example.com\n--extra-index-url https://two.example.com\n",
    "extra then index": "--extra-index-url https://two.example.com\n-i https://one.example.com\n",
    "extra many": "--extra-index-url https://a.example.com --extra-index-url https://b.example.com\n--extra https://c.example.com",
    "no index": "--extra-index-url https://a.example.com\n--no-index\n-i https://b.example.com\n--extra-index-url https://c.example.com",
    "no index and index": "--no-index -i https://b.example.com",
    "index quoted": "--index-url 'https://one.example.com/a b'",
    "index double quoted": '--index-url "https://one.example.com/a\\"b\\x"',
    "index escaped": "--index-url https://one.example.com/a\\ b",
    "index empty": "--index-url ''",
    "index blank before equals": "--index-url = https://one.example.com",
    "find links": "-f https://example.com/links\n",
    "find links here": ("-f wheels\n", {"d/wheels": None}),
    "find links elsewhere": ("-f wheels\n", {"wheels": None}),
    "find links twice": "-f one -f two\n",
    "find links absolute": ("-f $ROOT\n", {}),
    "trusted": "--trusted-host example.com\n--trusted-host=example.org:8080",
    "prefer": "--prefer-binary\n",
    "pre": "--pre\nfoo\n",
    "pre on requirement": "foo --pre\n",
    "pre before requirement": "--pre foo\n",
    "require hashes": "--require-hashes\n",
    "require hashes prefix": "--require-h\n",
    "no require hashes": "--no-require-hashes\n",
    "feature": "--use-feature fast-deps\n--use-feature=fast-deps\n--use-feature truststore",
    "feature unknown": "--use-feature 2020-resolver\n",
    "no binary": "--no-binary :all:\n--only-binary foo,Bar_Baz\n",
    "only binary": "--only-binary :all:\n--no-binary foo\n--only-binary foo",
    "binary none": "--no-binary foo\n--no-binary :none:\n--no-binary bar",
    "binary all then none": "--no-binary :all:,foo,:none:,bar",
    "binary all in list": "--no-binary foo,:all:,bar",
    "binary on requirement": "foo --no-binary foo\n",
    "binary dash": "--no-binary --pre\n",
    "binary missing": "--no-binary\n",
    "all releases": "--all-releases :all:\n--only-final foo\n",
    "only final": "--only-final :all:\n--all-releases foo,bar\n--only-final bar",
    "hash alone": "--hash=sha256:aa\n",
    "several options": "--pre --prefer-binary -i https://one.example.com --trusted-host example.com",
    "double dash": "-- --pre",
    "pre value": "--pre=yes",
    "no such": "--frobnicate\n",
    "no such short": "-x\n",
    "no such short glued": "-xyz=1\n",
    "help": "-h\n",
    "ambiguous": "--no\n",
    "ambiguous 2": "--re reqs.txt\n",
    "ambiguous 3": "--pr\n",
    "foreign platform": "--platform ios_13_0_arm64\n",
    "foreign target": "--target x\n",
    "foreign python": "--python-version 3.14\n",
    "user": "foo --user\n",
    "missing value": "--index-url\n",
    "missing short value": "-i\n",
    "unclosed quote": "--index-url 'x\n",
    "trailing escape": "--index-url x\\y --pre '\n",
    "dash alone": "-\n",
    "dash alone behind": "foo -\n",
    # Options of a requirement.
    "hash": "foo==1.0 --hash=sha256:AAbb --hash sha512:cc\n",
    "hash prefix": "foo==1.0 --ha=sha256:ab\n",
    "hash weak": "foo==1.0 --hash=md5:ab\n",
    "hash unnamed": "foo==1.0 --hash=ab\n",
    "settings": "foo --config-settings a=b --config-settings a=c -C x= -Cy=1=2\n",
    "settings bad": "foo -C a\n",
    "settings bad long": "foo --config-set a\n",
    "editable settings": ("-e . -C a=b --hash=sha256:ab\n", {"pyproject.toml": ""}),
    "global options on requirement": "foo -i https://one.example.com --no-index --require-hashes\n",
    "several requirements": "foo bar\n",
    # Requirements that are none.
    "bad": "# first\nok\nfoo bar\n",
    "bad equals": "pillow=13\n",
    "bad path": "./missing\n",
    "bad path nested": "dir/missing\n",
    "bad version": "foo==latest\n",
    "bad marker": "foo; python_version >= 3\n",
    "bad marker variable": "foo; pyton_version >= '3'\n",
    "bad extra": "foo[a b]\n",
    "bad name": "_foo\n",
    "is a requirements file": ("./d/other.txt\n", {"d/other.txt": "foo\n"}),
    "is no requirements file": ("./d/other.txt\n", {"d/other.txt": "foo bar\n"}),
    "quoted": "'foo'\n",
    # Paths and URLs.
    "wheel": ("./foo_bar-1.0-py3-none-any.whl\n", {"foo_bar-1.0-py3-none-any.whl": ""}),
    "wheel bare": ("foo_bar-1.0-py3-none-any.whl\n", {"foo_bar-1.0-py3-none-any.whl": ""}),
    "wheel extras": ("./foo-1.0.post1-py3-none-any.whl[A_b,c]\n", {"foo-1.0.post1-py3-none-any.whl": ""}),
    "wheel missing": "./foo-1.0-py3-none-any.whl\n",
    "wheel bad": ("./foo.whl\n", {"foo.whl": ""}),
    "wheel bad version": ("./foo-x-py3-none-any.whl\n", {"foo-x-py3-none-any.whl": ""}),
    "sdist": ("./foo-1.0.tar.gz ; os_name == 'nt'\n", {"foo-1.0.tar.gz": ""}),
    "sdist bare": ("foo-1.0.zip", {"foo-1.0.zip": ""}),
    "directory": (".\n", {"pyproject.toml": ""}),
    "directory setup.py": ("./sub\n", {"sub/setup.py": ""}),
    "directory extras": ("./sub[x,Y]; os_name=='posix'\n", {"sub/setup.py": ""}),
    "directory parent": ("d/../sub\n", {"sub/setup.py": "", "d/x": ""}),
    "directory of no project": ("./sub\n", {"sub/x": ""}),
    "directory bare name": ("sub\n", {"sub/setup.py": ""}),
    "relative to the working directory": ("./sub\n", {"d/sub/setup.py": "", "sub/setup.py": ""}),
    "url": "https://example.com/foo-1.0.tar.gz\n",
    "url wheel": "https://example.com/foo-1.0-py3-none-any.whl#sha256=ab\n",
    "url egg": "https://example.com/a.zip#egg=foo&subdirectory=x/y\n",
    "url egg extras": "https://example.com/a.zip#egg=foo[bar]\n",
    "url egg version": "https://example.com/a.zip#egg=foo==1\n",
    "url egg bad": "https://example.com/a.zip#egg=-foo\n",
    "git": "git+https://example.com/r.git@v1#egg=foo&subdirectory=sub\n",
    "git ssh": "git+ssh://git@example.com/r.git\n",
    "name at git": "foo[x] @ git+https://example.com/r.git@v1#subdirectory=sub\n",
    "name at file": "foo @ file:///tmp/foo-1.0.tar.gz\n",
    "name at wheel": "foo@https://example.com/foo-1.0-py3-none-any.whl\n",
    "file url": ("file:./foo-1.0.zip", {"foo-1.0.zip": ""}),
    "file url parent": ("file:d/../foo-1.0.zip", {"foo-1.0.zip": ""}),
    "file url absolute": ("file://$ROOT/foo-1.0.zip", {"foo-1.0.zip": ""}),
    "file url localhost": ("file://localhost$ROOT/foo%2D1.0.zip", {"foo-1.0.zip": ""}),
    "file url host": "file://elsewhere/foo-1.0.zip",
    "ftp": "ftp://example.com/foo-1.0.zip",
    "unknown scheme": "gopher://example.com/foo-1.0.zip",
    "svn": "svn+svn://example.com/r#egg=foo",
    # Editable.
    "editable": ("-e .\n", {"setup.py": ""}),
    "editable long": ("--editable=./sub[a,B]\n", {"sub/setup.py": ""}),
    "editable git": "-e git+https://example.com/r.git#egg=foo\n",
    "editable git short": "-e git://example.com/r.git#egg=foo\n",
    "editable git nameless": "-e git+https://example.com/r.git\n",
    "editable name": "-e foo\n",
    "editable name at": "-e 'foo[a] @ git+https://example.com/r.git ; os_name == \"nt\"'\n",
    "editable http": "-e https://example.com/a.zip#egg=foo\n",
    "editable missing": "-e ./missing\n",
    "editable file url": ("-e file:///tmp/x#egg=foo", {}),
    "editable twice": ("-e . -e ./sub\n", {"setup.py": "", "sub/setup.py": ""}),
    # Encodings.
    "utf-8 mark": b"\xef\xbb\xbffoo\n",
    "utf-16": "\ufefffoo\nbar\n".encode("utf-16-le"),
    "utf-16-be": "\ufefffoo\nbar\n".encode("utf-16-be"),
    "utf-32": "\ufefffoo\nbar\n".encode("utf-32-le"),
    "utf-32-be": "\ufefffoo\nbar\n".encode("utf-32-be"),
    "latin-1": "# -*- coding: latin-1 -*-\nfoo # \xe4\x80\n".encode("latin-1"),
    "latin-1 value": "# -*- coding: latin-1 -*-\n-f /x/\xe4\x80\n".encode("latin-1"),
    "cp1252": "#\n# vim: set fileencoding=cp1252 :\n-f /x/\u20ac\n".encode("cp1252"),
    "iso-8859-15": "# coding=iso-8859-15\n-f /x/\u20ac\n".encode("iso-8859-15"),
    "shift_jis": "# coding: shift_jis\n-f /x/\u65e5\u672c\n".encode("shift_jis"),
    "koi8-r": "# coding: koi8_r\n-f /x/\u0436\n".encode("koi8-r"),
    "cp437": "# coding: cp437\n-f /x/\xe4\n".encode("cp437"),
    "utf-8 named": "# coding: utf_8\n-f /x/\u20ac\n".encode(),
    "third line": "#\n#\n# coding: nonsense\nfoo\n",
    "not a comment": "foo # coding: nonsense\n",
    "unknown encoding": "# coding: nonsense\nfoo\n",
}

NESTED = [
    dict(files={"r.txt": "-r d/a.txt\nlast\n", "d/a.txt": "foo\n-c b.txt\n", "d/b.txt": "bar<2\n"}),
    dict(files={"r.txt": "--requirement=d/a.txt\n", "d/a.txt": "-r../c.txt\n", "c.txt": "baz\n"}),
    dict(files={"r.txt": "-r a.txt -r b.txt\n", "a.txt": "a\n", "b.txt": "b\n"}),
    dict(files={"r.txt": "-r a.txt -c b.txt --pre\n", "a.txt": "a\n", "b.txt": "b\n"}),
    dict(files={"r.txt": "-r a.txt\n-r a.txt\n", "a.txt": "a\n"}),
    dict(files={"r.txt": "-r r.txt\n"}),
    dict(files={"r.txt": "-r d/a.txt\n", "d/a.txt": "-r ../r.txt\n"}),
    dict(files={"r.txt": "-r a.txt\n", "a.txt": "-r b.txt\n", "b.txt": "-r a.txt\n"}),
    dict(files={"r.txt": "-r missing.txt\n"}),
    dict(files={"r.txt": "-c missing.txt\n"}),
    dict(files={"r.txt": "-c a.txt\n", "a.txt": "-r b.txt\n", "b.txt": "b\n"}),
    dict(files={"r.txt": "foo\n-r a.txt\n", "a.txt": "--no-binary foo -f x\n", "x/y": ""}),
    dict(files={"r.txt": "-r d/a.txt\n", "d/a.txt": "-f x\n", "d/x/y": ""}),
    dict(files={"r.txt": "-r d/a.txt\n", "d/a.txt": "foo bar\n"}),
    dict(files={"r.txt": "-r http://host.invalid/d/a.txt\n", "d/a.txt": "-r b.txt\nfoo\n-c /c.txt", "d/b.txt": "bar\n", "c.txt": "baz<1\n"}),
    dict(files={"d/a.txt": "-r ../b.txt\nfoo\n", "b.txt": "bar\n"}, file="http://host.invalid/d/a.txt"),
    dict(files={"d/a.txt": "-r b.txt\nfoo\n", "d/b.txt": "bar\n"}, file="file://$ROOT/d/a.txt"),
    dict(files={"a.txt": "-r a.txt"}, file="missing.txt"),
    dict(files={"a.txt": "-r a.txt"}, file="missing.txt", constraint=True),
    dict(files={"r.txt": "foo<2\nbar==1 --hash=sha256:ab\nfoo @ https://example.com/a.zip\n"}, constraint=True),
    dict(files={"r.txt": "foo[x]<2\n"}, constraint=True),
    dict(files={"r.txt": "foo[x]<2 ; os_name == 'nope'\n"}, constraint=True),
    dict(files={"r.txt": "-e .\n", "setup.py": ""}, constraint=True),
    dict(files={"r.txt": "./sub\n", "sub/setup.py": ""}, constraint=True),
    dict(files={"r.txt": "./foo-1.0-py3-none-any.whl\n", "foo-1.0-py3-none-any.whl": ""}, constraint=True),
    dict(files={"r.txt": "https://example.com/a.zip\n"}, constraint=True),
    dict(files={"d/r.txt": "-r a b.txt\n", "d/a b.txt": "foo\n"}, file="d/r.txt"),
    dict(files={"d/r.txt": "-r 'a b.txt'\n", "d/a b.txt": "foo\n"}, file="d/r.txt"),
    dict(files={"d/r.txt": "foo -r a.txt\n", "d/a.txt": "bar\n"}, file="d/r.txt"),
]

LINES = [
    "foo", "foo>=1.0,<2", " foo ", "foo [a,b] >=1", "foo (>=1)", "foo>=1 ; os_name=='nt'", "foo bar", "pillow=13", "foo==", "", "foo>=1,",
    "./missing", "../missing/x", "/no/such/file", "./sub", "./sub[x]", "sub", "sub/", ".", "./sub/", "$ROOT", "sub[x]", "./sub ; os_name == 'nt'",
    "./empty", "foo-1.0.tar.gz", "./foo-1.0.tar.gz", "./foo-1.0.tar.gz[x]", "foo-1.0.tar.gz@bar", "./missing-1.0.zip", "missing-1.0.tar.bz2", "missing.txt",
    "foo@https://example.com/a.zip", "foo @ ./sub", "foo @ ./foo-1.0.tar.gz", "other.txt", "./other.txt", "./bad.txt", "./wheel-1.0-py3-none-any.whl",
    "wheel-1.0-1-py2.py3-none-any.whl", "https://example.com/wheel-2.0-cp314-cp314-ios_13_0_arm64_iphoneos.whl", "https://example.com/a%2Db-1.0-py3-none-any.whl",
    "https://example.com/", "https://example.com/x.whl", "HTTPS://example.com/a.zip", "git+https://example.com/r.git@main#egg=foo", "git+file:///tmp/r",
    "git+git@example.com:r.git", "hg+https://example.com/r#egg=a.b", "C:\\x\\foo", "foo\\bar", "~/x", "foo/bar", "foo>=1/2", "-foo", "foo; bar", "foo; os_name",
    "foo ;python_version<'3'", "foo;;", "foo[]", "foo[a", "foo~=1", "foo=>1", "https://example.com/a.zip ; os_name == 'nt' and extra == 'A_b'",
    "file:sub", "file:///no/such-1.0.zip", "file:foo-1.0.tar.gz#egg=bar", "file:./sub#subdirectory=x", "foo @ https://example.com/a.zip#egg=x&subdirectory=y",
    "zip.zip", ".zip", "..tar.gz", "foo.tar", "foo.TGZ", "foo.tar.zst",
]
EDITABLES = [
    ".", "./sub", "sub", "sub[x,Y]", "./missing", "foo", "foo>=1", "foo @ ./sub", "foo @ file://$ROOT/sub", "foo @ https://example.com/a.zip",
    "foo[z] @ git+https://example.com/r.git@x#subdirectory=s", "git+https://example.com/r.git#egg=foo&subdirectory=s", "git+https://example.com/r.git#egg=foo[x]",
    "git://example.com/r.git#egg=foo", "hg+https://example.com/r", "file:./sub", "file://$ROOT/sub", "file://$ROOT/sub#egg=foo", "https://example.com/r.git#egg=foo", "./foo-1.0.tar.gz",
]
TREE = {
    "sub/pyproject.toml": "", "empty/x": "", "foo-1.0.tar.gz": "", "other.txt": "# c\nfoo\n", "bad.txt": "foo bar\n",
    "wheel-1.0-py3-none-any.whl": "", "wheel-1.0-1-py2.py3-none-any.whl": "", "setup.py": "",
}


def cases():
    for label, content in FILES.items():
        files = {}
        if isinstance(content, tuple):
            content, files = content
        yield dict(label=label, files={**files, "d/r.txt": content}, file="d/r.txt")
    for i, case in enumerate(NESTED):
        yield {"label": f"nested {i}", "file": "r.txt", **case}
    for line in LINES:
        yield dict(label="argument", files=TREE, line=line)
    for line in EDITABLES:
        yield dict(label="editable argument", files=TREE, editable=line)


def main():
    logging.disable(logging.CRITICAL)
    table = []
    for case in cases():
        table.append(run(case))
    with open(HERE / "pip.json.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z, io.TextIOWrapper(z, "utf-8") as w:
        json.dump(table, w, ensure_ascii=True, separators=(",", ":"))
    print(len(table), "cases", file=sys.stderr)


main()
