"""Brings back what ended badly and that nobody has heard of, or that an outage has ended, once an hour."""
