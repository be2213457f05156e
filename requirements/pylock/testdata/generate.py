"""Writes oracle.json: what packaging.pylock (26.3) makes of lock files.

Each case is a lock file with what `Pylock.from_dict` says of it and, if it is
valid, what `select` chooses in each of the environments below.
"""

import itertools
import json
import pathlib
import tomllib

from packaging.markers import UndefinedEnvironmentName
from packaging.pylock import Pylock, PylockSelectError, PylockValidationError

SHA = "a" * 64
HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'


def wheel(name, tags="py3-none-any", version="1.0", extra=""):
    return f'{{name = "{name}-{version}-{tags}.whl", url = "https://example.com/{name}.whl", hashes = {{sha256 = "{SHA}"}}{extra}}}'


def package(name, *lines, version="1.0", wheels=True):
    out = f'[[packages]]\nname = "{name}"\n'
    if version:
        out += f'version = "{version}"\n'
    if wheels:
        out += f"wheels = [{wheel(name.replace('-', '_'), version=version or '1.0')}]\n"
    return out + "".join(line + "\n" for line in lines)


def sources():
    file = f'url = "https://example.com/x-1.0.tar.gz", hashes = {{sha256 = "{SHA}"}}'
    yield "[[packages]]\nname = \"x\"\n"
    bodies = {
        "vcs": 'vcs = {type = "git", url = "https://example.com/x.git", commit-id = "' + "0" * 40 + '"}',
        "directory": 'directory = {path = "."}',
        "archive": f"archive = {{{file}}}",
        "sdist": f"sdist = {{{file}}}",
        "wheels": f"wheels = [{wheel('x')}]",
    }
    for n in (1, 2, 3):
        for chosen in itertools.combinations(bodies, n):
            yield '[[packages]]\nname = "x"\n' + "\n".join(bodies[c] for c in chosen)
    for body in (
        'vcs = {type = "git", url = "https://example.com/x.git"}',
        'vcs = {url = "https://example.com/x.git", commit-id = "00"}',
        'vcs = {type = "git", commit-id = "00"}',
        'directory = {editable = true}',
        'directory = {path = ".", editable = "yes"}',
        'directory = {path = ".", editable = true, subdirectory = "sub"}',
        'archive = {url = "https://example.com/x.zip"}',
        'archive = {url = "https://example.com/x.zip", hashes = {}}',
        'archive = {url = "https://example.com/x.zip", hashes = {sha256 = 1}}',
        f'archive = {{hashes = {{sha256 = "{SHA}"}}}}',
        f'sdist = {{hashes = {{sha256 = "{SHA}"}}, name = "x-1.0.tar.gz"}}',
        f'sdist = {{path = "dir/x-1.0.tar.gz", hashes = {{sha256 = "{SHA}"}}, size = 3}}',
        f'sdist = {{path = "x-1.0.zip", hashes = {{sha256 = "{SHA}"}}, size = "3"}}',
        f'sdist = {{path = "x-1.0.exe", hashes = {{sha256 = "{SHA}"}}}}',
        f'sdist = {{path = "y-1.0.zip", hashes = {{sha256 = "{SHA}"}}}}',
        f'sdist = {{path = "y.zip", name = "x-1.0.zip", hashes = {{sha256 = "{SHA}"}}}}',
        f'sdist = {{url = "https://example.com/x-1.0%2Blocal.zip", hashes = {{sha256 = "{SHA}"}}}}',
        f'sdist = {{url = "https://example.com/x-1.0.zip", hashes = {{sha256 = "{SHA}"}}, upload-time = 2024-01-02T03:04:05Z}}',
        f'sdist = {{url = "https://example.com/x-1.0.zip", hashes = {{sha256 = "{SHA}"}}, upload-time = "2024"}}',
        "wheels = []",
        "wheels = 1",
        "wheels = [1]",
        f"wheels = [{wheel('y')}]",
        f"version = '2.0'\nwheels = [{wheel('x')}]",
        f"version = '1.0.0'\nwheels = [{wheel('x')}]",
        f"wheels = [{wheel('x', tags='none-any')}]",
        f"wheels = [{wheel('x', tags='1-py3-none-any')}]",
        f"wheels = [{wheel('x', version='one')}]",
        f"index = 1\nwheels = [{wheel('x')}]",
        f"dependencies = [{{name = 'y'}}]\nwheels = [{wheel('x')}]",
        f"dependencies = ['y']\nwheels = [{wheel('x')}]",
        f"attestation-identities = [{{kind = 'a'}}]\nwheels = [{wheel('x')}]",
        f"attestation-identities = [{{}}]\nwheels = [{wheel('x')}]",
        f"unknown = 1\nwheels = [{wheel('x', extra=', unknown = 2')}]",
        f"marker = 'nonsense'\nwheels = [{wheel('x')}]",
        f"requires-python = '>>3'\nwheels = [{wheel('x')}]",
        f"tool = 1\nwheels = [{wheel('x')}]",
        f"tool = {{a = 1}}\nwheels = [{wheel('x')}]",
    ):
        yield '[[packages]]\nname = "x"\n' + body


