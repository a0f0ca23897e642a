"""The web's listening socket, and the names under which this machine can be reached."""

from __future__ import annotations

import errno
import fcntl
import ipaddress
import socket
import struct
from contextlib import suppress

from livestore.stack.errors import StackError

BACKLOG = 4096
"""A small backlog loses handshakes in a rush: 16 lost 54 of 5,000, 1024 and 4096 lost none."""
SIOCGIFADDR = 0x8915


def open_socket(host: str, port: int) -> socket.socket:
    """A listening socket that web processes inherit. Port 0 takes a free one.

    Raises StackError (exit code 2) that names a taken port and suggests another.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise StackError(_why(error, host, port), exit_code=2) from error
    opened.setblocking(False)
    return opened


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        free = free_port(host, port + 1)
        advice = f" Port {free} is free: add --port {free}." if free else " Choose another one."
        return f"port {port} is already in use.{advice}"
    if error.errno == errno.EACCES:
        return f"port {port} may only be used by root. Try --port {8000 if port != 8000 else 8080}."
    return f"{host}:{port} can not be used ({error.strerror})."


def free_port(host: str, first: int, tries: int = 200) -> int | None:
    """The first port from `first` on that nobody uses now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, min(first + tries, 65536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
            return port
    return None


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_everywhere(host: str) -> bool:
    return host in {"0.0.0.0", "::", ""}


def local_addresses() -> list[str]:
    """The IPv4 addresses of this machine that others can use, without loopback."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with suppress(OSError):
                question = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(probe.fileno(), SIOCGIFADDR, question)
                found.append(socket.inet_ntoa(answer[20:24]))
    return [address for address in dict.fromkeys(found) if not is_loopback(address)]


def reachable_names(host: str) -> list[str]:
    """Every host name or address by which people may come; the best one to show is the first."""
    local = ["127.0.0.1", "localhost"]
    if is_loopback(host):
        return list(dict.fromkeys([host, *local]))
    others = [*local_addresses(), socket.gethostname().lower()] if is_everywhere(host) else [host]
    return list(dict.fromkeys([*others, *local]))


def url(host: str, port: int) -> str:
    """`http://host:port`, with brackets around IPv6."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
