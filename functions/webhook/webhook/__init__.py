"""Hears from Dropbox that something has changed, and has one workflow at a time look what it is."""
