"""Room deliver."""
