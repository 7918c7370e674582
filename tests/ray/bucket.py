"""A bucket on loopback: as much of S3 as reading takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "papers"


@contextmanager
def serving(objects: Mapping[str, bytes], changed: float) -> Iterator[str]:
    """Serve these objects, all changed at that time (seconds since 1970); yields the endpoint."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            key = unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").strip("/")
            if not key:
                prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
                self._send(200, _listing(objects, prefix))
            elif key in objects:
                data = objects[key]
                first, last = 0, len(data) - 1
                if wanted := self.headers.get("Range"):
                    first, last = map(int, wanted.removeprefix("bytes=").split("-"))
                    self._send(206, data[first : last + 1])
                else:
                    self._send(200, data)
            else:
                self._send(404, b"")

        do_HEAD = do_GET

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Last-Modified", formatdate(changed, usegmt=True))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    def _listing(objects: Mapping[str, bytes], prefix: str) -> bytes:
        from datetime import UTC, datetime

        stamp = datetime.fromtimestamp(changed, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{stamp}</LastModified>"
            f"<Size>{len(data)}</Size></Contents>"
            for key, data in sorted(objects.items())
            if key.startswith(prefix)
        )
        return (
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()
        )

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
