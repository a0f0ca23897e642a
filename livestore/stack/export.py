"""`manage.py servers`: the addresses of a running demo, as lines a shell understands."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence

from livestore.stack.door import data_folder
from livestore.stack.errors import StackError
from livestore.stack.folder import DataFolder
from livestore.stack.servers import environment, running


def main(argv: Sequence[str]) -> int:
    """Print `export NAME=value` lines, for `eval "$(python3 manage.py servers)"`."""
    parser = argparse.ArgumentParser(
        prog="manage.py servers",
        description='Print the variables of a running demo: eval "$(python3 manage.py servers)".',
    )
    parser.parse_args(argv)
    folder = data_folder()
    state = running(DataFolder(folder))
    if state is None:
        raise StackError(f"nothing runs on {folder}. Start it with: python3 manage.py demo")
    for name, value in environment(state, folder).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
