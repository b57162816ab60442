"""Flask's extensions: each import of one is reported with what to use instead."""
