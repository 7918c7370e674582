"""The tables of the catalog, and what brings those of an earlier format to the next one."""

FORMAT = "3"

SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE roots (name TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, whole INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE files (root TEXT NOT NULL, path TEXT NOT NULL, signature TEXT NOT NULL,
    digest TEXT NOT NULL, skipped TEXT NOT NULL, PRIMARY KEY (root, path)) WITHOUT ROWID;
CREATE TABLE excluded (doc_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL, root TEXT NOT NULL,
    path TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL, source TEXT,
    first TEXT, last TEXT, language TEXT NOT NULL, url TEXT, extra TEXT NOT NULL,
    characters INTEGER NOT NULL, text TEXT NOT NULL, removed_blocks TEXT NOT NULL,
    added INTEGER NOT NULL, removed INTEGER,
    title_key BLOB NOT NULL DEFAULT x'', signature BLOB NOT NULL DEFAULT x'');
CREATE INDEX documents_title ON documents (title_key);
CREATE UNIQUE INDEX documents_live ON documents (doc_id) WHERE removed IS NULL;
CREATE INDEX documents_file ON documents (root, path);
CREATE INDEX documents_added ON documents (added);
CREATE INDEX documents_removed ON documents (removed) WHERE removed IS NOT NULL;
CREATE INDEX documents_filter ON documents (removed, language, source, first, last, doc_id);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL, position INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, terms TEXT NOT NULL);
CREATE INDEX chunks_document ON chunks (document);
CREATE TABLE sentences (
    row INTEGER PRIMARY KEY AUTOINCREMENT, chunk INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, vector INTEGER);
CREATE INDEX sentences_chunk ON sentences (chunk);
CREATE INDEX sentences_vector ON sentences (vector);
CREATE TABLE vectors (row INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE,
    value BLOB NOT NULL);
CREATE TABLE caches (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL, name TEXT NOT NULL,
    manifest TEXT NOT NULL) WITHOUT ROWID;
"""

# From 1, the sync that follows makes every row anew, because what it makes them of has changed too.
# From 2, vectors become half as long (`halved` is `rag.store.precision.halved_blob`) and sentences
# name theirs by its row; the caches are made anew.
MIGRATIONS = {
    "1": (
        "ALTER TABLE documents ADD COLUMN title_key BLOB NOT NULL DEFAULT x''",
        "ALTER TABLE documents ADD COLUMN signature BLOB NOT NULL DEFAULT x''",
        "CREATE INDEX documents_title ON documents (title_key)",
    ),
    "2": (
        "ALTER TABLE vectors RENAME TO long_vectors",
        "CREATE TABLE vectors (row INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE,"
        " value BLOB NOT NULL)",
        "INSERT INTO vectors (key, value) SELECT key, halved(value) FROM long_vectors",
        "DROP TABLE long_vectors",
        "ALTER TABLE sentences ADD COLUMN vector INTEGER",
        "UPDATE sentences SET vector = (SELECT row FROM vectors WHERE vectors.key = sentences.key)",
        "DROP INDEX sentences_key",
        "ALTER TABLE sentences DROP COLUMN key",
        "CREATE INDEX sentences_vector ON sentences (vector)",
        "CREATE INDEX documents_filter ON documents"
        " (removed, language, source, first, last, doc_id)",
        "DELETE FROM caches",
    ),
}
