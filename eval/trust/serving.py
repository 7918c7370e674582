"""A server process of its own, and requests to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from eval.datasets import DatasetError
from eval.trust.parts import ROOT

Reply = tuple[int, Message, bytes]  # whose headers go by any case


@dataclass(frozen=True, slots=True)
class Server:
    address: str
    process: subprocess.Popen[str]

    def post(self, path: str, body: object, patience: float) -> Reply:
        """Raises OSError or HTTPException where no reply comes."""
        return self._send("POST", path, json.dumps(body), patience)

    def delete(self, path: str, patience: float) -> tuple[int, bytes]:
        """Raises OSError or HTTPException where no reply comes."""
        status, _, body = self._send("DELETE", path, None, patience)
        return status, body

    def resident(self) -> int:
        """Bytes that the process has in memory (Linux)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    def _send(self, method: str, path: str, body: str | None, patience: float) -> Reply:
        with closing(http.client.HTTPConnection(self.address, timeout=patience)) as connection:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()


@contextmanager
def served(index: Path) -> Iterator[Server]:
    """Without a limit by client, for all are one here."""
    command = [sys.executable, "-m", "eval.speed.serving", str(index), "http"]
    environment = {**os.environ, "RAG_RATE_LIMIT": "0"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://(\S+:\d+)", line):
                yield Server(found[1], process)
                break
        else:
            raise DatasetError(f"{' '.join(command)}: ended with exit code {process.wait()}")
        process.kill()
