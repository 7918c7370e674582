"""MilvusStore: the same seam over Milvus, its embedded engine or a server; see docs/milvus.md."""
