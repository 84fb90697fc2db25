"""Starts the workflows of what was uploaded and deleted, no more of each at once than there are places."""
