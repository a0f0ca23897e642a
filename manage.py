#!/usr/bin/env python3
# ruff: noqa: UP036
"""Every command of livestore starts here: `python3 manage.py demo`, `python3 manage.py test`.

Standard library only, and readable by an old Python, so that it can say what is missing.
"""

import os
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "livestore needs Python 3.11 or newer, this is Python {}.{}. Try: python3.11 {}".format(
            sys.version_info[0], sys.version_info[1], " ".join(sys.argv)
        )
    )


def main() -> int:
    root = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, root)
    from livestore import bootstrap

    bootstrap.enter(root, sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")
    from livestore.stack import door

    return door.run(sys.argv)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)  # before anything was started: nothing to stop, and nothing to explain
