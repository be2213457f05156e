"""Writes the tables that the tests of this package hold it against.

    python oracle.py

in this folder, with pip 26.3 and packaging 26.3 importable and a CPython that
is neither a debug nor a free-threaded build: pip reads its own build's flags
where no ABI is given.

pip.json.gz     what pip lists for its options, over a matrix of them
native.json.gz  what packaging.tags.sys_tags lists on machines that are made up
                of the few facts it asks for
"""

import gzip
import itertools
import json
import sys
import sysconfig
from unittest import mock

import packaging
import pip
from packaging import _manylinux, _musllinux, tags
from packaging._elffile import EIClass, EIData
from pip._internal.cli.cmdoptions import _convert_python_version
from pip._internal.models.target_python import TargetPython

assert pip.__version__ == "26.3" and packaging.__version__ == "26.3"
assert not sysconfig.get_config_var("Py_DEBUG") and not sysconfig.get_config_var("Py_GIL_DISABLED")


def write(name, rows):
    text = "\n".join(json.dumps(row, sort_keys=True, separators=(",", ":")) for row in rows)
    with open(name, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode() + b"\n")
    print(name, len(rows), "rows", len(text), "bytes")


# --- pip's options ---------------------------------------------------------

ARCHS = ["x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64", "loongarch64"]
PLATFORMS = [
    # iOS, Android, macOS, Windows, plain Linux, Emscripten's own: pip expands them, or they stand alone
    "ios_13_0_arm64_iphoneos", "ios_13_4_arm64_iphonesimulator", "ios_15_2_x86_64_iphonesimulator",
    "ios_12_0_arm64_iphoneos", "ios_26_1_arm64_iphoneos",
    "android_24_arm64_v8a", "android_21_x86_64", "android_16_armeabi_v7a", "android_35_x86",
    "macosx_11_0_arm64", "macosx_14_5_arm64", "macosx_26_0_arm64", "macosx_10_9_x86_64", "macosx_10_4_x86_64",
    "macosx_10_16_x86_64", "macosx_12_3_x86_64", "macosx_15_0_x86_64", "macosx_10_13_universal2",
    "macosx_11_0_universal2", "macosx_14_0_universal2", "macosx_10_6_intel", "macosx_11_0_intel",
    "macosx_10_5_i386", "macosx_10_9_fat64", "macosx_10_6_fat3", "macosx_10_5_fat", "macosx_10_6_universal",
    "win_amd64", "win_arm64", "win32",
    *("linux_" + arch for arch in ARCHS + ["armv6l", "armv8l", "ppc64"]),
    "emscripten_4_0_9_wasm32", "any",
    # pip takes these literally, or nearly so
    *("manylinux_2_28_" + arch for arch in ARCHS), *("manylinux2014_" + arch for arch in ARCHS),
    "manylinux2010_x86_64", "manylinux2010_i686", "manylinux1_x86_64", "manylinux1_i686",
    "manylinux_2_5_x86_64", "manylinux_2_17_aarch64", "manylinux_2_39_riscv64", "manylinux_2_43_x86_64",
    *("musllinux_1_2_" + arch for arch in ARCHS), "musllinux_1_0_x86_64", "musllinux_1_1_aarch64",
    "pyemscripten_2024_0_wasm32", "pyemscripten_2025_0_wasm32", "pyemscripten_2026_0_wasm32",
    "pyemscripten_2026_5_wasm32", "pyodide_2024_0_wasm32", "pyodide_2025_0_wasm32",
]
SEVERAL = [
    ["ios_13_0_arm64_iphoneos", "ios_13_0_arm64_iphonesimulator"],
    ["macosx_11_0_arm64", "macosx_12_0_arm64"], ["macosx_12_0_arm64", "macosx_11_0_arm64", "macosx_12_0_arm64"],
    ["macosx_14_0_x86_64", "macosx_14_0_universal2"], ["win_amd64", "win32"], ["win_amd64", "any"], ["any", "win32"],
    ["android_24_arm64_v8a", "android_21_arm64_v8a", "android_30_arm64_v8a"],
    ["linux_x86_64", "linux_i686"],
    ["manylinux2014_x86_64", "linux_x86_64"], ["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
    ["manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_5_x86_64", "any"],
    ["manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"],
    ["manylinux1_x86_64", "manylinux_2_34_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64"],
    ["musllinux_1_1_x86_64", "musllinux_1_2_x86_64"], ["musllinux_1_2_x86_64", "manylinux2014_x86_64"],
    ["pyodide_2025_0_wasm32", "pyemscripten_2025_0_wasm32"],
]
# (Python version, implementation, ABIs asked for, ABIs for pip where it would read its own build's)
RUNTIMES = [
    ("3.14", "cp", None, None), ("3.8", "cp", None, None), ("313", "cp", None, None), ("3.13.2", "cp", ["cp313"], None),
    ("3.13t", "cp", None, ["cp313t"]), ("3.13", "cp", ["cp313t"], None), ("3.15t", "cp", None, ["cp315t"]),
    ("3.15", "cp", ["cp315t", "abi3t", "none"], None), ("3.14", "cp", ["abi3t"], None),
    ("3.12", "cp", ["cp312", "abi3", "none"], None), ("3.12", "cp", ["abi3"], None), ("3.12", "cp", ["none"], None),
    ("3.12", "cp", ["cp312d", "cp312"], None), ("3.7", "cp", None, None), ("37", "cp", ["cp37m"], None),
    ("3", "cp", None, None), ("3", "cp", ["cp311", "none"], None), ("3.2", "cp", None, None), ("2.7", "cp", None, None),
    ("3.11", "pp", ["pypy311_pp73"], None), ("3.11", "pp", None, ["pypy311_pp73"]), ("3.10", "pp", ["none"], None),
    ("3.10", "pp", ["pypy310_pp73", "none"], None), ("3.13", "py", None, ["none"]), ("3.13", "py", ["none"], None),
    ("3.13", "py", ["cp313", "none", "abi3"], None), ("3", "py", None, ["none"]),
    ("3.11", "graalpy", ["graalpy311_native"], None), ("3.4", "ip", None, ["none"]), ("2.7", "jy", ["none"], None),
]


def pip_rows():
    singles = [[platform] for platform in PLATFORMS]
    light = RUNTIMES[:2] + RUNTIMES[4:5] + RUNTIMES[19:20]
    cases = itertools.chain(
        itertools.product(singles, light),
        itertools.product([["ios_13_0_arm64_iphoneos"], ["win_amd64"], ["manylinux2014_x86_64"], ["linux_aarch64"], ["any"],
                           ["android_24_arm64_v8a"], ["pyemscripten_2026_0_wasm32"], ["macosx_11_0_arm64"]], RUNTIMES),
        itertools.product(SEVERAL, RUNTIMES[:1] + RUNTIMES[19:20]),
    )
    rows, seen = [], set()
    for platforms, (version, implementation, abis, instead) in cases:
        key = (tuple(platforms), version, implementation, tuple(abis or ()))
        if key in seen:
            continue
        seen.add(key)
        info, error = _convert_python_version(version.rstrip("t"))
        assert not error, version
        target = TargetPython(platforms, info, list(instead or abis or []) or None, implementation)
        rows.append({
            "platforms": platforms, "version": version, "implementation": implementation, "abis": abis or [],
            "tags": " ".join(map(str, target.get_sorted_tags())), "given": target.format_given() if not instead else "",
        })
    return rows


# --- machines ---------------------------------------------------------------

GLIBC = ({"glibc": "2.36", "system": "Linux", "bits": 64})
ARM_HARD = {"bits": 32, "little": True, "machine": 40, "flags": 0x05000400, "interpreter": "/lib/ld-linux-armhf.so.3"}
ARM_SOFT = dict(ARM_HARD, flags=0x05000200)
X86_32 = {"bits": 32, "little": True, "machine": 3, "flags": 0, "interpreter": "/lib/ld-linux.so.2"}
MACHINES = [
    dict(GLIBC, platform="linux-x86_64"), dict(GLIBC, platform="linux-aarch64"), dict(GLIBC, platform="linux-ppc64le"),
    dict(GLIBC, platform="linux-s390x", glibc="2.31"), dict(GLIBC, platform="linux-riscv64", glibc="2.39"),
    dict(GLIBC, platform="linux-loongarch64", glibc="2.40"), dict(GLIBC, platform="linux-ppc64"),
    dict(GLIBC, platform="linux-x86_64", bits=32, elf=X86_32), dict(GLIBC, platform="linux-i686", bits=32, elf=X86_32),
    dict(GLIBC, platform="linux-armv7l", bits=32, elf=ARM_HARD), dict(GLIBC, platform="linux-armv7l", bits=32, elf=ARM_SOFT),
    dict(GLIBC, platform="linux-aarch64", bits=32, elf=ARM_HARD), dict(GLIBC, platform="linux-armv6l", bits=32),
    dict(GLIBC, platform="linux-x86_64", glibc="2.17"), dict(GLIBC, platform="linux-x86_64", glibc="2.4"),
    dict(GLIBC, platform="linux-x86_64", refused_manylinux=[17, 28, 5]),
    dict(GLIBC, platform="linux-x86_64", glibc="", musl="1.2.4"), dict(GLIBC, platform="linux-aarch64", glibc="", musl="1.1.24"),
    dict(GLIBC, platform="linux-x86_64", glibc=""),
    {"system": "Darwin", "platform": "macosx-11.0-arm64", "bits": 64, "macos": ["14.5", "arm64"]},
    {"system": "Darwin", "platform": "macosx-10.13-universal2", "bits": 64, "macos": ["26.1.0", "arm64"]},
    {"system": "Darwin", "platform": "macosx-10.9-x86_64", "bits": 64, "macos": ["10.15.7", "x86_64"]},
    {"system": "Darwin", "platform": "macosx-10.9-x86_64", "bits": 64, "macos": ["13.1", "x86_64"]},
    {"system": "Windows", "platform": "win-amd64", "bits": 64}, {"system": "Windows", "platform": "win-arm64", "bits": 64},
    {"system": "Windows", "platform": "win32", "bits": 32},
    {"system": "Emscripten", "platform": "emscripten-5.0.3-wasm32", "bits": 32, "pyemscripten": "2026_0"},
    {"system": "Emscripten", "platform": "emscripten-4.0.9-wasm32", "bits": 32},
    {"system": "iOS", "platform": "ios-13.0-arm64-iphoneos", "bits": 64, "ios": ["17.4.1", "arm64-iphoneos"]},
    {"system": "Android", "platform": "android-24-arm64_v8a", "bits": 64, "android_api": 34},
    {"system": "FreeBSD", "platform": "freebsd-14.3-RELEASE-amd64", "bits": 64},
]
PYTHONS = [
    {"implementation": "cpython", "version": [3, 14, 1], "ext_suffix": ".cpython-314.so"},
    {"implementation": "cpython", "version": [3, 13, 2], "gil_disabled": True, "ext_suffix": ".cpython-313t.so"},
    {"implementation": "cpython", "version": [3, 12, 0], "debug": True, "ext_suffix": ".cpython-312d.so"},
    {"implementation": "cpython", "version": [3, 7, 17], "ext_suffix": ".cpython-37m.so"},
    {"implementation": "pypy", "version": [3, 11, 13], "ext_suffix": ".pypy311-pp73-x86_64-linux-gnu.so"},
    {"implementation": "graalpy", "version": [3, 12, 8], "ext_suffix": ".graalpy250-312-native-x86_64-linux.so"},
]


def refuse(versions):
    module = mock.Mock(spec=["manylinux_compatible"])
    module.manylinux_compatible = lambda major, minor, arch: False if minor in versions else None
    return module if versions else None


def platform_tags(machine):
    """packaging's platform tags on the machine."""
    wide = machine["bits"] == 64
    number = lambda text: tuple(int(part) for part in text.split(".")[:2])
    header = machine.get("elf")
    elf = header and mock.Mock(
        capacity=EIClass.C64 if header["bits"] == 64 else EIClass.C32,
        encoding=EIData.Lsb if header["little"] else EIData.Msb, machine=header["machine"], flags=header["flags"])
    parsed = mock.MagicMock()
    parsed.return_value.__enter__.return_value = elf
    musl = machine.get("musl")
    with mock.patch("platform.system", lambda: machine["system"]), \
            mock.patch("sysconfig.get_platform", lambda: machine["platform"]), \
            mock.patch("sysconfig.get_config_var", lambda name: machine.get("pyemscripten")), \
            mock.patch("platform.mac_ver", lambda: (machine["macos"][0], ("", "", ""), machine["macos"][1])), \
            mock.patch("platform.ios_ver", lambda: ("iOS", machine["ios"][0], "", False), create=True), \
            mock.patch("platform.android_ver", lambda: mock.Mock(api_level=machine["android_api"]), create=True), \
            mock.patch.object(sys.implementation, "_multiarch", (machine.get("ios") or ["", ""])[1], create=True), \
            mock.patch.object(_manylinux, "_parse_elf", parsed), \
            mock.patch.object(_manylinux, "_get_glibc_version", lambda: number(machine.get("glibc") or "-1.-1")), \
            mock.patch.object(_manylinux, "_get_manylinux_module", lambda: refuse(machine.get("refused_manylinux"))), \
            mock.patch.object(_musllinux, "_get_musl_version",
                              lambda executable: _musllinux._MuslVersion(*number(musl)) if musl else None), \
            mock.patch.object(tags._linux_platforms, "__defaults__", (not wide,)), \
            mock.patch.object(tags._mac_arch, "__defaults__", (not wide,)):
        return list(tags.platform_tags())


def sys_tags(python, platforms):
    """tags.sys_tags of the Python, given the platform tags."""
    version = tuple(python["version"][:2])
    variables = {
        "Py_DEBUG": int(python.get("debug", False)), "Py_GIL_DISABLED": int(python.get("gil_disabled", False)),
        "WITH_PYMALLOC": 1, "EXT_SUFFIX": python["ext_suffix"], "py_version_nodot": "%d%d" % version,
    }
    with mock.patch("sysconfig.get_config_var", variables.get), \
            mock.patch.object(sys.implementation, "name", python["implementation"]), \
            mock.patch.object(tags, "platform_tags", lambda: iter(platforms)), \
            mock.patch.object(tags.sys, "version_info", (*version, python["version"][2], "final", 0)):
        return list(tags.sys_tags())


def facts(machine, python):
    """The answer of probe.py on such a machine."""
    full = ".".join(map(str, python["version"]))
    answer = {
        "schema": 1, "executable": "/opt/python/bin/python3", "prefix": "/opt/python", "base_prefix": "/opt/python",
        "nodot": "%d%d" % tuple(python["version"][:2]), "gil_disabled": False, "debug": False, "pymalloc": True,
        "elf": None, "glibc": "", "musl": "", "refused_manylinux": [], "macos": None, "ios": None, "android_api": 0,
        "pyemscripten": "", "paths": {}, "markers": {"python_full_version": full},
    }
    answer.update(machine)
    answer.update(python)
    return answer


def native_rows():
    rows = []
    for machine in MACHINES:
        platforms = platform_tags(machine)
        for python in PYTHONS if machine["platform"] in ("linux-x86_64", "macosx-11.0-arm64", "win-amd64") else PYTHONS[:1]:
            rows.append({"facts": facts(machine, python), "tags": " ".join(map(str, sys_tags(python, platforms)))})
    return rows


write("pip.json.gz", pip_rows())
write("native.json.gz", native_rows())
