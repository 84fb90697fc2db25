"""The roll of the demo."""
