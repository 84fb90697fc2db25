"""What the emulator does otherwise than AWS, a module for each service."""
