"""The bodies that views read by themselves, as the documentation of the app shows them."""

from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class shown_as:
    """Documents a body as this model, and lets all other JSON through, for the view to check.

    data: Annotated[Any, Body(), shown_as(BookRoom)]
    """

    def __init__(self, model: type) -> None:
        self.model = model

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(json_only)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(TypeAdapter(self.model).core_schema)


def json_only(body: Any) -> Any:
    """FastAPI hands on as bytes what was not sent as JSON."""
    if isinstance(body, bytes):
        raise PydanticCustomError("json", "Not JSON")
    return body


def documents(model: type) -> dict[str, Any]:
    """The `openapi_extra=` of a route, so that its documentation shows the body that `json_as` reads."""
    schema = TypeAdapter(model).json_schema()
    content = {"application/json": {"schema": inlined(schema, schema.pop("$defs", {}))}}
    return {"requestBody": {"content": content}}


def inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its definitions put in their places; one that holds itself says no more there."""
    if isinstance(schema, list):
        return [inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" not in schema:
        return {key: inlined(value, definitions) for key, value in schema.items()}
    name = schema["$ref"].rpartition("/")[2]
    others = {key: value for key, value in definitions.items() if key != name}
    return inlined(definitions.get(name, {}), others)
