"""What is fetched and made once, and kept: packages, places, and the folder for it all."""
