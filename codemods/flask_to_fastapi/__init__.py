"""The codemods that move Flask code to FastAPI, one Flask construct to a file."""
