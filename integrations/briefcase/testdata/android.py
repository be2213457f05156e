"""Installs requirements for two ABIs of an Android app from a folder of wheels.

The installed Briefcase writes the two files that its Android template reads;
Chaquopy's part, which Gradle runs later, is done here by pip with the arguments
that Chaquopy gives it: every line of pip-options.txt is one.

usage: android.py FOLDER WHEELS REQUIREMENTS [PIP ARGUMENT ...]
"""

import subprocess
import sys
from pathlib import Path

from briefcase.config import DraftAppConfig, FinalizedAppConfig
from briefcase.console import Console
from briefcase.platforms.android.gradle import GradleCreateCommand


def main(folder, wheels, requirements, *pip_args):
    folder = Path(folder).resolve()
    app = FinalizedAppConfig(
        DraftAppConfig(
            app_name="demo", version="1.0", bundle="com.example", description="A demo",
            sources=["src/demo"], license="MIT", license_files=[],
            requirement_installer_args=["--no-index", "--find-links", wheels],
        )
    )
    command = GradleCreateCommand(console=Console(), base_path=folder, data_path=folder / "data")
    command._write_requirements_file(
        app, requirements.split(), folder / "requirements.txt", folder / "pip-options.txt"
    )
    options = (folder / "pip-options.txt").read_text(encoding="utf-8").splitlines()
    for abi in ["arm64_v8a", "x86_64"]:
        subprocess.run(
            [
                sys.executable, "-m", "pip", "install", "--disable-pip-version-check",
                "--only-binary", ":all:", "--no-compile", "--target", folder / abi,
                "--platform", f"android_24_{abi}", *pip_args, *options,
                "-r", folder / "requirements.txt",
            ],
            check=True,
        )


main(*sys.argv[1:])
