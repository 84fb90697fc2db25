"""Who is in the photos: what the people function and the library both do to people's records."""
