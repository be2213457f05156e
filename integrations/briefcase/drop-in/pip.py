"""Stands in front of pip on PYTHONPATH, for tools that run `python -m pip`.

`python -m pip … install … --platform TAG …` goes to xpip with the same
arguments; every other call, and every `import pip`, reaches the pip that is
installed. xpip is looked for on PATH, or is the program that XPIP names.
"""

import importlib
import os
import runpy
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def for_a_foreign_platform(arguments):
    return "install" in arguments and any(
        a == "--platform" or a.startswith("--platform=") for a in arguments
    )


def run_xpip(arguments):
    xpip = os.environ.get("XPIP") or shutil.which("xpip")
    if not xpip:
        sys.exit(
            "ERROR: xpip is not on PATH, and no variable XPIP names it: "
            f"{os.path.join(HERE, 'pip.py')} cannot call it."
        )
    # What runs here is a Python of this machine, of the version that the tool
    # works with: it can build what comes as source.
    environment = {"PIP_BUILD_PYTHON": sys.executable, **os.environ}
    sys.exit(subprocess.call([xpip, *arguments], env=environment))


def uncover_pip():
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != HERE]
    importlib.invalidate_caches()


if __name__ == "__main__":
    if for_a_foreign_platform(sys.argv[1:]):
        run_xpip(sys.argv[1:])
    uncover_pip()
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
else:
    uncover_pip()
    del sys.modules["pip"]
    importlib.import_module("pip")  # the import statement takes it from sys.modules
