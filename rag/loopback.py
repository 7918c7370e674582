"""What is only this machine's: the one idea of it that all servers have."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether an address (127.0.0.0/8 or ::1) or a name (`localhost`) leads here and nowhere else.

    Other names are not looked up: where they lead is for others to say.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
