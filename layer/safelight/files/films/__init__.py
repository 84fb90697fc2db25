"""Walks films: which container, which pictures and sound, how long; nothing is decoded."""
