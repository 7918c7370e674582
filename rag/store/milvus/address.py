"""Where a Milvus index lies: `milvus:./archive.db` or `milvus:http://host:19530/name`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from rag.errors import ConfigError

PREFIX = "milvus:"
FORMS = "write milvus:./archive.db or milvus:http://host:19530/name"
INDEXES = ("FLAT", "AUTOINDEX", "HNSW", "HNSW_SQ", "IVF_FLAT", "IVF_SQ8", "DISKANN")
_NAME = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """`uri` is a path that ends in `.db`, or a server's; `name` begins the names of collections.

    `index` and `shards` say how the collections of a new index are made.
    """

    uri: str
    name: str = "rag"
    index: str = "FLAT"
    shards: int = 1

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ConfigError."""
        rest = text.removeprefix(PREFIX)
        if not rest.startswith(("http://", "https://")):
            if not rest.endswith(".db") or rest == ".db":
                raise ConfigError(f"index is {text!r}; {FORMS}")
            return cls(str(Path(rest).expanduser()))
        parts = urlsplit(rest)
        name = parts.path.strip("/")
        if not parts.hostname or not _NAME.fullmatch(name):
            raise ConfigError(f"index is {_told(rest)!r}, which names no index there; {FORMS}")
        uri = f"{parts.scheme}://{parts.netloc}"
        return cls(uri, name, *_options(dict(parse_qsl(parts.query))))

    @property
    def local(self) -> bool:
        """Whether it is a file of the embedded engine, which serves one process."""
        return self.uri.endswith(".db")

    @property
    def folder(self) -> Path:
        """Where this machine keeps what is its own: uploaded files and feedback."""
        return Path(self.uri) if self.local else Path(f"{self.name}.files")

    def __str__(self) -> str:
        """As it is shown: without a password."""
        return f"{PREFIX}{self.uri}" if self.local else f"{PREFIX}{_told(self.uri)}/{self.name}"


def _told(uri: str) -> str:
    return re.sub(r"//[^/]*@", "//", uri)


def _options(given: dict[str, str]) -> tuple[str, int]:
    index, shards = given.pop("index", "FLAT").upper(), given.pop("shards", "1")
    if given:
        raise ConfigError(f"a Milvus address knows ?index= and &shards=, not {', '.join(given)}")
    if index not in INDEXES:
        raise ConfigError(f"?index={index}: use one of {', '.join(INDEXES)}")
    if not shards.isdecimal() or not 1 <= int(shards) <= 64:
        raise ConfigError(f"&shards={shards}: use 1 to 64")
    return index, int(shards)
