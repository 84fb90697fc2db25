"""The gallery page, which needs no server."""
