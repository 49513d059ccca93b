"""Forms: from flat names to a model and back, and what is said where they differ."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from api.forms import Form, form_of, parse_form
from geo.errors import ContentRefused, Fault, InputRefused, RowProblem
from maps.web.render import environment


class Words(BaseModel):
    fr: str | None = Field(None, max_length=20)
    nl: str | None = None
    en: str | None = None


class Where(BaseModel):
    kind: Literal["point", "zones"]
    geometry: dict[str, Any] | None = None
    zones: tuple[str, ...] = ()


class Link(BaseModel):
    url: Annotated[str, Field(pattern="^https://")]
    title: str = ""


class Sample(BaseModel):
    title: Words
    themes: tuple[str, ...] = ()
    where: Where | None = None
    links: tuple[Link, ...] = ()
    starts_on: dt.date | None = None
    is_free: bool = False
    wheelchair: bool | None = None


TYPED: dict[str, tuple[str, ...]] = {
    "title_fr": ("Marche du jeudi",),
    "title_nl": ("  ",),
    "themes": ("walking", "meeting"),
    "where_kind": ("zones",),
    "where_zones": ("quartier:9", "quartier:10"),
    "where_geometry": ('{"type": "Point", "coordinates": [4.35, 50.84]}',),
    "links_0_url": ("",),
    "links_1_url": ("https://exemple.example",),
    "links_1_title": ("Le site",),
    "starts_on": ("2026-11-22",),
    "is_free": ("true",),
    "wheelchair": ("",),
    "csrf": ("x",),
}


def test_flat_names_become_a_model() -> None:
    form = parse_form(TYPED, Sample, "fr")
    assert form.faults == {}
    assert form.model == Sample(
        title=Words(fr="Marche du jeudi"),
        themes=("walking", "meeting"),
        where=Where(
            kind="zones",
            geometry={"type": "Point", "coordinates": [4.35, 50.84]},
            zones=("quartier:9", "quartier:10"),
        ),
        links=(Link(url="https://exemple.example", title="Le site"),),
        starts_on=dt.date(2026, 11, 22),
        is_free=True,
    )


def test_a_model_becomes_the_same_flat_names() -> None:
    form = parse_form(TYPED, Sample, "fr")
    assert form.model
    shown = form_of(form.model)
    assert parse_form(shown.values, Sample, "fr").model == form.model
    assert shown.first("links_0_title") == "Le site"
    assert shown.all("themes") == ("walking", "meeting")
    assert (shown.first("is_free"), shown.first("wheelchair")) == ("true", "")


def test_faults_stand_beside_their_field_in_the_readers_words() -> None:
    typed = TYPED | {
        "title_fr": ("Un titre beaucoup trop long",),
        "links_1_url": ("javascript:alert(1)",),
        "starts_on": ("31/02/2026",),
        "where_kind": ("moon",),
        "where_geometry": ("{",),
    }
    form = parse_form(typed, Sample, "fr")
    assert form.model is None
    assert set(form.faults) == {"title_fr", "links_0_url", "starts_on", "where_kind", "where_geometry"}
    assert "20" in form.faults["title_fr"]
    assert "date" in form.faults["starts_on"]
    assert form.first("title_fr") == "Un titre beaucoup trop long", "shown again as it was typed"


@pytest.mark.parametrize("drawing", ["[" * 100_000, '{"a":' * 100_000, "9" * 5_000])
def test_a_drawing_that_no_parser_bears_is_a_fault(drawing: str) -> None:
    form = parse_form(TYPED | {"where_geometry": (drawing,)}, Sample, "fr")
    assert form.model is None
    assert "where_geometry" in form.faults


def test_an_unanswered_question_is_named() -> None:
    assert list(parse_form({}, Sample, "nl").faults) == ["title"]


def test_what_a_verb_refuses_stands_beside_its_field() -> None:
    refusal = ContentRefused(Fault("where.zones", "too_long", {"max_length": 3}))
    form: Form[Sample] = Form(TYPED).refuse_for(refusal, "fr")
    assert list(form.faults) == ["where_zones"] and "3" in form.faults["where_zones"]
    rows = InputRefused([RowProblem("sheet", 2, "title", "Ixelles"), RowProblem("sheet", None, None, "x")])
    assert Form().refuse_for(rows, "fr").faults == {"title": "Ixelles", "": "x"}


def test_rows_left_empty_leave_no_gap() -> None:
    typed = {
        f"links_{row}_url": (f"https://{row}.example",) if row in (2, 10) else ("",) for row in range(12)
    }
    form = parse_form(typed | {"title_fr": ("x",)}, Sample, "fr")
    assert form.model
    assert [link.url for link in form.model.links] == ["https://2.example", "https://10.example"]
    assert form.rows("links") == 2
    assert form.first("links_1_url") == "https://10.example"


PAGE = """{% from "forms.html" import post_form, field, texts, choices with context %}
{% call post_form(page, form, "/x") %}{{ texts(form, "title", "Title") }}
{{ field(form, "starts_on", "Begin", help="When") }}
{{ choices(form, "themes", "Themes", [("walking", "Walking"), ("food", "Food")]) }}{% endcall %}"""


def test_the_page_shows_what_was_typed_and_where_the_faults_are() -> None:
    form = parse_form(TYPED | {"title_fr": ('"><script>',), "starts_on": ("soon",)}, Sample, "en")
    page = SimpleNamespace(csrf="token")
    html = environment("en").from_string(PAGE).render(page=page, form=form)
    assert "<script>" not in html and "&#34;&gt;&lt;script&gt;" in html
    assert html.index('href="#starts_on"') < html.index("<form"), "the summary stands before the form"
    assert 'aria-describedby="starts_on-help starts_on-fault"' in html
    assert 'value="walking" checked' in html and 'value="food">' in html
    assert 'name="csrf" value="token"' in html
