"""What Safelight's functions share: contracts, errors, settings, storage and observability."""

__version__ = "0.1.0"
