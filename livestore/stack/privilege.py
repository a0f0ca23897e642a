"""Starting a server as somebody PostgreSQL accepts, and making sure it does not outlive us.

PostgreSQL refuses to run as root, and initdb refuses a uid without a name. Both are solved without
`useradd` and without changing any permission: a user namespace in which we are `nobody` (our files
stay ours), or, where namespaces are forbidden, a real `nobody` that keeps the one capability it
needs to reach files below a closed home folder.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path

NOBODY = 65534
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class Way(Enum):
    """How a server is started."""

    DIRECT = "direct"  # an ordinary user with a name
    NAMESPACE = "namespace"  # nobody in a user namespace of our own
    SETUID = "setuid"  # root becomes the real nobody; its data folder is handed over


def choose(force: Way | None = None) -> Way | None:
    """The way that works here, or None. `force` is for tests of the rarer ways."""
    if force is not None:
        return force
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Way.DIRECT
    if _works(enter_namespace):
        return Way.NAMESPACE
    if os.geteuid() == 0 and _works(become_nobody):
        return Way.SETUID
    return None


def before_exec(way: Way, death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: changes who we are, then asks to be signalled when the parent dies.

    In this order: the kernel forgets the death signal when the credentials change.
    """
    parent = os.getpid()

    def enter() -> None:
        if way is Way.NAMESPACE:
            enter_namespace()
        elif way is Way.SETUID:
            become_nobody()
        die_with_parent(parent, death_signal)

    return enter


def die_with_parent(parent: int, death_signal: signal.Signals) -> None:
    """Ask the kernel for `death_signal` when the parent dies, also when it is killed with -9."""
    _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), death_signal)


def enter_namespace() -> None:
    """Continue in a new user namespace as `nobody`, which is our own uid outside. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become_nobody() -> None:
    """Root becomes the real `nobody` and keeps CAP_DAC_OVERRIDE across exec. Raises OSError."""
    _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    mask = 1 << CAP_DAC_OVERRIDE
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    # Two 32-bit halves of (effective, permitted, inheritable).
    data = struct.pack("6I", mask, mask, mask, 0, 0, 0)
    if _libc.capset(header, data) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    if _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def hand_over(folder: Path, owner: int = NOBODY) -> None:
    """Root gives our own folder, and all below it, to `owner` (`nobody` for `Way.SETUID`)."""
    os.chown(folder, owner, owner)
    for base, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(base, name), owner, owner, follow_symlinks=False)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(change: Callable[[], None]) -> bool:
    """Try a change of credentials in a child that does nothing else."""

    def enter() -> None:
        change()
        if not _has_name(os.geteuid()):
            raise OSError("the user has no name")

    try:
        subprocess.run([sys.executable, "-I", "-S", "-c", ""], preexec_fn=enter, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
