"""Numbers computed by R, compared with ours through the public API."""
