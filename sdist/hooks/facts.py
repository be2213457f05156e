"""Prints what xpip needs to know of a Python that builds, as JSON."""

import json
import os
import sys
import sysconfig

paths = sysconfig.get_paths()
schemes = sysconfig.get_scheme_names()
scheme = "venv" if "venv" in schemes else "nt" if os.name == "nt" else "posix_prefix"
libdir = sysconfig.get_config_var("LIBDIR")
print(json.dumps({
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
    "version": list(sys.version_info),
    "implementation": sys.implementation.name,
    "platform": sysconfig.get_platform(),
    "prefix": sys.base_prefix,
    "exec_prefix": sys.base_exec_prefix,
    "paths": [p for p in (paths["stdlib"], paths["platstdlib"], paths["include"], paths["platinclude"], libdir) if p],
    "purelib": sysconfig.get_path("purelib", scheme, {"base": "", "platbase": ""}).strip("/\\").replace("\\", "/"),
}))
