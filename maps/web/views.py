"""What pages show: frozen types that templates read. They hold geo's answers, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from geo.access.destinations import Footing
from geo.accounts.actors import Actor
from geo.accounts.rights import Right
from geo.directory.catalogue import Term
from geo.directory.items import ServiceItem
from geo.directory.orientation import LevelAnswer, Unmet
from geo.territory.zones import ZoneName
from geo.vocabulary import Bbox, Lang, LonLat, Text, Walker
from geo.words import WALKERS

#: Languages that can be asked for: those most spoken in the region and by those who arrive in it.
SPOKEN = ("fr", "nl", "en", "ar", "tr", "es", "pt", "it", "ro", "pl", "ru", "uk", "fa", "ps", "so")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page has around it. `address` is the page's, without its language and its `query`.

    The language stands in the path of a page, and in the query of a door of the standards (`is_door`).

    `limits` says whom the limits of quartiers and the streets, which most maps show, are owed to;
    `has_streets` whether a street network is loaded.
    `actor` is who is signed in, if anybody; `csrf` is what their forms must carry.
    """

    address: str
    section: str
    base_url: str
    has_examples: bool = False
    is_generalised: bool = True
    is_private: bool = False
    background_url: str | None = None
    query: str = ""
    limits: str = ""
    has_streets: bool = False
    actor: Actor | None = None
    csrf: str = ""
    is_door: bool = False

    def in_language(self, lang: Lang, query: str = "") -> str:
        """Return the address of this page in a language."""
        if not self.is_door:
            return f"/{lang}{self.address}{query}"
        kept = [pair for pair in parse_qsl(query[1:], keep_blank_values=True) if pair[0] != "lang"]
        return f"{self.address}?{urlencode([*kept, ('lang', lang)])}"

    def may(self, right: str) -> bool:
        """Return whether who is signed in has a right, by its code."""
        return self.actor is not None and self.actor.may(Right(right))


@dataclass(frozen=True, slots=True)
class ThemeGroup:
    """A group of themes and its themes."""

    theme: Term
    children: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that the reader may have meant."""

    name: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class WalkerChoice:
    """Who walks."""

    value: str
    name: Text


WALKER_CHOICES = {walker: WalkerChoice(walker.value, WALKERS[walker.value]) for walker in Walker}


@dataclass(frozen=True, slots=True)
class Finder:
    """The search form: what was asked, and what can be chosen. Who walks, where minutes are measured."""

    place: str
    at: str | None
    zone: str | None
    origin: LonLat | None
    method: str
    action: str
    level: str
    chosen_level: str | None
    themes: tuple[str, ...]
    languages: tuple[str, ...]
    open_now: bool
    no_papers: bool
    low_threshold: bool
    free: bool
    wheelchair: bool
    q: str
    groups: tuple[ThemeGroup, ...]
    is_start: bool
    walker: WalkerChoice
    walkers: tuple[WalkerChoice, ...]

    @property
    def walk_query(self) -> str:
        """Return what tells the page of a service from where one walks there, and who does."""
        given = {"place": self.place, "at": self.at, "zone": self.zone, "walker": self.walker.value}
        if self.origin and not (self.at or self.zone):
            given |= {"lon": str(self.origin.lon), "lat": str(self.origin.lat)}
        return urlencode({name: value for name, value in given.items() if value and value != "adult"})

    @property
    def language_choices(self) -> tuple[str, ...]:
        """Return the languages that can be asked for, those asked for included."""
        return tuple(dict.fromkeys((*SPOKEN, *self.languages)))


@dataclass(frozen=True, slots=True)
class Results:
    """The answer: levels, cards, and what to say when there are none."""

    levels: Sequence[LevelAnswer] = ()
    zone: ZoneName | None = None
    items: Sequence[ServiceItem] = ()
    to_check: Sequence[ServiceItem] = ()
    unmet: Sequence[Unmet] = ()
    total: int = 0
    stepped_from: ZoneName | None = None
    near_limit: Sequence[ZoneName] = ()
    choices: Sequence[Choice] = ()
    problem: str | None = None
    note: str = ""
    bbox: Bbox | None = None
    footing: Footing = field(default_factory=Footing)

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the codes of the groups that the cards belong to: the legend of the map."""
        return tuple(dict.fromkeys(item.group for item in (*self.items, *self.to_check)))


def group_themes(terms: Iterable[Term]) -> tuple[ThemeGroup, ...]:
    """Return the groups in their order, each with its themes."""
    listed = tuple(terms)
    return tuple(
        ThemeGroup(term, tuple(child for child in listed if child.group == term.code))
        for term in listed
        if term.group is None
    )


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How many services a zone has of a theme."""

    theme: Term
    count: int


@dataclass(frozen=True, slots=True)
class GroupCount:
    """The counts of one group of themes; themes without any service are left out."""

    theme: Term
    themes: tuple[ThemeCount, ...]


def count_by_group(groups: Iterable[ThemeGroup], counts: Mapping[str, int]) -> tuple[GroupCount, ...]:
    """Return the counts per theme, under their groups."""
    found = (
        GroupCount(
            group.theme,
            tuple(ThemeCount(each, counts[each.code]) for each in group.children if counts.get(each.code)),
        )
        for group in groups
    )
    return tuple(group for group in found if group.themes)


def sort_by_name(zones: Iterable[ZoneName], lang: Lang) -> list[ZoneName]:
    """Return zones in the order of their names in the reader's language."""
    return sorted(zones, key=lambda zone: (zone.name.in_language(lang) or ("", lang))[0].casefold())
