"""Sends the events of originals that nobody has decided on, a part of the bucket at a time."""
