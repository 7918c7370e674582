"""Other retrieval libraries, measured on the same tasks with the same weights."""
