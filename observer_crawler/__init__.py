"""The complete, clean record of one newspaper."""

__version__ = "0.1.0"
