"""The JSON Schema of lab files, for editors."""

from __future__ import annotations

from .model import LabModel


def json_schema() -> dict[str, object]:
    """A schema that yaml-language-server and others understand; made from the model, so it cannot disagree."""
    schema = LabModel.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "A lab of tcplab"
    # In a file the directions stand under the hosts' names, beside the settings for both.
    link = schema["$defs"]["Link"]
    link["additionalProperties"] = link["properties"].pop("directions")["additionalProperties"]
    return schema
