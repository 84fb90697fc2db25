"""Walkers of file formats, over anything seekable: where things lie in a file, without decoding any of it."""
