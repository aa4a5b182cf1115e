"""The shape of a staff overlay, key by key; `overlay` makes the checked one of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from .model import BeforeValidator, Field, Id, Line, Lines, Part, Prose, Word
from .shape import plain_schema

from tcplab.notation.errors import NotationError  # isort: skip

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
Points = Annotated[int, Field(ge=0, le=1000)]


def _due(value: object) -> object:
    if isinstance(value, str):
        try:
            aware = datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise NotationError("This is no instant with a zone.", 0, "Write for example 2026-12-01T23:59+01:00.")
    return value


class StepOverlay(Part):
    """What staff change about a step of the lab."""

    points: Points | None = Field(None, description="Instead of the lab's points; hints cost in proportion.")
    visibility: Visibility | None = None


class CheckModel(Part):
    """A further check, judged on the session as it was played."""

    id: Id
    title: Line | None = None
    at: Id | None = Field(None, description="The step at whose end to judge, over what happened since it began; "
                                            "without it the end of the session, over its whole present path.")
    expr: Line | None = Field(None, description="An EXPR that has to be true.")
    see: Lines = Field([], description="MATCHes that have to happen in this order.")
    never: Lines = Field([], description="MATCHes that must not happen.")
    points: Points = 0
    visibility: Visibility | None = None
    why: Prose | None = Field(None, description="Said when the check fails.")


class OverlayModel(Part):
    """A whole staff overlay."""

    staff: Literal[1] = Field(description="The format of this file.")
    lab: Id
    due: Annotated[str, BeforeValidator(_due)] | None = Field(None, description="ISO 8601 with its zone.")
    visibility: Visibility = Field("visible", description="Of steps and checks that say nothing else.")
    steps: dict[Word, StepOverlay] = {}
    checks: list[CheckModel] = Field([], max_length=200)


def overlay_schema() -> dict[str, object]:
    """The JSON Schema of overlays, for editors."""
    return plain_schema(OverlayModel, "A staff overlay of tcplab")
