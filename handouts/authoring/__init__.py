"""Room authoring."""
