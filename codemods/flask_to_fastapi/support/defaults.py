"""A second, shorter address for a view, where a part of the path has a default value.

    @bp.get("/all/page/{page:int}", name="blog.all")
    def all(page: int): ...

    bp.add_api_route("/all/", with_defaults(all, page=1), name="blog.all")

As in Flask `/all/page/1` then goes to `/all/`, and `url_for("blog.all", page=1)` gives that too. Where the default is
the view's own, there is no such redirect:

    bp.add_api_route("/all/", without(all, "page"), name="blog.all")
"""

import inspect
from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

URL_DEFAULTS = "__url_defaults__"


def with_defaults(view: Callable[..., Any], **values: Any) -> Callable[..., Any]:
    """The view with these values for its parameters, which are then no parameters of the request."""
    route = without(partial(view, **values), *values)
    route.__dict__[URL_DEFAULTS] = {**values, **(defaults_of(view) or {})}
    return route


def without(view: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """The view, where these parameters have their defaults and are no parameters of the request."""
    route = update_wrapper(partial(view), getattr(view, "func", view))
    # else the signature would be the one of the view
    del route.__dict__["__wrapped__"]
    signature = inspect.signature(view)
    left = [parameter for name, parameter in signature.parameters.items() if name not in names]
    route.__dict__["__signature__"] = signature.replace(parameters=left)
    return route


def defaults_of(view: Callable[..., Any] | None) -> dict[str, Any] | None:
    """The values that were given to `with_defaults`."""
    return getattr(view, URL_DEFAULTS, None)
