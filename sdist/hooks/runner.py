"""Runs PEP 517 hooks in a build environment; started by xpip.

Usage: runner.py JOB. JOB is a JSON file:

  hook          name of the hook
  args          its arguments, by position
  backend       "module" or "module:object"
  backend_path  absolute folders to import the backend from
  source        absolute path of the project's tree, also the working directory
  host          what the project's own code is to see, see HostView; or null
  bytecode      absolute folder for compiled code, see keep_bytecode
  result        file to write the outcome to, as JSON:
                  value, or error {kind, type, message}; and asked: the facts
                  about the machine that the project's code asked for
  then          null, or what to run next unless the first hook asks for
                requirements that are not in have:
                  hook, args, result as above, and have

It runs with any Python from 3.8 on.
"""

import importlib
import importlib.machinery
import json
import os
import platform
import sys
import sysconfig
import traceback
import types


class HostView:
    """Shows the host instead of the build machine to the project's own code.

    Whoever asks is told apart by the file his code comes from: code of the
    source tree sees the host, while the interpreter's library and the build
    tools go on seeing the machine they run on. So subprocess, tempfile and
    compiler drivers are not led astray. With no host given, questions are only
    taken down.
    """

    # Code that asks on behalf of its caller.
    TRANSPARENT = (
        os.sep + os.path.join("packaging", "markers.py"),
        os.sep + os.path.join("distutils", "util.py"),
        os.sep + os.path.join("_distutils", "util.py"),
    )

    def __init__(self, source, host):
        self.source = os.path.realpath(source) + os.sep
        self.host = host
        self.asked = set()
        self.known = {}

    def is_project(self, frame):
        """Tells whether the code that runs in frame belongs to the project."""
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith("<frozen"):
                return False
            if name.startswith("<"):  # exec of a text
                name = frame.f_globals.get("__file__")
                if not isinstance(name, str):
                    frame = frame.f_back
                    continue
            place = self.known.get(name)
            if place is None:
                place = self.known[name] = self.place(name)
            if place != "transparent":
                return place == "project"
            frame = frame.f_back
        return False

    def place(self, name):
        if name.endswith(self.TRANSPARENT):
            return "transparent"
        path = os.path.realpath(os.path.join(self.source, name))
        inside = path.startswith(self.source)
        parts = path[len(self.source):].split(os.sep)
        return "project" if inside and ".eggs" not in parts and "site-packages" not in parts else "tool"

    def tell(self, fact, frame, true, shown):
        """Returns what the asker in frame is to see of a fact."""
        if not self.is_project(frame):
            return true
        self.asked.add(fact)
        return true if self.host is None else shown

    def install(self):
        host = self.host or {}
        self.attributes(sys, self.sys_facts(host))
        self.attributes(os, {"name": host.get("os_name", os.name)})
        self.functions(platform, self.platform_facts(host))
        self.functions(sysconfig, {"get_platform": host.get("platform")})
        if hasattr(os, "uname"):
            self.functions(os, {"uname": self.uname(host, os.uname_result)})

    def sys_facts(self, host):
        facts = {"platform": host.get("sys_platform", sys.platform)}
        version = host.get("version_info")
        if version and tuple(version[:2]) != sys.version_info[:2]:
            facts["version_info"] = VersionInfo(version)
            facts["hexversion"] = version[0] << 24 | version[1] << 16 | version[2] << 8 | 0xF0
            facts["version"] = "%d.%d.%d (host)" % tuple(version[:3])
        return facts

    def platform_facts(self, host):
        get = host.get
        text = "-".join(filter(None, (get("platform_system"), get("platform_release"), get("platform_machine"))))
        return {
            "system": get("platform_system"),
            "machine": get("platform_machine"),
            "processor": get("platform_machine"),
            "release": get("platform_release"),
            "version": get("platform_version"),
            "platform": text,
            "uname": self.uname(host, platform.uname_result),
            "architecture": ("%dbit" % get("bits", 64), ""),
            "libc_ver": ("", ""),
            "mac_ver": (get("platform_release", "") if get("sys_platform") == "darwin" else "", ("", "", ""), get("platform_machine")),
            "win32_ver": ("", "", "", ""),
            "python_version": get("python_full_version"),
            "python_version_tuple": tuple(get("python_full_version", "").split(".")),
            "python_implementation": get("platform_python_implementation"),
        }

    @staticmethod
    def uname(host, kind):
        fields = (host.get("platform_system"), "", host.get("platform_release"), host.get("platform_version"), host.get("platform_machine"))
        if kind is platform.uname_result:
            if sys.version_info < (3, 9):
                return kind(*fields, host.get("platform_machine"))
            return kind(*fields)
        return kind(fields)

    def attributes(self, module, facts):
        """Replaces attributes of a module that are plain values."""
        view = self

        def make(fact, true, shown):
            name = module.__name__ + "." + fact
            return property(
                lambda _: view.tell(name, sys._getframe(1), module.__dict__.get(fact, true), shown),
                lambda _, value: module.__dict__.__setitem__(fact, value),
            )

        members = {fact: make(fact, getattr(module, fact), shown) for fact, shown in facts.items()}
        # importlib makes every module by type(sys)(name): they stay plain ones.
        members["__new__"] = lambda cls, *args, **kwargs: types.ModuleType(*args, **kwargs)
        module.__class__ = type("HostView_" + module.__name__, (types.ModuleType,), members)

    def functions(self, module, facts):
        """Replaces functions of a module that tell facts."""
        for fact, shown in facts.items():
            true = getattr(module, fact, None)
            if true is not None:
                setattr(module, fact, self.wrap(module.__name__ + "." + fact, true, shown))

    def wrap(self, name, true, shown):
        def answer(*args, **kwargs):
            if self.is_project(sys._getframe(1)):
                self.asked.add(name)
                if self.host is not None:
                    return shown
            return true(*args, **kwargs)

        # lru_cache'd and plain functions alike keep what callers may look at.
        for attribute in ("__name__", "__qualname__", "__doc__", "__module__", "cache_clear", "cache_info"):
            if hasattr(true, attribute):
                setattr(answer, attribute, getattr(true, attribute))
        return answer


