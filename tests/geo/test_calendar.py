"""iCalendar feeds, read back by independent readers: what they show is what our own table says."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
import vobject
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from geo.community.agenda import ActivityTold
from geo.community.calendar import write_calendar
from geo.community.occurrences import AHEAD_DAYS, occurrence_rows
from geo.community.recurrence import Recurrence, settle
from geo.errors import ContentRefused
from geo.vocabulary import Lang, LonLat, Text

BRUSSELS = ZoneInfo("Europe/Brussels")
TODAY = dt.date(2026, 11, 22)
LAST = TODAY + dt.timedelta(days=AHEAD_DAYS)
TUESDAY = dt.datetime(2026, 11, 24, 18, 0)
WEEKLY = Recurrence(TUESDAY, 90, "FREQ=WEEKLY;UNTIL=20270630")


def activity(recurrence: Recurrence = WEEKLY, **changes: Any) -> ActivityTold:
    """An invented activity."""
    facts: dict[str, Any] = {
        "id": uuid.UUID(int=7),
        "title": Text("Marche douce; ensemble, « doucement »", "Zachte wandeling"),
        "description": Text("Première ligne.\nSeconde ligne, avec virgule; et point-virgule \\ barre."),
        "themes": ("health-promotion",),
        "audiences": (),
        "languages": ("fr",),
        "recurrence": settle(recurrence),
        "is_free": False,
        "price_eur": Decimal("2.50"),
        "registration": "required",
        "contact_phone": None,
        "contact_email": None,
        "website": None,
        "wheelchair": None,
        "place_name": Text("Maison du Roseau (exemple)"),
        "address": "Rue inventée 1, 1000 Bruxelles",
        "point": LonLat(4.3456789, 50.8365),
        "organization": Text(),
        "team": Text(),
        "team_id": None,
        "zones": (),
        "status": "published",
        "example": False,
        "changed_at": dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC),
        "version": 3,
    }
    return ActivityTold(**(facts | changes))


def feed(*activities: ActivityTold, lang: Lang = "fr") -> bytes:
    themes = {"health-promotion": Text("Promotion de la santé", "Gezondheidspromotie")}
    return write_calendar(
        activities, name="Marolles", lang=lang, base_url="https://example.org", themes=themes, today=TODAY
    )


def told_by_table(recurrence: Recurrence) -> set[tuple[dt.datetime, dt.datetime]]:
    rows = occurrence_rows(uuid.UUID(int=7), settle(recurrence), TODAY)
    return {
        (row["starts_at"], row["ends_at"])
        for row in rows
        if not row["is_cancelled"] and TODAY <= row["starts_at"].astimezone(BRUSSELS).date() < LAST
    }


def told_by_reader(body: bytes) -> set[tuple[dt.datetime, dt.datetime]]:
    calendar = icalendar.Calendar.from_ical(body)
    found = recurring_ical_events.of(calendar).between(TODAY, LAST)
    return {
        (each["DTSTART"].dt.astimezone(dt.UTC), each["DTEND"].dt.astimezone(dt.UTC))
        for each in found
        if each["STATUS"] != "CANCELLED"
    }


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    start = draw(st.datetimes(dt.datetime(2026, 11, 22), dt.datetime(2027, 6, 1))).replace(
        second=0, microsecond=0
    )
    assume(4 <= start.hour <= 18)  # readers differ about the hour in which clocks change
    rule = draw(
        st.sampled_from(
            [
                None,
                "FREQ=DAILY;INTERVAL=3",
                "FREQ=WEEKLY",
                "FREQ=WEEKLY;BYDAY=TU,FR;INTERVAL=2",
                "FREQ=WEEKLY;COUNT=12",
                "FREQ=WEEKLY;UNTIL=20270630",
                "FREQ=MONTHLY;BYDAY=1TU",
                "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271001T120000Z",
                "FREQ=MONTHLY;BYMONTHDAY=31",
                "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
            ]
        )
    )
    base = Recurrence(start, draw(st.integers(15, 300)), rule, skips_holidays=draw(st.booleans()))
    try:
        base = settle(base)
    except ContentRefused:
        assume(False)
    given_by_rule = [
        row["starts_at"].astimezone(BRUSSELS).replace(tzinfo=None)
        for row in occurrence_rows(uuid.UUID(int=7), base, TODAY)
    ]
    picked = st.lists(st.sampled_from(given_by_rule or [start]), max_size=3, unique=True)
    added = st.lists(
        st.integers(1, 300).map(lambda days: start + dt.timedelta(days=days)), max_size=2, unique=True
    )
    out, cancelled = draw(picked) if rule else [], draw(picked)
    return Recurrence(
        base.starts_at,
        base.duration_minutes,
        base.rrule,
        tuple(out),
        tuple(each for each in draw(added) if each not in out),
        tuple(each for each in cancelled if each not in out),
        base.skips_holidays,
    )


#: Added by hand on a public holiday, which the rule would have met and left out.
ADDED_HOLIDAY = Recurrence(
    starts_at=dt.datetime(2026, 11, 23, 4),
    duration_minutes=15,
    rrule="FREQ=DAILY;INTERVAL=3",
    rdates=(dt.datetime(2027, 5, 1, 4),),
    skips_holidays=True,
)


@given(recurrences())
@example(ADDED_HOLIDAY)
@settings(max_examples=120, deadline=None)
def test_an_independent_reader_shows_what_the_table_says(recurrence: Recurrence) -> None:
    try:
        settle(recurrence)
    except ContentRefused:
        assume(False)
    assert told_by_reader(feed(activity(recurrence))) == told_by_table(recurrence)


def test_a_second_reader_agrees() -> None:
    recurrence = Recurrence(
        TUESDAY,
        90,
        "FREQ=WEEKLY;UNTIL=20270630",
        exdates=(dt.datetime(2026, 12, 1, 18, 0),),
        rdates=(dt.datetime(2026, 12, 2, 18, 0),),
    )
    event = vobject.readOne(feed(activity(recurrence)).decode()).vevent
    rules = event.getrruleset(addRDate=True)
    read = {each.replace(tzinfo=BRUSSELS).astimezone(dt.UTC) for each in rules}
    assert read == {start for start, _ in told_by_table(recurrence)}
    assert event.summary.value == "Marche douce; ensemble, « doucement »"


def test_what_an_event_says() -> None:
    body = feed(activity())
    event = icalendar.Calendar.from_ical(body).walk("VEVENT")[0]
    assert event["UID"] == f"{uuid.UUID(int=7)}@quartier"
    assert event["SEQUENCE"] == 3
    assert event["STATUS"] == "CONFIRMED"
    assert event["LAST-MODIFIED"].dt == event["DTSTAMP"].dt == dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
    assert event["DTSTART"].params["TZID"] == "Europe/Brussels"
    assert event["RRULE"]["UNTIL"] == [dt.datetime(2027, 6, 30, 21, 59, 59, tzinfo=dt.UTC)]
    assert event["CATEGORIES"].to_ical() == b"Promotion de la sant\xc3\xa9"
    assert event["GEO"].to_ical() == "50.8365;4.345679"
    assert event["URL"] == f"https://example.org/fr/activities/{uuid.UUID(int=7)}"
    assert event["LOCATION"] == "Maison du Roseau (exemple), Rue inventée 1, 1000 Bruxelles"
    assert event["DESCRIPTION"].startswith(
        "Première ligne.\nSeconde ligne, avec virgule; et point-virgule \\ barre.\n\nChaque mardi"
    )
    assert "Prix : 2,50 €\nInscription nécessaire" in event["DESCRIPTION"]


def test_the_file_keeps_to_the_standard() -> None:
    body = feed(activity(), activity(id=uuid.UUID(int=8)))
    lines = body.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    calendar = icalendar.Calendar.from_ical(body)
    assert (calendar["X-WR-CALNAME"], calendar["METHOD"]) == ("Marolles", "PUBLISH")
    assert calendar["REFRESH-INTERVAL"].dt == dt.timedelta(hours=6)
    assert len({event["UID"] for event in calendar.walk("VEVENT")}) == 2
    assert feed(activity()) == feed(activity())


def test_the_time_zone_in_the_file_is_that_of_brussels() -> None:
    (zone,) = icalendar.Calendar.from_ical(feed(activity())).walk("VTIMEZONE")
    read = zone.to_tz(lookup_tzid=False)
    for hour in range(0, 24 * 365 * 3, 5):
        moment = dt.datetime(2026, 1, 1, 4, 30) + dt.timedelta(hours=hour)
        if not (moment.month in (3, 10) and moment.weekday() == 6 and moment.hour in (2, 3)):
            assert moment.replace(tzinfo=read).utcoffset() == moment.replace(tzinfo=BRUSSELS).utcoffset()


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "Annulé : "), ("nl", "Geannuleerd: "), ("en", "Cancelled: ")]
)
def test_a_cancelled_date_is_told_beside_its_series(lang: Lang, words: str) -> None:
    date = dt.datetime(2026, 12, 1, 18, 0)
    body = feed(activity(Recurrence(TUESDAY, 90, "FREQ=WEEKLY", cancelled=(date,))), lang=lang)
    series, single = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert single["RECURRENCE-ID"].dt == date.replace(tzinfo=BRUSSELS)
    assert (series["STATUS"], single["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert single["SUMMARY"] == words + series["SUMMARY"]
    assert single["UID"] == series["UID"]


def test_what_happens_once_and_is_cancelled_is_cancelled_as_a_whole() -> None:
    body = feed(activity(Recurrence(TUESDAY, 90, cancelled=(TUESDAY,))))
    (only,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert only["STATUS"] == "CANCELLED"
    assert "RECURRENCE-ID" not in only


def test_public_holidays_become_exceptions() -> None:
    friday = Recurrence(dt.datetime(2026, 12, 18, 9, 0), 60, "FREQ=WEEKLY;COUNT=3", skips_holidays=True)
    (event,) = icalendar.Calendar.from_ical(feed(activity(friday))).walk("VEVENT")
    left_out = [each.dt.replace(tzinfo=None) for exdate in event["EXDATE"] for each in exdate.dts]
    assert left_out == [dt.datetime(2026, 12, 25, 9, 0), dt.datetime(2027, 1, 1, 9, 0)]


def test_examples_say_that_they_are() -> None:
    (event,) = icalendar.Calendar.from_ical(feed(activity(example=True), lang="nl")).walk("VEVENT")
    assert event["SUMMARY"] == "Fictief voorbeeld: Zachte wandeling"
