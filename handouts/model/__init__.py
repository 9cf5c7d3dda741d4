"""The frozen types that flow through the five steps. Nothing here reads, writes or prints."""