def documents():
    for text in (
        "", 'lock-version = "1.0"\n', 'created-by = "x"\n', HEAD, HEAD + "packages = []\n", HEAD + "packages = {}\n",
        HEAD + "packages = [1]\n", 'lock-version = 1.0\ncreated-by = "x"\npackages = []\n',
    ):
        yield text
    for version in ("1", "1.0", "1.0.0", "1.1", "1.99", "2", "2.0", "0.9", "one", "2.0a1", "1.0.dev0", "1!1.0"):
        yield f'lock-version = "{version}"\ncreated-by = "x"\npackages = []\n'
    for line in (
        "environments = ['python_version >= \"3.8\"']", "environments = [1]", "environments = 'x'", "environments = ['x']",
        "environments = []", "environments = ['sys_platform == \"win32\"']",
        "environments = ['sys_platform == \"win32\"', 'sys_platform == \"ios\"']",
        "requires-python = '>=3.8'", "requires-python = '>=3.14'", "requires-python = 'x'", "requires-python = 3",
        "requires-python = ''", "extras = ['a']", "extras = ['A']", "extras = 'a'", "dependency-groups = ['Dev', 'doc']",
        "default-groups = ['dev']", "default-groups = [1]", "tool = 1", "tool = {x = 1}", "unknown = 1",
    ):
        yield HEAD + line + "\n" + package("a")
    for name in ("a", "A", "a_b", "a-b", "a--b", "", "-a", "a.b", "ä"):
        yield HEAD + package(name or '', wheels=False) + 'directory = {path = "."}\n'
    for body in sources():
        yield HEAD + body + "\n"
    groups = 'extras = ["x", "y"]\ndependency-groups = ["dev", "doc"]\ndefault-groups = ["dev"]\n'
    for m in (
        "sys_platform == \\\"ios\\\"", "sys_platform != \\\"ios\\\"", "python_version < \\\"3.13\\\"", "'x' in extras",
        "'y' in extras and 'dev' in dependency_groups", "'doc' in dependency_groups or os_name == 'nt'",
        "'dev' not in dependency_groups", "extra == 'x'",
    ):
        yield HEAD + groups + package("a", f'marker = "{m}"') + package("b")
        yield HEAD + groups + package("a", f'marker = "{m}"') + package("a", version="2.0")
    yield HEAD + package("a", "requires-python = '>=3.13'") + package("b")
    yield HEAD + package("a", "requires-python = '>=3.13'", "marker = \"python_version >= '3.13'\"") + package("b")
    yield HEAD + package("a") + package("a")


def environment(**values):
    base = dict(
        implementation_name="cpython", implementation_version="3.12.1", os_name="posix", platform_machine="arm64",
        platform_release="", platform_system="Linux", platform_version="", python_full_version="3.12.1",
        platform_python_implementation="CPython", python_version="3.12", sys_platform="linux",
    )
    return base | values


ENVIRONMENTS = [
    environment(),
    environment(sys_platform="ios", platform_system="iOS", python_version="3.14", python_full_version="3.14.0"),
    environment(sys_platform="win32", platform_system="Windows", os_name="nt", python_version="3.7", python_full_version="3.7.9"),
]
CHOICES = [
    dict(extras=[], groups=None), dict(extras=["x"], groups=None), dict(extras=["x", "y"], groups=["dev", "doc"]), dict(extras=[], groups=[]),
]


def outcome(lock, env, choice):
    try:
        selected = lock.select(
            environment=env, tags=(), extras=choice["extras"], dependency_groups=choice["groups"],
            prefer_sdist_predicate=lambda name: False,
        )
        names = []
        for p, _ in selected:
            names.append(f"{p.name} {p.version or ''}".strip())
        return names
    except (PylockSelectError, UndefinedEnvironmentName) as e:
        return str(e)


def main():
    cases = []
    import packaging.pylock

    # Which wheel fits is not what is compared: every wheel does.
    packaging.pylock.create_compatible_tags_selector = lambda tags: lambda wheels: (w for w, _ in wheels)
    for text in documents():
        case = {"text": text}
        try:
            lock = Pylock.from_dict(tomllib.loads(text))
        except (PylockValidationError, tomllib.TOMLDecodeError) as e:
            case["error"] = str(e)
        else:
            case["selected"] = [[outcome(lock, e, c) for c in CHOICES] for e in ENVIRONMENTS]
        cases.append(case)
    out = {"environments": ENVIRONMENTS, "choices": CHOICES, "cases": cases}
    pathlib.Path(__file__).with_name("oracle.json").write_text(json.dumps(out, indent=1) + "\n")
    print(len(cases), sum("error" in c for c in cases))


main()
