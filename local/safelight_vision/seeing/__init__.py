"""What the local models see in a picture."""
