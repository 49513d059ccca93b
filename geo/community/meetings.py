"""The dates of a space of concertation as iCalendar (RFC 5545)."""

from __future__ import annotations

from icalendar import Calendar, Event

from geo.community.concertation import SpaceTold
from geo.vocabulary import Lang


def write_meetings(space: SpaceTold, lang: Lang, address: str) -> bytes:
    """Return the coming dates of a space, each an event in UTC.

    Parameters
    ----------
    address : str
        Of the space's page.
    """
    name = (space.name.in_language(lang) or ("", lang))[0]
    calendar = Calendar()
    calendar.add("prodid", "-//Quartier//concertation//FR")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    for date in space.dates:
        event = Event()
        event.add("uid", f"{date.id}@quartier")
        event.add("dtstamp", space.changed_at)
        event.add("sequence", space.version)
        event.add("summary", name)
        event.add("dtstart", date.starts_at)
        if date.ends_at:
            event.add("dtend", date.ends_at)
        if date.place:
            event.add("location", date.place)
        if date.note:
            event.add("description", date.note)
        event.add("url", address)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
