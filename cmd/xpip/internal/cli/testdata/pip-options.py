"""Writes pip-options.json: every option of every command of the pip that runs this.

    python pip-options.py > pip-options.json
"""

import json
import optparse
import sys

import pip
from pip._internal.commands import commands_dict, create_command

commands = {}
for name in sorted(commands_dict):
    parser = create_command(name).parser
    general = {id(option) for group in parser.option_groups[-1:] for option in group.option_list}
    commands[name] = [
        {
            "names": option._long_opts,
            **({"short": option._short_opts} if option._short_opts else {}),
            **({"value": True} if option.takes_value() else {}),
            **({"hidden": True} if option.help == optparse.SUPPRESS_HELP else {}),
            **({"general": True} if id(option) in general else {}),
        }
        for option in parser.option_list_all
    ]

json.dump({"pip": pip.__version__, "commands": commands}, sys.stdout, indent=1)
print()
