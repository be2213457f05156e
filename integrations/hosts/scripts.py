"""Writes scripts for Windows with pip's own code, wherever it runs.

scripts.py FOLDER INTERPRETER console|gui SPECIFICATION...

A specification is that of an entry point: "name = module:function".
"""

import sys
from pathlib import Path

from pip._internal.operations.install.wheel import PipScriptMaker
from pip._vendor import distlib

folder, interpreter, kind, *specifications = sys.argv[1:]
maker = PipScriptMaker(None, folder)
maker._is_nt = True  # what it takes the running system for
maker._get_launcher = lambda letter: (Path(distlib.__file__).parent / f"{letter}64.exe").read_bytes()
maker.clobber = True
maker.variants = {""}
maker.executable = interpreter
for specification in specifications:
    maker.make(specification, {"gui": kind == "gui"})
