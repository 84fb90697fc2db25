"""The library over HTTP: who asks, what they may see, and what they decide."""
