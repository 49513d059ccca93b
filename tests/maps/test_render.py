"""Templates and catalogues: every word in three languages, nothing of a record taken for HTML."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from jinja2 import UndefinedError

from geo.vocabulary import LANGS, Bbox, LonLat, Text
from maps.still import Pin, Shape, StillMap, box_around, draw
from maps.web import i18n
from maps.web.catalogues import find_messages, read_catalogue
from maps.web.render import environment, mark_language, render
from maps.web.views import Frame

GAP = re.compile(r"%\((\w+)\)s")


def forms(lang: i18n.Lang) -> dict[str, tuple[str, ...]]:
    """Every translation of a catalogue by its message; a plural by its singular."""
    return {
        each.id if isinstance(each.id, str) else each.id[0]: (
            (each.string,) if isinstance(each.string, str) else tuple(each.string)
        )
        for each in read_catalogue(lang)
        if each.id
    }


@pytest.mark.parametrize("lang", ["fr", "nl"])
def test_every_message_is_translated(lang: i18n.Lang) -> None:
    known = forms(lang)
    said = {each if isinstance(each, str) else each[0] for each in find_messages()}
    assert len(said) > 200
    assert {each for each in said if not all(known.get(each, ("",)))} == set()
    assert set(known) - said == set(), "words that nobody says: python -m maps.web.catalogues"


@pytest.mark.parametrize("lang", ["fr", "nl"])
def test_translations_keep_the_gaps_of_their_message(lang: i18n.Lang) -> None:
    broken = {
        str(each.id): words
        for each in read_catalogue(lang)
        for words in ((each.string,) if isinstance(each.string, str) else each.string)
        if each.id and not _keeps_gaps(each.id, words)
    }
    assert broken == {}


def _keeps_gaps(message: str | tuple[str, ...], words: str) -> bool:
    """A plural may leave out the number in the words for one, as its message does."""
    if isinstance(message, str):
        return set(GAP.findall(words)) == set(GAP.findall(message))
    return set(GAP.findall(words)) in [set(GAP.findall(each)) for each in message]


def test_catalogue_of_a_language_that_lacks_one_leaves_the_message() -> None:
    assert i18n.translate("en", "Open now") == "Open now"
    assert i18n.translate("fr", "Open now") == "Ouvert maintenant"
    assert i18n.translate("nl", "Error %(status)s", status=404) == "Fout 404"


FRAME = Frame(address="/about", section="about", base_url="http://quartier.test")


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_names_its_language_and_its_sisters(lang: i18n.Lang) -> None:
    html = render("about.html", lang, page=FRAME, statement_day=dt.date(2026, 11, 22))
    assert f'<html lang="{lang}">' in html
    for other in LANGS:
        assert f'hreflang="{other}" href="http://quartier.test/{other}/about"' in html
    assert 'href="tel:112"' in html
    assert 'href="tel:1733"' in html


def test_words_of_others_are_never_markup() -> None:
    attack = '"><script>alert(1)</script>'
    page = Frame("/", "", "http://quartier.test", is_private=True)
    html = render("error.html", "fr", page=page, status=404, title=attack, detail=attack)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_pages_hold_no_inline_code() -> None:
    html = render("about.html", "nl", page=FRAME, statement_day=dt.date(2026, 11, 22))
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=", html) == []


def test_a_missing_name_is_an_error_not_a_blank() -> None:
    with pytest.raises(UndefinedError):
        render("error.html", "fr", page=FRAME, status=404, title="x")


def test_text_in_another_language_says_so() -> None:
    assert mark_language(Text(nl="Apotheek & Co"), "fr") == '<span lang="nl">Apotheek &amp; Co</span>'
    assert mark_language(Text(fr="Pharmacie", nl="Apotheek"), "fr") == "Pharmacie"
    assert mark_language(None, "fr") == ""


@pytest.mark.parametrize(
    ("metres", "lang", "words"),
    [
        (3, "fr", "5 m"),
        (312, "fr", "310 m"),
        (994, "nl", "990 m"),
        (996, "fr", "1,0 km"),
        (1250, "en", "1.2 km"),
    ],
)
def test_distances_are_said_as_walkers_say_them(metres: float, lang: i18n.Lang, words: str) -> None:
    assert i18n.format_distance(metres, lang).replace("\u00a0", " ") == words


def test_numbers_and_dates_follow_the_language() -> None:
    assert i18n.format_number(1234567.891, "fr", 1) == "1\u202f234\u202f567,9"
    assert i18n.format_number(13041, "nl") == "13\u202f041"
    assert i18n.format_number(13041, "en") == "13,041"
    assert i18n.format_date(dt.date(2026, 3, 1), "fr") == "1er mars 2026"
    assert i18n.format_date(dt.date(2026, 11, 3), "nl") == "3 november 2026"


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("nl-BE,nl;q=0.9,fr;q=0.5", "nl"),
        ("de,en;q=0.4", "en"),
        ("fr;q=0.2,nl;q=0.8", "nl"),
        ("xx;q=no", "fr"),
        (None, "fr"),
    ],
)
def test_the_language_of_a_new_reader(header: str | None, lang: str) -> None:
    assert i18n.best_language(header) == lang


def test_every_template_compiles_in_every_language() -> None:
    for lang in LANGS:
        env = environment(lang)
        for name in env.list_templates():
            env.get_template(name)


def test_a_still_map_draws_pins_where_they_are_and_escapes_their_names() -> None:
    bbox = Bbox(4.0, 50.0, 5.0, 50.6)
    pin = Pin(7, LonLat(4.5, 50.3), "health", "<b>Croix & Cie</b>")
    line = Shape("road", {"type": "LineString", "coordinates": [[4.0, 50.3], [5.0, 50.3]]})
    far = Shape("road", {"type": "LineString", "coordinates": [[9.0, 50.3], [9.5, 50.3]]})
    svg = draw(StillMap(bbox, "Titre", "Description", [line, far], [pin], size_px=(1000, 1000)))
    assert "<b>" not in svg
    assert "7. &lt;b&gt;Croix &amp; Cie" in svg
    x, y = map(float, re.search(r"translate\(([\d.]+) ([\d.]+)\)", svg).groups())  # type: ignore[union-attr]
    assert x == pytest.approx(500, abs=1)
    assert y == pytest.approx(500, abs=5)  # Mercator: the middle of latitudes lies a little off
    assert svg.count('<path class="road"') == 1
    assert "<title" in svg
    assert 'role="img"' in svg


def test_a_box_around_one_point_still_shows_some_streets() -> None:
    box = box_around([LonLat(4.35, 50.84)])
    assert box.east - box.west == pytest.approx(0.008)
    assert box.west < 4.35 < box.east


def test_emergency_numbers_name_their_source_and_where_they_were_read() -> None:
    from maps.web.render import read_emergency_numbers

    numbers = read_emergency_numbers()
    assert {"112", "101", "1733", "107", "106", "103", "102", "0800 32 123", "1813"} <= {
        each["number"] for each in numbers
    }
    for each in numbers:
        assert each["source"].endswith(".be")
        assert re.fullmatch(r"20\d\d", each["known"]) and each["known"] in each["traced"]
        assert each["what"].fr and each["what"].nl and each["what"].en
