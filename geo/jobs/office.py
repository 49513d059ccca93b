"""What tasks work with: the database, the settings, and who finds the words of a letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from procrastinate import JobContext
from sqlalchemy.ext.asyncio import AsyncEngine

from geo.jobs.delivery import Words
from geo.jobs.letters import Letter
from geo.settings import Settings

Writer = Callable[[Letter, str], Words]


@dataclass(frozen=True, slots=True)
class Office:
    """What tasks work with: the database, the settings, and who finds the words of a letter."""

    engine: AsyncEngine
    settings: Settings
    write: Writer


def office_of(context: JobContext) -> Office:
    """Return what the worker gave its tasks."""
    return cast(Office, context.additional_context["office"])
