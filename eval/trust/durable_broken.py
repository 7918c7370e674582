"""The promises of durability, each with a change of the source that breaks it."""

from __future__ import annotations

from eval.trust.broken import Break

KILLS = "tests/trust/test_durable_kills.py"
ARCHIVE = "tests/trust/test_durable_archive.py"
PURGE = "tests/trust/test_durable_purge.py"
DISK = "tests/trust/test_durable_disk.py"
SUPPLY = "tests/trust/test_durable_supply.py"
CACHES = "tests/store/test_caches.py"

BREAKS: tuple[Break, ...] = (
    Break(
        "a kill between two steps of publishing does no harm",
        "rag/store/writer.py",
        '        write_point("caches written")\n',
        "        with self._transaction():\n"
        '            early = [(k, generation, f"{k}-{generation}", "{}") for k in made]\n'
        "            connection.executemany(\n"
        '                "INSERT OR REPLACE INTO caches VALUES (?, ?, ?, ?)", early\n'
        "            )\n"
        '        write_point("caches written")\n',
        f"{KILLS} -k killed",
    ),
    Break(
        "what is committed is on the disk",
        "rag/store/catalog.py",
        '"PRAGMA synchronous = FULL"',
        '"PRAGMA synchronous = OFF"',
        f"{KILLS} -k acknowledged",
    ),
    Break(
        "a new folder is on the disk",
        "rag/store/disk.py",
        "    for path in missing:\n        flush(path.parent)\n",
        "",
        f"{KILLS} -k acknowledged",
    ),
    Break(
        "a cache is on the disk before it is named",
        "rag/store/disk.py",
        "        flush(path)\n    temporary.rename(final)\n",
        "    temporary.rename(final)\n",
        f"{KILLS} -k acknowledged",
    ),
    Break(
        "a reader sees one generation",
        "rag/store/local.py",
        "                yield LocalSnapshot(connection, view)\n            finally:\n"
        '                connection.execute("ROLLBACK")\n',
        '                connection.execute("ROLLBACK")\n'
        "                yield LocalSnapshot(connection, view)\n            finally:\n"
        "                pass\n",
        f"{KILLS} -k readers",
    ),
    Break(
        "there is one writer at a time",
        "rag/store/lock.py",
        "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "pass",
        "tests/store/test_lock.py",
    ),
    Break(
        "a damaged cache is noticed",
        "rag/store/disk.py",
        "return path.exists() and manifest(path, anew=anew) == expected",
        "return path.exists()",
        f"{CACHES} -k done_without",
    ),
    Break(
        "a damaged cache is kept",
        "rag/store/disk.py",
        "    return (folder / name).rename(target)\n",
        "    discard(folder / name)\n    return target\n",
        f"{CACHES} -k done_without",
    ),
    Break(
        "a full disk damages no cache",
        "rag/store/caches.py",
        "if isinstance(error, OSError) and error.errno in disk.WANTING:",
        "if False:",
        f"{DISK} -k temporary",
    ),
    Break(
        "an index that may not be read is not called damaged",
        "rag/store/catalog.py",
        'if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_SYSTEM:',
        "if False:",
        f"{DISK} -k not_called_damaged",
    ),
    Break(
        "the log of another catalog is not taken over",
        "rag/store/catalog.py",
        "        disk.quarantine(folder, leftover.name)\n",
        "        pass\n",
        f"{DISK} -k log_of_a_catalog",
    ),
    Break(
        "links are not followed in circles",
        "rag/ingest/files.py",
        'if entry.name.startswith(".") or entry.is_symlink():',
        'if entry.name.startswith("."):',
        f"{DISK} -k loop_of_links",
    ),
    Break(
        "a file that changes during a sync is read again",
        "rag/sync.py",
        '                settled if certain else "",\n',
        "                signature(job.file, job.limit)[0],\n",
        f"{DISK} -k changes_during",
    ),
    Break(
        "an emptied folder loses nothing unasked",
        "rag/roots.py",
        "if not files and root.path in self.known and not self.prune:",
        "if False:",
        f"{DISK} -k emptied",
    ),
    Break(
        "a text that is not what was indexed is noticed",
        "rag/indexing.py",
        "digest_of(document, pipeline) == digest",
        "bool(digest_of(document, pipeline))",
        f"{ARCHIVE} -k not_what_was_indexed",
    ),
    Break(
        "what is saved of a damaged catalog is sound",
        "rag/store/salvage.py",
        "    wrong |= {name for (name,) in new.execute(_WITHOUT_VECTOR)}\n",
        "",
        f"{ARCHIVE} -k damaged_pages",
    ),
    Break(
        "an archive brings back what was removed by hand",
        "rag/store/archive.py",
        'tuple(row["excluded"] for row in head if "excluded" in row)',
        "()",
        f"{ARCHIVE} -k byte_for_byte",
    ),
    Break(
        "a damaged archive is refused",
        "rag/archive.py",
        ' or end.get("sha256") != digest.hexdigest()',
        "",
        f"{ARCHIVE} -k refused",
    ),
    Break(
        "a format that is not known is refused",
        "rag/store/catalog.py",
        "    if found == FORMAT:\n",
        "    if found:\n",
        "tests/store/test_migration.py -k later_format",
    ),
    Break(
        "an earlier format keeps its vectors",
        "rag/store/schema.py",
        "SELECT key, halved(value) FROM long_vectors",
        "SELECT key, substr(value, 1, length(value) / 2) FROM long_vectors",
        "tests/store/test_migration.py -k keeps_its_vectors",
    ),
    Break(
        "a purge leaves nothing in free pages",
        "rag/store/writer.py",
        'self._connection.execute("VACUUM")',
        'self._connection.execute("SELECT 1")',
        f"{PURGE} -k nothing_of_the_text",
    ),
    Break(
        "a purge leaves nothing in the log",
        "rag/store/writer.py",
        'self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()',
        "0,",
        f"{PURGE} -k holds_up",
    ),
    Break(
        "a purge leaves nothing in the caches",
        "rag/store/writer.py",
        "            self._publish(None, new)\n",
        "            self._publish_newest()\n",
        f"{PURGE} -k nothing_of_the_text",
    ),
    Break(
        "weights are those that were published",
        "rag/embed/packaged.py",
        "if expected is not None and model.fingerprint != expected:",
        "if False:",
        f"{SUPPLY} -k weights",
    ),
)
