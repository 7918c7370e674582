"""Where the page is to be had, and for whom."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from rag.errors import ConfigError
from rag.loopback import is_loopback

PORTS = range(7860, 7960)


@dataclass(frozen=True, slots=True)
class Access:
    """An address, and who may use it; `login` is `user:password`.

    Raises ConfigError where others could reach it without one and that is not wanted.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    login: str | None = None
    public: bool = False

    def __post_init__(self) -> None:
        if self.login is None and not self.public and not is_loopback(self.host):
            raise ConfigError(
                f"{self.host} lets others reach the page; add --auth USER:PASSWORD, or --public"
            )
        user, _, password = ("user:password" if self.login is None else self.login).partition(":")
        if not (user and password):
            raise ConfigError("--auth needs a name and a password: --auth USER:PASSWORD")

    def free_port(self) -> int:
        """The one that was asked for, else the first free one from 7860, else any."""
        for port in PORTS if self.port is None else ():
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
                if probe.connect_ex(("127.0.0.1" if self.host == "0.0.0.0" else self.host, port)):
                    return port
        return self.port or 0
