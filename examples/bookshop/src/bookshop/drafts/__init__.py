"""Not ready yet."""
