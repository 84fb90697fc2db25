"""Brings what changes in a Dropbox to the originals."""
