"""Asks pip which version of one project it takes, for random versions of it
(final, pre-releases, yanked, for other Pythons) and random requirements on it.

Writes pip_oracle.json.gz next to this file. pip 26.3, packaging 26.3:

    python pip_oracle.py 4000
"""

import contextlib
import gzip
import http.server
import io
import json
import os
import random
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

from pip._internal.cli.main import main as pip

PAGES = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(urllib.parse.unquote(self.path))
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "text/plain")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *args):
        pass


VERSIONS = [
    "0.9", "1.0a1", "1.0rc1", "1.0", "1.0.post1", "1.0+local", "1.1.dev1", "1.1",
    "2.0b1", "2.0", "2.0.1rc1", "2.1a1", "3.0rc1", "1!0.5", "1!0.6a1",
]
SPECIFIERS = [
    "", "", "", ">=1.0", ">1.0", "<2.0", "<=2.0", "!=1.1", "==1.0", "==1.*", "~=1.0", ">=1.0rc1",
    ">=2.0b1", "==2.0b1", "!=2.0b1", "<2.1a1", "===1.0", "===1.0rc1", "==1.0a1", ">=3", "<1.0rc1",
    ">=1.0,<2.0", ">1.0a1", "==2.0", "~=2.0b1", "<1!0.6", ">=1!0.5", "==3.0rc1", "!=3.0rc1,>2",
]


def case(r):
    versions = []
    for v in r.sample(VERSIONS, r.randint(1, 6)):
        entry = {"version": v}
        if r.random() < 0.25:
            entry["yanked"] = True
        if r.random() < 0.12:
            entry["python"] = r.choice([">=3.20", "<3", ">=3.6", "nonsense"])
        versions.append(entry)
    needs = [r.choice(SPECIFIERS) for _ in range(r.randint(0, 2))]
    c = {"versions": versions, "needs": needs}
    if not needs or r.random() < 0.4:
        c["root"] = r.choice(SPECIFIERS)
    if r.random() < 0.25:
        c["constraint"] = r.choice([s for s in SPECIFIERS if s])
    roll = r.random()
    if roll < 0.12:
        c["flag"] = "--pre"
    elif roll < 0.2:
        c["flag"] = "--only-final=c"
    elif roll < 0.26:
        c["flag"] = "--all-releases=c"
    return c


def publish(name, entries):
    links = []
    for e in entries:
        wheel = f"{name}-{e['version']}-py3-none-any.whl"
        attributes = ' data-core-metadata="true"'
        if e.get("yanked"):
            attributes += ' data-yanked="broken"'
        if "python" in e:
            attributes += f' data-requires-python="{e["python"].replace("<", "&lt;").replace(">", "&gt;")}"'
        links.append(f'<a href="/files/{wheel}"{attributes}>{wheel}</a><br>')
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {e['version']}"]
        lines += [f"Requires-Dist: {s}" for s in e.get("needs", [])]
        PAGES[f"/files/{wheel}.metadata"] = ("\n".join(lines) + "\n\n").encode()
    PAGES[f"/simple/{name}/"] = ("<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>").encode()


def ask(c, port, folder):
    PAGES.clear()
    publish("c", c["versions"])
    roots = []
    for i, spec in enumerate(c["needs"]):
        publish(f"n{i}", [{"version": "1", "needs": ["c" + spec]}])
        roots.append(f"n{i}")
    if "root" in c:
        roots.append("c" + c["root"])
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    arguments = ["install", "--quiet", "--quiet", "--quiet", "--dry-run", "--ignore-installed", "--isolated",
                 "--no-cache-dir", "--disable-pip-version-check", "--report", str(report),
                 "--index-url", f"http://127.0.0.1:{port}/simple/", *roots]
    if "constraint" in c:
        (folder / "constraints.txt").write_text("c" + c["constraint"] + "\n")
        arguments += ["-c", str(folder / "constraints.txt")]
    if "flag" in c:
        arguments.append(c["flag"])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = pip(arguments)
    if code != 0:
        return None
    for item in json.loads(report.read_text())["install"]:
        if item["metadata"]["name"] == "c":
            return item["metadata"]["version"]
    raise SystemExit(f"pip took no c: {c}")


def main():
    count = int(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    r = random.Random(26)
    cases = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for _ in range(count):
            c = case(r)
            c["takes"] = ask(c, server.server_port, Path(folder))
            cases.append(c)
    out = Path(__file__).resolve().parent / "pip_oracle.json.gz"
    with gzip.GzipFile(out, "wb", mtime=0) as f:
        f.write(("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n").encode())
    print(len(cases), "cases,", sum(c["takes"] is not None for c in cases), "of them solved")


main()
