"""The JSON Schemas of the files that authors write, for their editors."""

from __future__ import annotations

from .model import LabModel
from .shape import plain_schema


def json_schema() -> dict[str, object]:
    """That of labs; yaml-language-server and others understand it."""
    schema = plain_schema(LabModel, "A lab of tcplab")
    # In a file the directions stand under the hosts' names, beside the settings for both.
    link = schema["$defs"]["Link"]  # type: ignore[index]
    link["additionalProperties"] = link["properties"].pop("directions")["additionalProperties"]
    return schema


def schema_for(kind: str) -> dict[str, object]:
    """That of a kind of file: lab, translation, staff or course. Raises KeyError."""
    from .course import course_schema
    from .overlay_model import overlay_schema
    from .translation_model import translation_schema

    return {"lab": json_schema, "translation": translation_schema, "staff": overlay_schema,
            "course": course_schema}[kind]()


KINDS = ("lab", "translation", "staff", "course")
