"""Makes ZIP archives of photos, whose parts are written side by side."""
