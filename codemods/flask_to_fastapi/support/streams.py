"""A view that yields its answer: `@app.get("/log", response_class=HTMLStream)`; Flask streams it as HTML, FastAPI as
JSON lines."""

from fastapi.responses import StreamingResponse


class HTMLStream(StreamingResponse):
    """What a view yields, piece by piece, as a page."""

    media_type = "text/html"
