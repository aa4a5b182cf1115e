"""The shape of a translation, for the schema that editors use; `translate` checks the file against its lab."""

from __future__ import annotations

from typing import Annotated

from .model import Field, Id, Part, Prose, Word
from .shape import plain_schema

Mark = Annotated[str, Field(pattern="^t[0-9a-f]{8}$", description="Which texts of the lab this was made from.")]


class ChoiceTexts(Part):
    """The texts of one choice."""

    text: Word | None = None
    why: Prose | None = None


class StepTexts(Part):
    """The texts of one step; the keys are those of the lab."""

    of: Mark
    title: Prose | None = None
    say: Prose | None = None
    task: Prose | None = None
    ask: Prose | None = None
    hints: list[Prose] | None = Field(None, description="As many as the lab has, in its order.")
    choices: list[ChoiceTexts] | None = Field(None, description="As many as the lab has, in its order.")
    order: list[Word] | None = None
    match: dict[str, Word] | None = None
    wrong: dict[str, Prose] | Prose | None = Field(None, description="Under the same expressions as in the lab.")
    after: Prose | None = None


class TranslationModel(Part):
    """A whole translation."""

    lang: str = Field(pattern="^[a-z]{2}$", description="The language, as in the name of the file.")
    lab: Id
    of: Mark
    title: Prose | None = None
    summary: Prose | None = None
    steps: dict[Id, StepTexts] = {}


def translation_schema() -> dict[str, object]:
    """The JSON Schema of translations, for editors."""
    return plain_schema(TranslationModel, "A translation of a lab of tcplab")
