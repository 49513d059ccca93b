"""Rank, trend and absence in words, in the reader's language."""

from __future__ import annotations

import pytest

from geo.territory.figures.spread import Rank, Trend
from geo.territory.zones import Figure
from geo.vocabulary import Lang, Text
from maps.zone_profile import Amount, tell_amount, tell_rank, tell_trend


def figure(decimals: int) -> Figure:
    name = Text("Loyer (inventé)", "Huur (verzonnen)", "Rent (invented)")
    series = (("2018", 1.0, "ok"), ("2020", 3.0, "ok"))
    return Figure(
        "rent",
        name,
        name,
        "eur",
        decimals,
        "lower-better",
        "housing",
        "none",
        False,
        "2020",
        3.0,
        "ok",
        "x",
        series,
    )


@pytest.mark.parametrize(
    ("rank", "direction", "said"),
    [
        (Rank(98, 118, 17.4), "higher-better", "in the lowest quarter: no. 98 of 118 from the highest"),
        (Rank(21, 118, 17.4), "lower-better", "in the lowest quarter: no. 21 of 118 from the lowest"),
        (Rank(59, 118, 50.4), "neutral", "in the middle: no. 59 of 118 from the highest"),
        (Rank(40, 118, 66.5), "neutral", "rather high: no. 40 of 118 from the highest"),
        (Rank(1, 118, 99.6), "higher-better", "highest of 118"),
        (Rank(1, 118, 0.4), "lower-better", "lowest of 118"),
        (Rank(2, 5, 70), "neutral", "no. 2 of 5 from the highest"),
    ],
)
def test_rank_is_said_from_the_better_end(rank: Rank, direction: str, said: str) -> None:
    assert tell_rank(rank, direction, "en") == said


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "dans le quart le plus bas : 98e sur 118 en partant du plus haut"),
        ("nl", "in het laagste kwart: 98e van 118, te beginnen bij het hoogste"),
    ],
)
def test_rank_reads_naturally(lang: Lang, said: str) -> None:
    assert tell_rank(Rank(98, 118, 17.4), "higher-better", lang) == said


def test_trend_says_since_when_and_how_fast() -> None:
    periods = ("2018", "2019", "2020")
    up, flat = Trend("up", False, 1.25, periods), Trend("flat", None, 0.0, periods)
    assert tell_trend(up, figure(1), "en") == "rising since 2018, by about 1.2 a year"
    assert tell_trend(Trend("down", True, -0.04, periods), figure(1), "fr") == (
        "en baisse depuis 2018, environ 0,04 par an"
    )
    assert tell_trend(flat, figure(1), "nl") == "stabiel sinds 2018"


def test_what_is_missing_is_not_what_is_kept_secret() -> None:
    assert tell_amount(None, "missing", 0, "en") == Amount(None, "not published", "")
    assert tell_amount(None, "suppressed", 0, "en") == Amount(None, "kept secret: too few people", "")
    assert tell_amount(0.0, "ok", 0, "en") == Amount("0", "", "")
    assert tell_amount(1234.5, "estimated", 1, "fr", "en 2019") == Amount(
        "1\u202f234,5", "", "en 2019, estimé"
    )
