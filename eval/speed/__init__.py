"""Speed and size of the whole, measured beside other libraries: `python -m eval speed`."""
