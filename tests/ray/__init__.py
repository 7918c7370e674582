"""Indexing by a Ray cluster, and of files that lie elsewhere."""
