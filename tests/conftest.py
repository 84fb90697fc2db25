"""Settings of the test tools that every test shares."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # machines are shared: a test asserts no times
settings.load_profile("unhurried")
