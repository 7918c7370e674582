"""Files → documents → chunks."""

from rag.ingest.files import find_files
from rag.ingest.read import SUFFIXES, Reading, read_data, read_file
from rag.ingest.remote import File, RemoteFile, fetch, find_remote, is_remote, shown, too_large

__all__ = [
    "SUFFIXES",
    "File",
    "Reading",
    "RemoteFile",
    "fetch",
    "find_files",
    "find_remote",
    "is_remote",
    "read_data",
    "read_file",
    "shown",
    "too_large",
]
