"""Room merge."""
