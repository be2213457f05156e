# What the build machine's Python says of itself, as one line of JSON after a
# mark. It needs the standard library of Python 3.6 alone.
import json
import os
import platform
import struct
import sys
import sysconfig

var = sysconfig.get_config_var


def version(info):
    text = "%d.%d.%d" % (info.major, info.minor, info.micro)
    if info.releaselevel != "final":
        text += info.releaselevel[0] + str(info.serial)
    return text


def elf():
    """The facts of the interpreter's ELF header that tags depend on."""
    try:
        with open(sys.executable, "rb") as file:
            head = file.read(64)
            if head[:4] != b"\x7fELF":
                return None
            wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
            machine = struct.unpack_from(order + "H", head, 18)[0]
            if wide:
                offset, _, flags, _, size, count = struct.unpack_from(order + "QQIHHH", head, 32)
            else:
                offset, _, flags, _, size, count = struct.unpack_from(order + "IIIHHH", head, 28)
            interpreter = ""
            for index in range(min(count, 128)):
                file.seek(offset + index * size)
                entry = file.read(size)
                if struct.unpack_from(order + "I", entry)[0] == 3:  # PT_INTERP
                    start, length = struct.unpack_from(order + ("Q" if wide else "I"), entry, 8 if wide else 4)[0], \
                        struct.unpack_from(order + ("Q" if wide else "I"), entry, 32 if wide else 16)[0]
                    file.seek(start)
                    interpreter = file.read(min(length, 4096)).split(b"\0")[0].decode("utf-8", "replace")
                    break
            return {"bits": 64 if wide else 32, "little": order == "<", "machine": machine,
                    "flags": flags, "interpreter": interpreter}
    except (OSError, struct.error):
        return None


def glibc():
    try:
        text = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ""
    return text[6:] if text.startswith("glibc ") else ""


def musl(header):
    """musl's loader states its version when it is run without a program."""
    if not header or "musl" not in header["interpreter"]:
        return ""
    import subprocess  # only here: it takes as long as all the rest
    try:
        process = subprocess.Popen([header["interpreter"]], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = process.communicate()[1].decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    if len(lines) > 1 and lines[0].startswith("musl") and lines[1].startswith("Version "):
        return lines[1][8:].strip()
    return ""


def refused_manylinux(newest, arch):
    """PEP 600: a _manylinux module may take single versions back."""
    try:
        import _manylinux
    except ImportError:
        return []
    legacy = {5: "manylinux1_compatible", 12: "manylinux2010_compatible", 17: "manylinux2014_compatible"}
    refused = []
    for minor in range(5, newest + 1):
        if hasattr(_manylinux, "manylinux_compatible"):
            answer = _manylinux.manylinux_compatible(2, minor, arch)
        else:
            answer = getattr(_manylinux, legacy.get(minor, ""), None)
        if answer is not None and not answer:
            refused.append(minor)
    return refused


def macos():
    """The version of macOS, asked for in a way that knows of those after 10."""
    release, _, machine = platform.mac_ver()
    if release.startswith("10.16"):
        import subprocess
        command = [sys.executable, "-sS", "-c", "import platform; print(platform.mac_ver()[0])"]
        environment = dict(os.environ, SYSTEM_VERSION_COMPAT="0")
        release = subprocess.check_output(command, env=environment).decode().strip()
    return [release, machine]


def base():
    """The installation that virtual environments are made of."""
    executable = getattr(sys, "_base_executable", None) or sys.executable
    if executable == sys.executable and sys.prefix != sys.base_prefix and os.name == "posix":
        executable = os.path.realpath(executable)  # before Python 3.11 it does not know better
    schemes = sysconfig.get_scheme_names()
    scheme = "venv" if "venv" in schemes else "nt" if os.name == "nt" else "posix_prefix"
    paths = sysconfig.get_paths()
    library = [paths.get(name) for name in ("stdlib", "platstdlib", "include", "platinclude")] + [var("LIBDIR"), sys.base_exec_prefix]
    return {
        "executable": executable,
        "library": sorted(set(p for p in library if p and p != sys.base_prefix)),
        "purelib": sysconfig.get_path("purelib", scheme, {"base": "", "platbase": ""}).strip("/\\").replace("\\", "/"),
    }


header = elf()
system = platform.system()
platform_name = sysconfig.get_platform()
libc = glibc() if system == "Linux" else ""
facts = {
    "schema": 1,
    "executable": sys.executable,
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "base": base(),
    "version": list(sys.version_info[:3]),
    "implementation": sys.implementation.name,
    "nodot": str(var("py_version_nodot") or ""),
    "gil_disabled": bool(var("Py_GIL_DISABLED")),
    "debug": bool(var("Py_DEBUG") or (var("Py_DEBUG") is None and hasattr(sys, "gettotalrefcount"))),
    "pymalloc": var("WITH_PYMALLOC") in (None, 1),
    "ext_suffix": var("EXT_SUFFIX") or "",
    "system": system,
    "platform": platform_name,
    "bits": 64 if sys.maxsize > 2**32 else 32,
    "elf": header,
    "glibc": libc,
    "musl": musl(header) if system == "Linux" else "",
    "refused_manylinux": [],
    "macos": macos() if system == "Darwin" else None,
    "ios": None,
    "android_api": 0,
    "pyemscripten": str(var("PYEMSCRIPTEN_PLATFORM_VERSION") or ""),
    "paths": {name: sysconfig.get_paths().get(name, "") for name in ("purelib", "platlib", "scripts", "data", "include")},
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": version(sys.implementation.version),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": system,
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
}
if libc.startswith("2."):
    arch = platform_name.partition("-")[2].replace("-", "_").replace(".", "_")
    facts["refused_manylinux"] = refused_manylinux(int(libc[2:].split(".")[0].split("-")[0] or 0), arch)
if system == "iOS":
    facts["ios"] = [platform.ios_ver()[1], sys.implementation._multiarch]
if system == "Android":
    facts["android_api"] = platform.android_ver().api_level
sys.stdout.write("\nxpip-probe:" + json.dumps(facts) + "\n")
