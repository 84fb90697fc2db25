"""Keeps the index, by which the library is listed and searched, in line with the table's records."""
