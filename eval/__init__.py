"""How good are the answers? `python -m eval` measures them; see eval/README.md."""
