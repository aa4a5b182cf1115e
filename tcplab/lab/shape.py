"""Walking the models of files: which part of one stands at a place of the file, the keys it knows, its schema."""

from __future__ import annotations

from typing import Annotated, get_args, get_origin

from pydantic import BaseModel

from .model import KINDS, Direction, Link, step_kind

Part = type[BaseModel]


def part_at(root: Part, data: object, path: tuple) -> Part | None:
    """The part of the model `root` that the mapping at `path` of `data` has to be; None where there is no such part."""
    part: Part | None = root
    rest = list(path)
    while rest and part is not None:
        key = rest.pop(0)
        data = _inside(data, key)
        annotation = annotation_of(part, key)
        if annotation is None:
            part = Direction if part is Link else None
            continue
        if rest and get_origin(annotation) in (list, dict):
            data = _inside(data, rest.pop(0))
        part = _chosen(_models(annotation), data)
    return part


def _inside(data: object, key: object) -> object:
    try:
        return data[key]  # type: ignore[index]
    except (LookupError, TypeError):
        return None


def annotation_of(part: Part, key: object) -> object:
    """What a key of a part is annotated with, without None; None when it has no such key."""
    for name, field in part.model_fields.items():
        if (field.alias or name) == key:
            return _bare(field.annotation)
    return None


def _bare(annotation: object) -> object:
    """An annotation without the optional None and what pydantic adds."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    options = [option for option in get_args(annotation) if option is not type(None)]
    if type(None) in get_args(annotation) and len(options) == 1:
        return _bare(options[0])
    return annotation


def _models(annotation: object) -> list[Part]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for option in get_args(annotation) for model in _models(option)]


def _chosen(models: list[Part], data: object) -> Part | None:
    if len(models) > 1:
        return KINDS[step_kind(data) or "task"] if isinstance(data, dict) else None
    return models[0] if models else None


def keys_of(part: Part) -> list[str]:
    """The keys that a part knows, as they are written."""
    return [field.alias or name for name, field in part.model_fields.items() if name != "directions"]


def is_needed(part: Part | None, key: object) -> bool:
    """Whether a part cannot be without this key."""
    return part is not None and any((field.alias or name) == key and field.is_required()
                                    for name, field in part.model_fields.items())


def plain_schema(root: Part, title: str) -> dict[str, object]:
    """The JSON Schema of files of this model, made from the model, so that it cannot disagree."""
    schema = root.model_json_schema(by_alias=True)
    return schema | {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
