"""Files → documents → chunks."""

from rag.ingest.files import find_files
from rag.ingest.read import SUFFIXES, Reading, read_file

__all__ = ["SUFFIXES", "Reading", "find_files", "read_file"]
