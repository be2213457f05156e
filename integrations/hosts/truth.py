"""What a Python says of itself, as one line of JSON.

It is run by the Python itself, where that can be run: under qemu-user, under
node, or simply. `packaging` must be importable; pip may be, and then says where
it would install. Paths below ROOT (the first argument; none for "/") are
written as the host sees them: "/usr/lib".
"""

import json
import site
import sys
import sysconfig

from packaging import markers, tags

ROOT = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else ""


def seen(path):
    return (path[len(ROOT):] or "/") if ROOT and (path + "/").startswith(ROOT + "/") else path


def scheme():
    """The folders of the scheme in which pip installs without options."""
    try:
        from pip._internal.locations import get_scheme
    except Exception:  # there is no pip, or none for a Python as old as this one
        paths = sysconfig.get_paths()
        return {name: seen(paths[name]) for name in ("purelib", "platlib", "scripts", "data")}
    found = get_scheme("probe")
    return {name: seen(getattr(found, name)) for name in ("purelib", "platlib", "scripts", "data", "headers")}


environment = markers.default_environment()
if sys.platform == "linux":  # these two are the running kernel's: files cannot know them
    del environment["platform_release"], environment["platform_version"]

truth = {
    "executable": seen(sys.executable or "") if sys.platform != "emscripten" else "",
    "prefix": seen(sys.prefix),
    "base_prefix": seen(sys.base_prefix),
    "version": "%d.%d.%d" % sys.version_info[:3],
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "implementation": sys.implementation.name,
    "platform": sysconfig.get_platform(),
    "multiarch": sysconfig.get_config_var("MULTIARCH") or "",
    "ext_suffix": sysconfig.get_config_var("EXT_SUFFIX") or "",
    "markers": environment,
    "tags": [str(tag) for tag in tags.sys_tags()],
    "scheme": scheme(),
    "site": [seen(path) for path in site.getsitepackages()],
}
print(json.dumps(truth, sort_keys=True))
