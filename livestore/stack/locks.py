"""`manage.py lock`: re-makes the two hashed locks from their .in files, for every platform at once."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec

from livestore import bootstrap
from livestore.stack.errors import StackError
from livestore.stack.table import ROOT


def main(argv: Sequence[str]) -> int:
    """Exit code of uv. The development lock is resolved under the runtime lock, so it contains it."""
    parser = argparse.ArgumentParser(prog="manage.py lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest allowed versions")
    options = parser.parse_args(argv)
    pip = ["python", "-m", "pip"] if find_spec("pip") else None
    uv = bootstrap.ensure_uv(ROOT, None)
    if uv is None:
        raise StackError("uv is missing; install it (pip install uv) and try again.")
    settings = bootstrap.uv_settings(bootstrap.pip_settings(pip))
    for name, extra in (("requirements", ()), ("requirements-dev", ("-c", "requirements.txt"))):
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-header"]
        command += ["--no-emit-index-url", "--no-emit-find-links"]
        command += [*extra, "-o", f"{name}.txt", f"{name}.in"]
        command += ["--upgrade"] if options.upgrade else []
        environment = os.environ | settings | {"UV_NO_CONFIG": "1"}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code != 0:
            return code
        print(f"{name}.txt is made from {name}.in")
    return 0
