"""Configuration as Flask's `app.config`: a dict that can be filled from files, objects and the environment.

    app.state.config = Config(Path(__file__).parent)
    app.state.config.from_prefixed_env()

    def view(config: AppConfig):
        config["PAGE_SIZE"]

Of objects and files only UPPERCASE names count. Files are looked for below `root_path`.
"""

import errno
import json
import os
import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection
from werkzeug.utils import import_string

from .config_defaults import DEFAULTS


class Config(dict[str, Any]):
    """The settings of an app; starts with the defaults that Flask had."""

    def __init__(self, root_path: str | os.PathLike[str], defaults: Mapping[str, Any] = DEFAULTS) -> None:
        super().__init__(defaults)
        self.root_path = root_path

    def from_mapping(self, mapping: Mapping[str, Any] | None = None, **values: Any) -> bool:
        """Take the UPPERCASE keys of a mapping."""
        self.update({key: value for key, value in {**(mapping or {}), **values}.items() if key.isupper()})
        return True

    def from_object(self, obj: object | str) -> None:
        """Take the UPPERCASE attributes of an object, or of what an import name stands for."""
        source = import_string(obj) if isinstance(obj, str) else obj
        self.update({key: getattr(source, key) for key in dir(source) if key.isupper()})

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Run a Python file and take its UPPERCASE names; False if it is missing, and that is no error (`silent`)."""
        module = types.ModuleType("config")
        module.__file__ = path = os.path.join(self.root_path, filename)
        source = self.read(path, lambda file: file.read(), "rb", silent, errno.ENOTDIR)
        if source is None:
            return False
        exec(compile(source, path, "exec"), module.__dict__)
        self.from_object(module)
        return True

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Run the Python file that an environment variable names."""
        filename = os.environ.get(variable_name)
        if filename:
            return self.from_pyfile(filename, silent=silent)
        if silent:
            return False
        raise RuntimeError(f"The environment variable {variable_name!r} is not set; it must name a configuration file.")

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: Callable[[IO[Any]], Mapping[str, Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Take what `load` reads from a file, as `json.load` or `tomllib.load` (the latter with `text=False`)."""
        path = os.path.join(self.root_path, filename)
        mapping = self.read(path, load, "r" if text else "rb", silent)
        return False if mapping is None else self.from_mapping(mapping)

    def from_prefixed_env(self, prefix: str = "FLASK", *, loads: Callable[[str], Any] = json.loads) -> bool:
        """Take the environment variables with the prefix, as JSON where they are; `__` leads into nested dicts."""
        start = f"{prefix}_"
        for variable in sorted(name for name in os.environ if name.startswith(start)):
            value: Any = os.environ[variable]
            with suppress(Exception):  # what `loads` does not take stays text
                value = loads(value)
            *parents, key = variable.removeprefix(start).split("__")
            target: dict[str, Any] = self
            for parent in parents:
                target = target.setdefault(parent, {})
            target[key] = value
        return True

    def get_namespace(self, namespace: str, lowercase: bool = True, trim_namespace: bool = True) -> dict[str, Any]:
        """The settings whose names begin with the namespace."""
        found = {key: value for key, value in self.items() if key.startswith(namespace)}
        if trim_namespace:
            found = {key.removeprefix(namespace): value for key, value in found.items()}
        return {key.lower(): value for key, value in found.items()} if lowercase else found

    def read(self, path: str, load: Callable[[IO[Any]], Any], mode: str, silent: bool, *also_missing: int) -> Any:
        """What `load` makes of the file, or None if the file is missing and that is no error."""
        try:
            with open(path, mode) as file:
                return load(file)
        except OSError as error:
            if silent and error.errno in (errno.ENOENT, errno.EISDIR, *also_missing):
                return None
            error.strerror = f"Unable to load configuration file ({error.strerror})"
            raise

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {super().__repr__()}>"


async def app_config(request: HTTPConnection) -> Config:
    config: Config = request.app.state.config
    return config


AppConfig = Annotated[Config, Depends(app_config)]
