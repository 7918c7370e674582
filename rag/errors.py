"""Every error that the library raises on purpose.

    RagError
    ├── ConfigError            a setting is unknown or has a wrong value
    ├── SourceError            a path given by the user cannot be used at all
    │   └── UnreadableFile     one file (or row) was skipped; the rest goes on
    ├── ModelError             the embedding model is missing, damaged or does not fit
    ├── IndexNotFound          there is no index at this place
    ├── IndexMismatch          the index was made by another model or format
    ├── IndexLocked            another process is writing
    ├── IndexDamaged           the catalog cannot be read
    └── DocumentNotFound       no document has this id

Each message is one line that names the thing, the reason and the remedy.
"""


class RagError(Exception):
    """Base of all errors of this library."""


class ConfigError(RagError):
    """A setting is unknown or has a wrong value."""


class SourceError(RagError):
    """A path given by the user cannot be used."""


class UnreadableFile(SourceError):
    """A file, or one row of it, that cannot become a document.

    `path` is the file (with `:line` for a row), `reason` a short phrase.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class ModelError(RagError):
    """The embedding model is missing, damaged or does not fit."""


class IndexNotFound(RagError):
    """There is no index at this place."""


class IndexMismatch(RagError):
    """The index was made by another model or by another format version."""


class IndexLocked(RagError):
    """Another process is writing to the index."""


class IndexDamaged(RagError):
    """The catalog cannot be read."""


class DocumentNotFound(RagError):
    """No document of the index has this id."""
