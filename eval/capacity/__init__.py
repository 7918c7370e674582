"""What a collection of so many sentences takes: bytes, machines, hours and milliseconds."""
