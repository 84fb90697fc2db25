"""The commands of `safelight`, a module for each kind."""
