"""Room stamp."""
