"""Moves Flask codebases to FastAPI."""

__version__ = "0.1.0"
