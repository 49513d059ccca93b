"""When activities take place: rules, exceptions, additions, changes of clocks, and the words for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.community.recurrence import MOST_A_DAY, Recurrence, civil_times, expand, settle
from geo.community.rhythm import DAYS, PLACES, Rhythm, build_rule, describe, read_rhythm
from geo.errors import ContentRefused
from geo.vocabulary import Lang

BRUSSELS = ZoneInfo("Europe/Brussels")
TUESDAY = dt.datetime(2026, 11, 24, 14, 0)
TODAY = dt.date(2026, 11, 22)
SPACE = "\N{NO-BREAK SPACE}"


def days_of(recurrence: Recurrence, first: str, last: str) -> list[str]:
    return [
        f"{each:%Y-%m-%d %H:%M}"
        for each in civil_times(recurrence, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    ]


def test_exceptions_are_left_out_and_additions_come_in() -> None:
    recurrence = settle(
        Recurrence(
            TUESDAY,
            120,
            "FREQ=WEEKLY;UNTIL=20261222",
            exdates=(dt.datetime(2026, 12, 8, 14, 0),),
            rdates=(dt.datetime(2026, 12, 9, 10, 30), dt.datetime(2026, 12, 25, 10, 0)),
        )
    )
    assert days_of(recurrence, "2026-11-01", "2027-06-30") == [
        "2026-11-24 14:00",
        "2026-12-01 14:00",
        "2026-12-09 10:30",
        "2026-12-15 14:00",
        "2026-12-22 14:00",
        "2026-12-25 10:00",
    ]


def test_public_holidays_are_left_out_where_asked_and_additions_are_not() -> None:
    fridays = Recurrence(
        dt.datetime(2026, 12, 18, 9, 0), 60, "FREQ=WEEKLY;COUNT=4", rdates=(dt.datetime(2026, 12, 25, 15, 0),)
    )
    kept = ["2026-12-18 09:00", "2026-12-25 15:00"]
    assert days_of(settle(fridays), "2026-12-01", "2026-12-31") == [kept[0], "2026-12-25 09:00", kept[1]]
    careful = Recurrence(fridays.starts_at, 60, fridays.rrule, rdates=fridays.rdates, skips_holidays=True)
    # Christmas and New Year are Fridays here, and count among the four
    assert days_of(settle(careful), "2026-12-01", "2027-02-01") == [*kept, "2027-01-08 09:00"]


def test_what_is_cancelled_stays_to_be_told() -> None:
    recurrence = settle(
        Recurrence(TUESDAY, 60, "FREQ=WEEKLY;COUNT=2", cancelled=(dt.datetime(2026, 12, 1, 14, 0),))
    )
    told = expand(recurrence, TODAY, TODAY + dt.timedelta(days=60))
    assert [each.is_cancelled for each in told] == [False, True]
    assert told[0].starts_at == dt.datetime(2026, 11, 24, 13, 0, tzinfo=dt.UTC)
    assert told[0].ends_at - told[0].starts_at == dt.timedelta(hours=1)


@given(
    start=st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 31)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    rule=st.sampled_from(
        [
            "FREQ=DAILY",
            "FREQ=WEEKLY",
            "FREQ=WEEKLY;BYDAY=MO,SU",
            "FREQ=MONTHLY;BYDAY=-1SU",
            "FREQ=MONTHLY;BYDAY=1TU",
        ]
    ),
    minutes=st.integers(1, 1440),
)
@settings(max_examples=80, deadline=None)
def test_the_time_on_the_clock_stays_when_clocks_change(start: dt.datetime, rule: str, minutes: int) -> None:
    """A year holds both changes. Only a time that a change leaves out is told an hour later."""
    recurrence = settle(Recurrence(start, minutes, rule))
    found = expand(recurrence, start.date(), start.date() + dt.timedelta(days=400))
    assert len(found) >= 12
    for starts_at, ends_at, _ in found:
        assert ends_at - starts_at == dt.timedelta(minutes=minutes)
        clock = starts_at.astimezone(BRUSSELS).time()
        is_gap = start.hour == 2 and clock.hour == 3 and clock.minute == start.minute
        assert clock == start.time() or is_gap
    assert [each.starts_at for each in found] == sorted({each.starts_at for each in found})


@pytest.mark.parametrize(
    ("civil", "utc"),
    [
        ("2026-10-24T18:00", "2026-10-24T16:00"),  # the last evening of summer time
        ("2026-10-25T18:00", "2026-10-25T17:00"),
        ("2027-03-28T02:30", "2027-03-28T01:30"),  # this clock time does not exist: RFC 5545 counts on
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # this one exists twice: the first counts
    ],
)
def test_moments_around_the_change_of_clocks(civil: str, utc: str) -> None:
    start = dt.datetime.fromisoformat(civil)
    (only,) = expand(settle(Recurrence(start, 60)), start.date(), start.date())
    assert only.starts_at == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize("until", ["20261201", "20261201T140000", "20261201T130000Z"])
def test_an_end_may_be_a_day_a_civil_time_or_utc(until: str) -> None:
    recurrence = settle(Recurrence(TUESDAY, 60, f"RRULE:freq=weekly;until={until};"))
    assert days_of(recurrence, "2026-11-01", "2027-11-01") == ["2026-11-24 14:00", "2026-12-01 14:00"]
    assert recurrence.until == dt.date(2026, 12, 1)
    assert settle(recurrence) == recurrence


def test_an_end_in_utc_is_not_taken_for_the_time_on_the_clock() -> None:
    recurrence = settle(Recurrence(TUESDAY, 60, "FREQ=WEEKLY;UNTIL=20261201T125959Z"))
    assert days_of(recurrence, "2026-11-01", "2027-11-01") == ["2026-11-24 14:00"]


def test_a_start_that_the_rule_does_not_give_moves_to_the_first_it_gives() -> None:
    recurrence = settle(Recurrence(TUESDAY, 60, "FREQ=MONTHLY;BYDAY=1TH"))
    assert recurrence.starts_at == dt.datetime(2026, 12, 3, 14, 0)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=SECONDLY", "rule_too_often"),
        ("FREQ=MINUTELY;COUNT=3", "rule_too_often"),
        ("FREQ=HOURLY;INTERVAL=6", "rule_too_often"),
        ("every tuesday", "rule_unreadable"),
        ("", "rule_unreadable"),
        ("FREQ=WEEKLY;BYDAY=XX", "rule_unreadable"),
        ("FREQ=WEEKLY;FREQ=DAILY", "rule_unreadable"),
        ("BYDAY=TU", "rule_unreadable"),
        ("FREQ=WEEKLY;INTERVAL=0", "rule_unreadable"),
        ("FREQ=WEEKLY;COUNT=-1", "rule_unreadable"),
        ("FREQ=WEEKLY;COUNT=99999999", "rule_unreadable"),
        ("FREQ=WEEKLY;BYHOUR=25", "rule_unreadable"),
        ("FREQ=WEEKLY;X-EVIL=1", "rule_unreadable"),
        ("FREQ=WEEKLY;BYEASTER=1", "rule_combination"),
        ("FREQ=WEEKLY;BYDAY=5TU", "rule_combination"),
        ("FREQ=MONTHLY;BYMONTHDAY=45", "rule_combination"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=WE", "rule_combination"),
        ("FREQ=DAILY;BYHOUR=8,10,12,14", "too_often_a_day"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270101", "rule_ends_twice"),
        ("FREQ=WEEKLY;UNTIL=20261123", "rule_ends_early"),
        ("FREQ=WEEKLY;UNTIL=20261124T125959Z", "rule_ends_early"),
        ("FREQ=WEEKLY;UNTIL=20261301", "rule_end"),
        ("FREQ=WEEKLY;UNTIL=99991231", "rule_end"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "rule_without_date"),
        ("FREQ=WEEKLY\nDTSTART:20200101T000000", "rule_unreadable"),
        ("FREQ=WEEKLY;" + "BYDAY=TU," * 100, "rule_unreadable"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_name(rule: str, says: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        settle(Recurrence(TUESDAY, 60, rule or " "))
    (fault,) = refused.value.faults
    assert (fault.field, fault.kind) == ("rrule", says)


@pytest.mark.parametrize(
    ("recurrence", "field"),
    [
        (Recurrence(TUESDAY, 0), "duration_minutes"),
        (Recurrence(TUESDAY, 1441), "duration_minutes"),
        (Recurrence(dt.datetime(1999, 1, 1), 60), "starts_at"),
        (Recurrence(TUESDAY.replace(tzinfo=dt.UTC), 60), "starts_at"),
        (Recurrence(TUESDAY, 60, exdates=(TUESDAY,)), "exdates"),
        (Recurrence(TUESDAY, 60, rdates=tuple(TUESDAY + dt.timedelta(hours=h) for h in (1, 2, 3))), "rrule"),
        (Recurrence(TUESDAY, 60, rdates=tuple(TUESDAY + dt.timedelta(days=n) for n in range(201))), "rdates"),
    ],
)
def test_times_that_make_no_sense_are_refused_by_name(recurrence: Recurrence, field: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        settle(recurrence)
    assert [each.field for each in refused.value.faults] == [field]


@given(
    st.builds(
        Rhythm,
        kind=st.sampled_from(["weekly", "monthly_weekday", "monthly_day"]),
        days=st.sets(st.sampled_from(DAYS), min_size=1, max_size=7).map(
            lambda days: tuple(sorted(days, key=DAYS.index))
        ),
        every=st.integers(1, 8),
        place=st.sampled_from(PLACES),
        day=st.integers(1, 28),
        until=st.none() | st.dates(dt.date(2027, 9, 1), dt.date(2028, 6, 1)),
    )
)
@settings(max_examples=80, deadline=None)
def test_a_form_reads_back_the_rhythm_that_it_wrote(rhythm: Rhythm) -> None:
    recurrence = settle(Recurrence(TUESDAY, 90, build_rule(rhythm)))
    read = read_rhythm(recurrence)
    assert (read.kind, read.every, read.until) == (rhythm.kind, rhythm.every, rhythm.until)
    if rhythm.kind == "weekly":
        assert read.days == rhythm.days
    elif rhythm.kind == "monthly_weekday":
        assert (read.place, read.days) == (rhythm.place, rhythm.days[:1])
    else:
        assert read.day == rhythm.day
    days = Counter(each.date() for each in civil_times(recurrence, TODAY, dt.date(2029, 1, 1)))
    assert max(days.values()) <= MOST_A_DAY
    for lang in ("fr", "nl", "en"):
        assert describe(recurrence, lang, TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "lang", "words"),
    [
        ("FREQ=WEEKLY;UNTIL=20270630", "fr", "Chaque mardi de 14_h à 16_h, jusqu’au 30 juin"),
        ("FREQ=WEEKLY;UNTIL=20280630", "fr", "Chaque mardi de 14_h à 16_h, jusqu’au 30 juin 2028"),
        ("FREQ=WEEKLY;UNTIL=20270501", "fr", "Chaque mardi de 14_h à 16_h, jusqu’au 1er mai"),
        ("FREQ=WEEKLY", "nl", "Elke dinsdag van 14 tot 16_uur"),
        ("FREQ=WEEKLY", "en", "Every Tuesday from 14:00 to 16:00"),
        ("FREQ=WEEKLY;BYDAY=TU,TH", "fr", "Les mardis et jeudis, de 14_h à 16_h"),
        ("FREQ=WEEKLY;INTERVAL=2", "nl", "Om de twee weken op dinsdag, van 14 tot 16_uur"),
        ("FREQ=WEEKLY;INTERVAL=3", "fr", "Toutes les 3 semaines, le mardi, de 14_h à 16_h"),
        ("FREQ=MONTHLY;BYDAY=1TU", "fr", "Le premier mardi du mois, de 14_h à 16_h"),
        ("FREQ=MONTHLY;BYDAY=-1TU", "nl", "Elke laatste dinsdag van de maand, van 14 tot 16_uur"),
        ("FREQ=WEEKLY;COUNT=6", "fr", "Chaque mardi de 14_h à 16_h, 6 fois"),
        (None, "fr", "Le mardi 24 novembre 2026 de 14_h à 16_h"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TU", "fr", None),
    ],
)
def test_a_rhythm_in_words(rule: str | None, lang: Lang, words: str | None) -> None:
    told = describe(settle(Recurrence(TUESDAY, 120, rule)), lang, TODAY)
    assert told == (words.replace("_", SPACE) if words else None)
