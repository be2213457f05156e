"""Installs requirements for the two slices of an iOS app, as Briefcase does.

Everything between this script and the installer is the installed Briefcase: its
environment classes make the environments and call pip or uv. What an iOS support
package would hold and Linux has no use for is left out of the one made here.

usage: install.py (venv|uv) FOLDER MIN_OS REQUIREMENTS [INSTALLER ARGUMENT ...]
"""

import json
import pprint
import sys
from pathlib import Path

from briefcase.config import DraftAppConfig, FinalizedAppConfig
from briefcase.console import Console
from briefcase.exceptions import RequirementsInstallError
from briefcase.integrations.base import ToolCache
from briefcase.integrations.file import File
from briefcase.integrations.subprocess import NativeAppContext, Subprocess
from briefcase.integrations.virtual_environment.tool import VirtualEnvironmentManager

SLICES = {"iphoneos": "arm64", "iphonesimulator": "arm64"}


def support_package(folder, min_os):
    """Writes what xvenv reads of an iOS support package."""
    series = f"{sys.version_info.major}.{sys.version_info.minor}"
    for sdk, name in {"iphoneos": "ios-arm64", "iphonesimulator": "ios-arm64_x86_64-simulator"}.items():
        library = folder / "Python.xcframework" / name / "lib-arm64" / f"python{series}"
        library.mkdir(parents=True)
        variables = {
            "ABIFLAGS": "",
            "AR": "arm64-apple-ios-ar",
            "CC": "arm64-apple-ios-clang",
            "EXT_SUFFIX": f".cpython-{series.replace('.', '')}-{sdk}.so",
            "IPHONEOS_DEPLOYMENT_TARGET": min_os,
            "LDLIBRARY": "Python.framework/Python",
            "MACHDEP": "ios",
            "MULTIARCH": f"arm64-{sdk}",
            "prefix": "/iOS",
            "VERSION": series,
        }
        text = "build_time_vars = " + pprint.pformat(variables) + "\n"
        (library / f"_sysconfigdata__ios_arm64-{sdk}.py").write_text(text)
        (library / f"_sysconfig_vars__ios_arm64-{sdk}.json").write_text(json.dumps(variables))
        details = {
            "schema_version": "1.0",
            "base_prefix": "/",
            "platform": f"ios-{min_os}-arm64-{sdk}",
            "language": {"version": series},
            "implementation": {"name": "cpython", "_multiarch": f"arm64-{sdk}"},
            "abi": {"flags": []},
        }
        (library / "build-details.json").write_text(json.dumps(details))


def main(manager, folder, min_os, requirements, *installer_args):
    folder = Path(folder).resolve()
    support = folder / "support"
    if not support.exists():
        support_package(support, min_os)
    tools = ToolCache(console=Console(), base_path=folder / "tools")
    Subprocess.verify(tools)
    File.verify(tools)
    app = FinalizedAppConfig(
        DraftAppConfig(
            app_name="demo", version="1.0", bundle="com.example", description="A demo",
            sources=["src/demo"], license="MIT", license_files=[],
        )
    )
    NativeAppContext.verify(tools, app=app)
    kind = VirtualEnvironmentManager.verify(tools)[manager]
    for sdk, arch in SLICES.items():
        environment = kind(
            name=f"{sdk}-{arch}", app=app, tools=tools, base_path=folder,
            platform=sdk, arch=arch, support_path=support,
        )
        environment.prepare()
        try:
            environment.install_requirements(
                requirements.split(),
                require_binary=True,
                min_os_version=min_os,
                install_path=folder / f"app_packages.{sdk}",
                extra_installer_args=list(installer_args),
                install_hint=f"\n\nthe hint for {sdk}",
            )
        except RequirementsInstallError as error:
            print(f"{type(error).__name__} {error.error_code} {sdk}: {error}")
            sys.exit(error.error_code)


main(*sys.argv[1:])
