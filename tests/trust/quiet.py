"""A command that may speak to this machine only: `python -m tests.trust.quiet LOG MODULE …`.

Each time that it looks up or calls another, a line is added to LOG, and it is refused.
"""

from __future__ import annotations

import ipaddress
import runpy
import sys
from pathlib import Path
from typing import Any

CALLS = ("socket.connect", "socket.sendto", "socket.sendmsg")
NAMES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def away(event: str, given: tuple[Any, ...]) -> str:
    """The other machine that an audit event is about; empty where there is none."""
    if event in CALLS and isinstance(given[1], tuple):
        host = given[1][0]
    elif event in NAMES:
        host = given[0]
    else:
        return ""
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        near = ipaddress.ip_address(name).is_loopback or name in ("0.0.0.0", "::")
    except ValueError:
        near = name == "localhost"
    return "" if near else name


def main() -> None:
    log, module, *rest = sys.argv[1:]

    def heard(event: str, given: tuple[Any, ...]) -> None:
        if name := away(event, given):
            with Path(log).open("a", encoding="utf-8") as out:
                out.write(f"{event} {name}\n")
            raise ConnectionRefusedError(f"{name} is another machine")

    Path(log).touch()
    sys.addaudithook(heard)
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
