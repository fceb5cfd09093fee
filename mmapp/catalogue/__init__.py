"""What administrators do with models: `flask models …`."""
