"""Uploads a photo of its own, of which the workflow `canary` sees what becomes."""
