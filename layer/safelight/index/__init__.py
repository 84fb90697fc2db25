"""The library as readers see it: a file of SQLite that follows the table's records, and what is asked of it.

Pure: records and connections in, values out. docs/search.md explains the file, and what a search understands.
"""
