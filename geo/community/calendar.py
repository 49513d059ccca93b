"""iCalendar (RFC 5545, RFC 7986) of activities, for Thunderbird, Google, phones: what our own table says.

One series is one VEVENT in civil time of Brussels, with its rule, exceptions and additions; a cancelled date
stands beside it with its own status, so that calendars strike it out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from icalendar import Calendar, Event, Timezone, vRecur

from geo.community.agenda import ActivityTold
from geo.community.recurrence import Recurrence, holiday_times, parts_of, to_utc
from geo.community.rhythm import describe
from geo.directory.schedules import BRUSSELS
from geo.vocabulary import Lang, Text

#: How often subscribers should look again.
REFRESH: Final = dt.timedelta(hours=6)
#: Public holidays are written as exceptions this far ahead; subscribers have come back long before.
_AHEAD: Final = dt.timedelta(days=3 * 366)

#: The European rule, in force since 1996; what a library would list year by year ends one day.
_BRUSSELS: Final = """\
BEGIN:VTIMEZONE
TZID:Europe/Brussels
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
"""

_WORDS: Final[dict[str, Text]] = {
    "cancelled": Text("Annulé : {title}", "Geannuleerd: {title}", "Cancelled: {title}"),
    "example": Text("Exemple fictif : {title}", "Fictief voorbeeld: {title}", "Fictional example: {title}"),
    "free": Text("Gratuit", "Gratis", "Free"),
    "price": Text("Prix : {price} €", "Prijs: {price} €", "Price: € {price}"),
    "required": Text("Inscription nécessaire", "Inschrijven is nodig", "Registration is needed"),
    "recommended": Text("Inscription souhaitée", "Inschrijven is gewenst", "Please register"),
}


def write_calendar(
    activities: Sequence[ActivityTold],
    *,
    name: str,
    lang: Lang,
    base_url: str,
    themes: Mapping[str, Text],
    today: dt.date,
) -> bytes:
    """Return activities as an iCalendar file in UTF-8.

    Parameters
    ----------
    name : str
        Of the calendar, as subscribers read it.
    base_url : str
        Of our pages, without a slash at its end.
    themes : mapping
        Names of themes by code: the categories.
    today : datetime.date
        Civil day in Brussels; public holidays become exceptions until three years after it.

    Returns
    -------
    bytes
        The same for the same activities: times of writing are those of the last change.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Quartier//Activities//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for field in ("name", "x-wr-calname"):
        calendar.add(field, name)
    calendar.add("x-wr-timezone", "Europe/Brussels")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    calendar.add_component(Timezone.from_ical(_BRUSSELS))
    for activity in activities:
        for event in _events(activity, lang, base_url, themes, today):
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def changed_at(activities: Iterable[ActivityTold]) -> dt.datetime | None:
    """Return when one of the activities was last changed."""
    return max((each.changed_at for each in activities), default=None)


def _events(
    activity: ActivityTold, lang: Lang, base_url: str, themes: Mapping[str, Text], today: dt.date
) -> list[Event]:
    when = activity.recurrence
    is_series = bool(when.rrule or when.rdates)
    series = _event(activity, when.starts_at, lang, base_url, themes, today)
    if when.rrule:
        series.add("rrule", vRecur.from_ical(_with_utc_end(when.rrule)))
    for date in when.rdates:
        series.add("rdate", date.replace(tzinfo=BRUSSELS))
    holidays = holiday_times(when, when.starts_at.date(), today + _AHEAD)
    left_out = {*when.exdates, *holidays} - (set(when.rdates) - set(when.exdates))
    for date in sorted(left_out):  # an exception would take away an addition of the same moment
        series.add("exdate", date.replace(tzinfo=BRUSSELS))
    if activity.status == "closed" or (not is_series and when.starts_at in when.cancelled):
        _cancel(series, lang)
    if not is_series:
        return [series]
    return [
        series,
        *(_cancelled_date(activity, date, lang, base_url, themes, today) for date in when.cancelled),
    ]


def _event(
    activity: ActivityTold,
    start: dt.datetime,
    lang: Lang,
    base_url: str,
    themes: Mapping[str, Text],
    today: dt.date,
) -> Event:
    event = Event()
    begins = start.replace(tzinfo=BRUSSELS)
    ends = to_utc(start) + dt.timedelta(minutes=activity.recurrence.duration_minutes)
    event.add("uid", f"{activity.id}@quartier")
    event.add("dtstart", begins)
    event.add("dtend", ends.astimezone(BRUSSELS))
    event.add("dtstamp", activity.changed_at.astimezone(dt.UTC))
    event.add("last-modified", activity.changed_at.astimezone(dt.UTC))
    event.add("sequence", activity.version)
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("summary", _title(activity, lang))
    event.add("description", "\n\n".join(_paragraphs(activity, lang, base_url, today)))
    event.add("url", f"{base_url}/{lang}/activities/{activity.id}")
    if where := ", ".join(filter(None, (_say(activity.place_name, lang), activity.address))):
        event.add("location", where)
    if activity.point:
        event.add("geo", (round(activity.point.lat, 6), round(activity.point.lon, 6)))
    if activity.themes:
        event.add("categories", [_say(themes.get(code), lang) or code for code in activity.themes])
    return event


def _cancelled_date(activity: ActivityTold, date: dt.datetime, *rest: Any) -> Event:
    event = _event(activity, date, *rest)
    event.add("recurrence-id", date.replace(tzinfo=BRUSSELS))
    _cancel(event, rest[0])
    return event


def _cancel(event: Event, lang: Lang) -> None:
    for field, told in (
        ("status", "CANCELLED"),
        ("summary", _told("cancelled", lang, title=event["summary"])),
    ):
        del event[field]
        event.add(field, told)


def _with_utc_end(rule: str) -> str:
    """Return a rule whose UNTIL is UTC, as RFC 5545 asks where the start has a time zone."""
    parts = parts_of(rule)
    if "UNTIL" in parts:
        civil = dt.datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%S")
        parts["UNTIL"] = f"{to_utc(civil):%Y%m%dT%H%M%SZ}"
    return ";".join(f"{name}={part}" for name, part in parts.items())


def _title(activity: ActivityTold, lang: Lang) -> str:
    title = _say(activity.title, lang)
    return _told("example", lang, title=title) if activity.example else title


def _paragraphs(activity: ActivityTold, lang: Lang, base_url: str, today: dt.date) -> list[str]:
    facts = [_rhythm(activity.recurrence, lang, today)]
    if activity.is_free:
        facts.append(_told("free", lang))
    elif activity.price_eur is not None:
        facts.append(
            _told("price", lang, price=f"{activity.price_eur:.2f}".replace(".", "," if lang != "en" else "."))
        )
    if activity.registration != "none":
        facts.append(_told(activity.registration, lang))
    reach = " · ".join(filter(None, (activity.contact_phone, activity.contact_email)))
    page = f"{base_url}/{lang}/activities/{activity.id}"
    return list(filter(None, (_say(activity.description, lang), "\n".join(filter(None, facts)), reach, page)))


def _rhythm(recurrence: Recurrence, lang: Lang, today: dt.date) -> str:
    # The year of an end is always written: what is subscribed to is read later.
    return describe(recurrence, lang, today - dt.timedelta(days=366)) or ""


def _say(text: Text | None, lang: Lang) -> str:
    found = text.in_language(lang) if text else None
    return found[0] if found else ""


def _told(key: str, lang: Lang, **gaps: Any) -> str:
    return _say(_WORDS[key], lang).format(**gaps)