class VersionInfo(tuple):
    """Looks like sys.version_info, whose own type makes no other instances."""

    major = property(lambda self: self[0])
    minor = property(lambda self: self[1])
    micro = property(lambda self: self[2])
    releaselevel = property(lambda self: self[3])
    serial = property(lambda self: self[4])


class LibraryLoader(importlib.machinery.SourceFileLoader):
    """Loads a module of the library from the bytecode beside it, if it has any."""

    def get_data(self, path):
        if path.endswith(".pyc"):
            try:
                return super().get_data(os.path.join(os.path.dirname(self.path), "__pycache__", os.path.basename(path)))
            except OSError:
                pass
        return super().get_data(path)


def keep_bytecode(folder):
    """Keeps what this process and its children compile in folder.

    A folder for bytecode takes the place of all others, but the library of the
    interpreter is compiled already, and takes longer than the whole build.
    """
    library = os.path.dirname(os.__file__)

    def finder(path):
        if path != library and not path.startswith(library + os.sep) or "-packages" in path[len(library):]:
            raise ImportError("not of the library")
        return importlib.machinery.FileFinder(
            path,
            (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
            (LibraryLoader, importlib.machinery.SOURCE_SUFFIXES),
            (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
        )

    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = folder
    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.clear()


class BackendUnavailable(Exception):
    """The backend can't be imported."""


def load(job):
    """Imports the backend, from backend_path only if that is given."""
    module, _, path = job["backend"].partition(":")
    sys.path[:0] = job["backend_path"]
    try:
        backend = importlib.import_module(module)
    except ImportError as e:
        raise BackendUnavailable("%s: %s" % (module, e)) from e
    if job["backend_path"]:
        inside = tuple(os.path.realpath(p) + os.sep for p in job["backend_path"])
        if not os.path.realpath(getattr(backend, "__file__", None) or "").startswith(inside):
            raise BackendUnavailable("%s was not found in backend-path" % module)
    for name in filter(None, path.split(".")):
        try:
            backend = getattr(backend, name)
        except AttributeError as e:
            raise BackendUnavailable("%s: %s" % (job["backend"], e)) from e
    return backend


def importing(job):
    """Imports the backend, and returns a function that returns it or fails."""
    try:
        backend, error = load(job), None
    except BaseException as e:
        backend, error = None, e

    def imported():
        if error is not None:
            raise error
        return backend

    return imported


def run(backend, call):
    hook = getattr(backend, call["hook"], None)
    if hook is None:
        if call["hook"].startswith("get_requires_for_"):
            return []
        raise BackendUnavailable("%s has no hook %s" % (backend.__name__, call["hook"]))
    return hook(*call["args"])


def answer(call, imported, view):
    """Runs a hook, writes down the outcome and tells whether it is a value."""
    try:
        outcome = {"value": run(imported(), call)}
    except BackendUnavailable as e:
        traceback.print_exc()
        outcome = {"error": {"kind": "backend", "type": "", "message": str(e)}}
    except SystemExit as e:
        if e.code is not None and not isinstance(e.code, int):
            print(e.code, file=sys.stderr)
        outcome = {"error": {"kind": "hook", "type": "SystemExit", "message": str(e.code)}}
    except BaseException as e:
        traceback.print_exc()
        outcome = {"error": {"kind": "hook", "type": type(e).__name__, "message": str(e)[:2000]}}
    outcome["asked"] = sorted(view.asked)
    with open(call["result"], "w", encoding="utf-8", errors="backslashreplace") as f:
        json.dump(outcome, f)
    sys.stdout.flush()
    return "value" in outcome


def apart(call, imported, view):
    """Runs a hook in a process of its own; tells what it returned, and whether."""
    child = os.fork()
    if child == 0:
        sys.exit(0 if answer(call, imported, view) else 1)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status) and not os.path.lexists(call["result"]):
        message = "its process ended: signal %d" % os.WTERMSIG(status)
        with open(call["result"], "w", encoding="utf-8") as f:
            json.dump({"error": {"kind": "hook", "type": "", "message": message}}, f)
    if status != 0:
        return None, False
    with open(call["result"], encoding="utf-8") as f:
        return json.load(f)["value"], True


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        job = json.load(f)
    keep_bytecode(job["bytecode"])
    del sys.path[0]  # the runner's own folder
    sys.argv[1:] = []
    view = HostView(job["source"], job["host"])
    view.install()
    imported, then = importing(job), job["then"]
    if then is None:
        sys.exit(0 if answer(job, imported, view) else 1)
    # A hook may do to its process what it likes. What all have in common is the
    # import, which takes the longest.
    value, ok = apart(job, imported, view)
    if ok and all(r in then["have"] for r in value or []):
        ok = answer(then, imported, view)
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
