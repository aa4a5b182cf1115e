"""The JSON Schemas that editors use: everything that is shipped obeys them, and what is misspelt does not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tcplab.cli import cli
from tcplab.grading.starting import template
from tcplab.lab.loader import find_lab, lab_ids, labs_dir
from tcplab.lab.schema import KINDS, schema_for
from tcplab.lab.translate import skeleton, texts_of, translations
from tcplab.lab.yamltree import read_tree

TYPES = {"string": str, "integer": int, "number": (int, float), "object": dict, "array": list, "null": type(None),
         "boolean": bool}  # fmt: skip
#: What the walk below knows; a schema with another word would be taken for obeyed.
WORDS = {"$schema", "$defs", "$ref", "title", "description", "default", "examples", "discriminator", "type",
         "properties", "patternProperties", "required", "additionalProperties", "propertyNames", "items", "anyOf",
         "oneOf", "enum", "const", "pattern",
         "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}


def obeys(data, rule, root) -> bool:
    """Whether `data` is valid by a JSON Schema of those words."""
    if rule is False:
        return False
    assert set(rule) <= WORDS, set(rule) - WORDS
    if "$ref" in rule and not obeys(data, root["$defs"][rule["$ref"].rsplit("/", 1)[1]], root):
        return False
    kinds = rule.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(data, TYPES[kind]) and (kind == "boolean" or not isinstance(data, bool))
                         for kind in kinds):
        return False
    for word in ("anyOf", "oneOf"):
        if word in rule and not any(obeys(data, one, root) for one in rule[word]):
            return False
    if "enum" in rule and data not in rule["enum"] or "const" in rule and data != rule["const"]:
        return False
    if isinstance(data, str):
        return (re.search(rule.get("pattern", ""), data) is not None
                and rule.get("minLength", 0) <= len(data) <= rule.get("maxLength", 10**6))
    if isinstance(data, int):
        return rule.get("minimum", data) <= data <= rule.get("maximum", data)
    if isinstance(data, list):
        return (rule.get("minItems", 0) <= len(data) <= rule.get("maxItems", 10**6)
                and all(obeys(item, rule.get("items", {}), root) for item in data))
    return not isinstance(data, dict) or obeys_keys(data, rule, root)


def obeys_keys(data, rule, root) -> bool:
    known, more = rule.get("properties", {}), rule.get("additionalProperties", True)

    def allowed(key, value) -> bool:
        if key in known:
            return obeys(value, known[key], root)
        fits = [one for pattern, one in rule.get("patternProperties", {}).items() if re.search(pattern, key)]
        return all(obeys(value, one, root) for one in fits or ([{}] if more is True else [more] if more else [False]))

    return set(rule.get("required", ())) <= set(data) and all(allowed(key, value) for key, value in data.items())


def plain(text: str) -> object:
    return read_tree(text, "x").data


SHIPPED = [
    *(("lab", find_lab(lab_id).read_text("utf-8")) for lab_id in lab_ids()[::3]), ("lab", template("mine")),
    *(("translation", file.read_text("utf-8")) for lab_id in lab_ids() for file in translations(find_lab(lab_id))),
    *(("translation", skeleton(find_lab(lab_id), "fr")) for lab_id in lab_ids()[1::6]),
    ("course", (labs_dir() / "course.yaml").read_text("utf-8")),
    ("staff", re.search(r"```yaml\n(staff: 1.*?)```",
                        (Path(__file__).parents[2] / "tcplab/docs/grading.md").read_text("utf-8"), re.DOTALL)[1]),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_everything_shipped_obeys_its_schema(kind):
    schema = schema_for(kind)
    found = [plain(text) for one, text in SHIPPED if one == kind]
    for data in found:
        assert obeys(data, schema, schema) and not obeys(data | {"titel": "x"}, schema, schema)
    assert json.loads(CliRunner().invoke(cli, ["lab", "schema", "--for", kind]).output) == schema


@pytest.mark.parametrize(("old", "new"), [
    ("minutes: 5", "minutes: five"), ("profile: first-lessons", "profile: second"),
    ("    points: 2", "    points: two"),
    ("    hints:", "    hint:"), ("    see: [", "    seen: ["), ("title: My first lab", "summary: none"),
])  # fmt: skip
def test_what_is_wrong_in_a_lab_is_wrong_by_the_schema(old, new):
    schema, text = schema_for("lab"), template("mine")
    assert old in text and not obeys(plain(text.replace(old, new)), schema, schema)


def test_the_schema_of_translations_knows_every_text_of_a_lab():
    known = schema_for("translation")["$defs"]["StepTexts"]["properties"]
    keys = {key for lab_id in lab_ids()[1::5] for step in plain(find_lab(lab_id).read_text("utf-8")).get("steps", ())
            for key in texts_of(step)}  # fmt: skip
    assert keys <= set(known) and {"hints", "choices", "wrong"} <= keys
