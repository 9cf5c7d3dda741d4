"""Room fonts."""
