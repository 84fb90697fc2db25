"""The models' weights: fetched, read and built."""
