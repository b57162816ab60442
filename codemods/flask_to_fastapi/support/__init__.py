"""What Flask does and FastAPI does otherwise, in small modules: each can be deleted when the app no longer needs it."""
