"""Opening hours: what texts and recurrences mean, across holidays, clock changes and midnights, in words."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from geo.directory.hours import describe_opening, week_table
from geo.directory.items import OpenState
from geo.directory.schedules import (
    Period,
    PlaceSchedule,
    expand,
    extend_open_periods,
    find_fault,
    is_public_holiday,
    refresh_open_periods,
)
from geo.vocabulary import Lang

BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = dt.timedelta(days=1)
days = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))
times = st.times().map(lambda time: time.replace(second=0, microsecond=0))


def schedule(text: str | None = None, **facts: Any) -> PlaceSchedule:
    return PlaceSchedule(uuid.uuid4(), opening_hours=text, **facts)


def civil(text: str, first: str, last: str) -> list[str]:
    """Expand a text and write the openings in the civil time of Brussels."""
    return tell(expand([schedule(text)], dt.date.fromisoformat(first), dt.date.fromisoformat(last)))


def tell(periods: list[Period]) -> list[str]:
    here = [[moment.astimezone(BRUSSELS) for moment in period] for period in periods]
    return [f"{opens:%m-%d %H:%M}/{closes:%m-%d %H:%M}" for opens, closes in here]


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


# What texts mean


def test_ordinary_week_of_a_pharmacy() -> None:
    text = "Mo-Fr 09:00-12:30,14:00-18:30; Sa 09:00-12:30; Su off"
    assert civil(text, "2026-11-20", "2026-11-23") == [
        "11-20 09:00/11-20 12:30",
        "11-20 14:00/11-20 18:30",
        "11-21 09:00/11-21 12:30",
        "11-23 09:00/11-23 12:30",
        "11-23 14:00/11-23 18:30",
    ]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "new year"),
        ("2026-04-06", "Easter Monday"),
        ("2026-05-14", "Ascension"),
        ("2026-05-25", "Whit Monday"),
        ("2026-07-21", "national day"),
        ("2026-11-11", "armistice"),
        ("2026-12-25", "Christmas"),
    ],
)
def test_belgian_holidays(day: str, name: str) -> None:
    assert civil("Mo-Su 09:00-12:00; PH off", day, day) == [], name
    assert civil("Mo-Su 09:00-12:00", day, day) == [], f"a text silent about {name} promises nothing"
    assert len(civil("Mo-Su,PH 09:00-12:00", day, day)) == 1
    assert len(civil("24/7", day, day)) == 1
    plain = (dt.date.fromisoformat(day) + 8 * DAY).isoformat()
    assert len(civil("Mo-Su 09:00-12:00; PH off", plain, plain)) == 1


@pytest.mark.parametrize("text", ["Mo-Fr 22:00-02:00", "Mo-Fr 22:00-02:00; PH off"])
def test_night_that_began_before_a_holiday_goes_on_past_midnight(text: str) -> None:
    assert civil(text, "2026-07-20", "2026-07-22") == [
        "07-20 22:00/07-21 02:00",
        "07-22 22:00/07-23 02:00",
    ]


@pytest.mark.parametrize(
    ("day", "text", "hours"),
    [
        ("2026-03-29", "Mo-Su 01:00-06:00", 4),
        ("2026-10-25", "Mo-Su 01:00-06:00", 6),
        ("2026-03-28", "Mo-Su 22:00-08:00", 9),
        ("2026-10-24", "Mo-Su 22:00-08:00", 11),
        ("2026-11-22", "Mo-Su 01:00-06:00", 5),
    ],
)
def test_clock_change_moves_moments_and_not_the_door(day: str, text: str, hours: int) -> None:
    date = dt.date.fromisoformat(day)
    (period,) = expand([schedule(text)], date, date)
    assert period.closes_at - period.opens_at == dt.timedelta(hours=hours)
    assert tell([period])[0][6:11] == text[6:11]
    assert tell([period])[0][-5:] == text[-5:]


def test_day_and_night_is_one_opening_whatever_the_clock() -> None:
    (period,) = expand([schedule("24/7")], dt.date(2026, 3, 28), dt.date(2026, 3, 30))
    assert period.opens_at <= at("2026-03-28")
    assert period.closes_at >= at("2026-03-31")


@given(day=days, opens=times, minutes=st.integers(1, 24 * 60 - 1))
def test_daily_hours_open_at_the_hour_on_the_door(day: dt.date, opens: dt.time, minutes: int) -> None:
    start = dt.datetime.combine(day, opens)
    end = start + dt.timedelta(minutes=minutes)
    periods = expand([schedule(f"Mo-Su,PH {start:%H:%M}-{end:%H:%M}")], day, day)
    if {start.date(), end.date()} & {dt.date(day.year, 3, d) for d in range(25, 32)}:
        return  # the hour that does not exist: tested by hand above
    (period,) = periods
    here = period.opens_at.astimezone(BRUSSELS), period.closes_at.astimezone(BRUSSELS)
    assert [moment.replace(tzinfo=None) for moment in here] == [start, end]
    assert period.opens_at.tzinfo == dt.UTC


@given(
    first=days,
    length=st.integers(0, 20),
    texts=st.lists(
        st.sampled_from(
            [
                "Mo-Fr 09:00-17:00",
                "Sa,Su 20:00-04:00",
                "Mo[1] 10:00-12:00",
                "PH 10:00-11:00",
                "We 00:00-24:00",
            ]
        ),
        max_size=4,
    ),
)
def test_openings_are_ordered_disjoint_and_begin_in_the_window(
    first: dt.date, length: int, texts: list[str]
) -> None:
    last = first + length * DAY
    periods = expand([schedule(text) for text in texts], first, last)
    for period in periods:
        assert period.opens_at < period.closes_at
        assert first <= period.opens_at.astimezone(BRUSSELS).date() <= last
    for earlier, later in pairwise(periods):
        assert earlier.closes_at < later.opens_at


@given(first=days, cut=st.integers(0, 13))
def test_window_can_be_cut_anywhere(first: dt.date, cut: int) -> None:
    schedules = [schedule("Mo-Fr 09:00-12:00,22:00-03:00; Sa 10:00-14:00; PH off")]
    last, middle = first + 13 * DAY, first + cut * DAY
    whole = expand(schedules, first, last)
    assert expand(schedules, first, middle) + expand(schedules, middle + DAY, last) == whole


def test_schedules_of_a_place_are_united() -> None:
    day = dt.date(2026, 11, 23)
    united = expand(
        [schedule("Mo 09:00-12:00"), schedule("Mo 11:00-15:00"), schedule("Mo 16:00-17:00")], day, day
    )
    assert tell(united) == ["11-23 09:00/11-23 15:00", "11-23 16:00/11-23 17:00"]


def test_schedule_outside_its_validity_says_nothing() -> None:
    winter = schedule("Mo-Su,PH 18:00-10:00", valid_from=dt.date(2026, 11, 1), valid_to=dt.date(2027, 3, 31))
    assert expand([winter], dt.date(2026, 10, 1), dt.date(2026, 10, 31)) == []
    assert len(expand([winter], dt.date(2026, 10, 30), dt.date(2026, 11, 2))) == 2
    assert tell(expand([winter], dt.date(2027, 3, 31), dt.date(2027, 4, 2))) == ["03-31 18:00/04-01 10:00"]


# Recurrences, as HSDS writes them


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"freq": "WEEKLY", "byday": "TU,TH"}, ["12-01", "12-03", "12-08", "12-10", "12-15"]),
        ({"freq": "WEEKLY", "interval": 2, "byday": "SA", "dtstart": dt.date(2026, 10, 3)}, ["12-12"]),
        ({"freq": "MONTHLY", "byday": "1MO,2WE"}, ["12-07", "12-09"]),
        ({"freq": "MONTHLY", "bymonthday": "15"}, ["12-15"]),
        ({"dtstart": dt.date(2026, 12, 4)}, ["12-04"]),
        ({"freq": "WEEKLY", "byday": "TU", "valid_to": dt.date(2026, 12, 7)}, ["12-01"]),
    ],
)
def test_recurrences(facts: dict[str, Any], expected: list[str]) -> None:
    session = schedule(opens_at=dt.time(14), closes_at=dt.time(16, 30), **facts)
    periods = expand([session], dt.date(2026, 12, 1), dt.date(2026, 12, 15))
    assert tell(periods) == [f"{day} 14:00/{day} 16:30" for day in expected]


def test_recurrence_past_midnight_until_midnight_and_on_a_holiday() -> None:
    night = schedule(freq="WEEKLY", byday="FR", opens_at=dt.time(22), closes_at=dt.time(6))
    assert tell(expand([night], dt.date(2026, 12, 4), dt.date(2026, 12, 4))) == ["12-04 22:00/12-05 06:00"]
    assert expand([night], dt.date(2026, 12, 25), dt.date(2026, 12, 25)) == []
    late = schedule(freq="WEEKLY", byday="FR", opens_at=dt.time(20), closes_at=dt.time())
    assert tell(expand([late], dt.date(2026, 12, 4), dt.date(2026, 12, 4))) == ["12-04 20:00/12-05 00:00"]


@given(first=days, weekday=st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]))
def test_weekly_recurrence_equals_the_same_text(first: dt.date, weekday: str) -> None:
    session = schedule(freq="WEEKLY", byday=weekday, opens_at=dt.time(9, 30), closes_at=dt.time(11))
    text = schedule(f"{weekday.capitalize()} 09:30-11:00")
    assert expand([session], first, first + 40 * DAY) == expand([text], first, first + 40 * DAY)


def test_fault_of_a_text_is_told_in_one_line() -> None:
    fault = find_fault("sur rendez-vous")
    assert fault and "\n" not in fault
    assert find_fault("Mo-Fr 09:00-12:30, 14:00-19:00") is None


# Words

NOW = at("2026-11-23T15:00")  # a Monday
CLOSES = [
    ("2026-11-23T18:30", "Ouvert · ferme à 18 h 30", "Open · sluit om 18.30 uur", "Open · closes at 18:30"),
    ("2026-11-23T15:30", "Ferme bientôt, à 15 h 30", "Sluit bijna, om 15.30 uur", "Closes soon, at 15:30"),
    (
        "2026-11-24T00:00",
        "Ouvert · ferme à minuit",
        "Open · sluit om middernacht",
        "Open · closes at midnight",
    ),
    ("2027-02-20T00:00", "Ouvert jour et nuit", "Dag en nacht open", "Open day and night"),
]
OPENS = [
    ("2026-11-23T16:00", "Fermé · ouvre à 16 h", "Gesloten · opent om 16 uur", "Closed · opens at 16:00"),
    (
        "2026-11-24T08:30",
        "Fermé · ouvre demain à 8 h 30",
        "Gesloten · opent morgen om 8.30 uur",
        "Closed · opens tomorrow at 8:30",
    ),
    (
        "2026-11-27T09:00",
        "Fermé · ouvre vendredi à 9 h",
        "Gesloten · opent vrijdag om 9 uur",
        "Closed · opens Friday at 9:00",
    ),
    (
        "2026-12-05T09:00",
        "Fermé · ouvre le 5 décembre à 9 h",
        "Gesloten · opent op 5 december om 9 uur",
        "Closed · opens on 5 December at 9:00",
    ),
]
WORDS = [
    *((OpenState(True, closes_at=at(moment)), *texts) for moment, *texts in CLOSES),
    *((OpenState(False, opens_at=at(moment)), *texts) for moment, *texts in OPENS),
    (OpenState(False), "Fermé", "Gesloten", "Closed"),
    (OpenState(None), "Horaire à vérifier", "Uren na te kijken", "Hours to check"),
]


@pytest.mark.parametrize(
    ("state", "fr", "nl", "en"), WORDS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_words(state: OpenState, fr: str, nl: str, en: str) -> None:
    told = [describe_opening(state, NOW, lang) for lang in ("fr", "nl", "en")]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in told] == [fr, nl, en]


def test_number_and_unit_are_never_parted() -> None:
    state = OpenState(True, closes_at=at("2026-11-23T18:30"))
    assert describe_opening(state, NOW, "fr").endswith("18\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30")
    assert describe_opening(state, NOW, "nl").endswith("18.30\N{NO-BREAK SPACE}uur")


def test_small_hours_of_tomorrow_are_tonight() -> None:
    state = OpenState(True, closes_at=at("2026-11-24T02:00"))
    assert describe_opening(state, at("2026-11-23T23:00"), "en") == "Open · closes at 2:00"


def test_holiday_asks_to_check() -> None:
    noon = at("2026-07-21T12:00")
    state = OpenState(False, opens_at=at("2026-07-22T08:30"))
    assert describe_opening(state, noon, "en") == "Public holiday, hours to check · opens tomorrow at 8:30"
    assert describe_opening(OpenState(False), noon, "fr") == "Jour férié · horaire à vérifier"
    assert describe_opening(OpenState(True, closes_at=at("2026-07-21T18:00")), noon, "nl").startswith(
        "Open · "
    )


@given(
    now=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)),
    is_open=st.booleans(),
    minutes=st.integers(1, 200 * 24 * 60),
    lang=st.sampled_from(["fr", "nl", "en"]),
)
def test_every_state_has_words(now: dt.datetime, is_open: bool, minutes: int, lang: Lang) -> None:
    moment = now + dt.timedelta(minutes=minutes)
    state = OpenState(is_open, moment if is_open else None, None if is_open else moment)
    text = describe_opening(state, now, lang)
    assert text and "{" not in text and "None" not in text


def test_week_begins_on_monday_and_tells_the_holiday() -> None:
    week = week_table([schedule("Mo-Fr 09:00-12:30,14:00-19:00; Sa 09:00-12:30")], dt.date(2026, 7, 23), "fr")
    assert [day.name for day in week] == [
        "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    ]  # fmt: skip
    assert week[0].day == dt.date(2026, 7, 20)
    nbsp = "\N{NO-BREAK SPACE}"
    assert week[0].hours == (f"9{nbsp}h – 12{nbsp}h{nbsp}30", f"14{nbsp}h – 19{nbsp}h")
    assert (week[1].is_closed, week[1].note) == (True, "Jour férié · horaire à vérifier")
    assert (week[6].hours, week[6].note) == ((), "Fermé")


def test_week_says_closed_where_the_text_says_so_of_holidays() -> None:
    (tuesday,) = week_table([schedule("Mo-Fr 09:00-12:30; PH off")], dt.date(2026, 7, 23), "en")[1:2]
    assert tuesday.note == "Public holiday · closed"


def test_week_of_a_place_that_never_closes() -> None:
    week = week_table([schedule("24/7")], dt.date(2026, 11, 23), "nl")
    assert {day.hours for day in week} == {("de hele dag en nacht",)}


# The table


def test_periods_in_the_table_are_those_of_the_texts(toy_connection: psycopg.Connection[Any]) -> None:
    today = dt.date(2026, 11, 20)
    toy_connection.execute("UPDATE schedule SET opening_hours = 'Mo-Fr 09:00-12:00; PH off'")
    written = refresh_open_periods(toy_connection, today, days=10)
    rows = toy_connection.execute("SELECT opens_at, closes_at FROM open_period ORDER BY 1").fetchall()
    expected = expand([schedule("Mo-Fr 09:00-12:00; PH off")], today - DAY, today + 10 * DAY)
    assert [Period(*row) for row in rows] == expected
    assert written == len(expected) == 8


def test_refreshing_one_service_leaves_the_others(toy_connection: psycopg.Connection[Any]) -> None:
    before = toy_connection.execute("SELECT count(*) FROM open_period").fetchone()
    assert refresh_open_periods(toy_connection, dt.date.today(), service_ids=[uuid.uuid4()]) == 0
    assert toy_connection.execute("SELECT count(*) FROM open_period").fetchone() == before
    assert before and before[0] > 0


def test_periods_are_extended_only_when_few_days_are_left(toy_connection: psycopg.Connection[Any]) -> None:
    toy_connection.execute("UPDATE schedule SET opening_hours = 'Mo-Su,PH 09:00-12:00'")
    refresh_open_periods(toy_connection, dt.date(2026, 1, 1), days=100)
    assert extend_open_periods(toy_connection, dt.date(2026, 2, 9)) == 0
    assert extend_open_periods(toy_connection, dt.date(2026, 2, 11)) == 102
    last = toy_connection.execute("SELECT max(opens_at) FROM open_period").fetchone()
    assert last and last[0].date() == dt.date(2026, 2, 11) + 100 * DAY


def test_public_holidays_are_the_ten_of_the_law_and_easter_sunday() -> None:
    """The law of 4 January 1974 and the decree of 18 April 1974; movable ones by the date of Easter."""
    for year in range(2024, 2050):
        easter_sunday = easter(year)
        fixed = {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
        expected = {dt.date(year, *each) for each in fixed}
        expected |= {easter_sunday + days * DAY for days in (0, 1, 39, 50)}
        days = (dt.date(year, 1, 1) + number * DAY for number in range(366))
        assert {day for day in days if day.year == year and is_public_holiday(day)} == expected
