"""Bytes → text: which encoding a file is in, or that it is no text at all."""

from __future__ import annotations

import codecs
import re

from rag.errors import UnreadableFile

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = {
    b"%PDF-": "PDF",
    b"PK\x03\x04": "zip",
    b"\x89PNG": "PNG",
    b"{\\rtf": "RTF",
    b"GIF8": "GIF",
}
_CONTROL = re.compile("[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_META = re.compile(rb"<meta[^>]{1,200}?charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([\w-]{1,20})", re.I)
_DECLARABLE = re.compile(r"iso-?8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|shift_jis|gb18030|gbk")
_SAMPLE = 100_000  # bytes or characters that decide; a whole file of 20 MB adds nothing


def decode(data: bytes, path: str, *, html: bool = False) -> str:
    """The text of a file, with `\\n` as its only line end.

    UTF-8, UTF-16 and UTF-32 with or without byte order mark (UTF-32 only with), else what an HTML
    page declares, else cp1252, of which latin-1 text is a part. Raises UnreadableFile for an
    empty or binary file and for bytes that fit no encoding.
    """
    if not data.strip():
        raise UnreadableFile(path, "empty file")
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableFile(path, f"binary file ({name}); save it as text")
    text = _decode(data, path, html)
    sample = text[:_SAMPLE]
    if "\0" in text or len(_CONTROL.findall(sample)) > len(sample) // 100:
        raise UnreadableFile(path, "binary file, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, path: str, html: bool) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], name, path)
    wide = _wide(data[:_SAMPLE])
    if wide:
        return _strict(data, wide, path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = error.start
    if b"\0" in data:
        raise UnreadableFile(path, "binary file, not text")
    declared = _META.search(data[:4096]) if html else None
    name = declared.group(1).decode("ascii").lower() if declared else ""
    # Browsers read latin-1 as cp1252; so do we, as a page that says latin-1 often holds its quotes.
    if _DECLARABLE.fullmatch(name) and name not in ("iso-8859-1", "iso8859-1"):
        return _strict(data, name, path)
    if _damaged_utf8(data):
        raise UnreadableFile(path, f"broken encoding: not UTF-8 at byte {place}; save it as UTF-8")
    return _strict(data, "cp1252", path)


def _strict(data: bytes, name: str, path: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        reason = f"broken encoding: not {name} at byte {error.start}; save it as UTF-8"
        raise UnreadableFile(path, reason) from None
    except LookupError:
        raise UnreadableFile(path, f"unknown encoding {name}; save it as UTF-8") from None


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: of Latin text every other byte is NUL, and none of the rest."""
    even, odd = sample[::2], sample[1::2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(sample) >= 8 and high.count(0) > 0.7 * len(high) and low.count(0) == 0:
            return name
    return None


def _damaged_utf8(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 were meant to be: cp1252 text hardly ever looks like it."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(1 for character in text if character > "\x7f")
    return beyond_ascii - broken >= broken
