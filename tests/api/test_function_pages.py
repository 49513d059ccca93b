"""The pages of functions: the matrix in words, a function, the form without a script. Teams are invented."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest

from geo.vocabulary import record_id
from tests.harness.accounts import MakeTeam, SignIn

HOSPITAL = record_id("rapport-2021", "referent-hospitalier/clinique-saint-jean")


@pytest.mark.parametrize(
    ("lang", "nobody", "unknown_place"),
    [
        ("fr", "personne de connu", "Connu, mais pas où"),
        ("nl", "niemand bekend", "Bekend, maar niet waar"),
        ("en", "nobody known", "Known, but not where"),
    ],
)
async def test_the_matrix_says_holes_in_words(
    client: httpx.AsyncClient, lang: str, nobody: str, unknown_place: str
) -> None:
    page = await client.get(f"/{lang}/functions")
    assert page.status_code == 200
    table = page.text.partition("<table")[2].partition("</table>")[0]
    assert table.count('<th scope="row">') == 5 and table.count("<td") == 35
    assert nobody in table and "Brusano" in table
    below = page.text.partition("</table>")[2]
    assert unknown_place in below and "CHU Saint-Pierre" in below
    assert re.search(r"matrix\.csv\?zones=bassin&amp;lang=" + lang, page.text)


async def test_the_matrix_of_one_bassin(client: httpx.AsyncClient) -> None:
    page = await client.get("/fr/functions", params={"zones": "commune", "zone": "bassin:nord-est"})
    assert page.text.count('<th scope="row">') == 3
    wrong = await client.get("/fr/functions", params={"zones": "secteur"})
    assert wrong.status_code == 400


async def test_a_function_says_its_source_and_what_is_not_known(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/fr/functions/{HOSPITAL}")).text
    assert "Référent hospitalier" in page and "Clinique Saint-Jean" in page
    assert "non connu" in page and "action 17" in page and "31 décembre 2021" in page
    assert (await client.get(f"/fr/functions/{uuid.uuid4()}")).status_code == 404
    assert (await client.get("/fr/functions/not-an-id")).status_code == 404


async def test_the_form_without_a_script(
    client: httpx.AsyncClient, sign_in: SignIn, make_team: MakeTeam
) -> None:
    team = await make_team("quartier:36")
    person = await sign_in(team=team, coordinator=True)
    form = await person.client.get("/nl/team/functions/new")
    assert form.status_code == 200 and "Welke functie?" in form.text
    number = uuid.uuid4()
    typed = {
        "csrf": person.client.headers["x-csrf"],
        "team_id": str(team),
        "kind": "case-manager",
        "zones": "commune:21015",
        "holders": "2",
        "step": "publish",
    }
    outside = await person.client.post(f"/fr/team/functions/{number}", data=typed)
    assert outside.status_code == 422 and "Schaerbeek" in outside.text
    assert (await client.get(f"/fr/functions/{number}")).status_code == 404
    sent = await person.client.post(f"/fr/team/functions/{number}", data=typed | {"zones": "quartier:36"})
    assert sent.status_code == 303 and sent.headers["location"].endswith("?done=publish")
    assert (await client.get(f"/nl/functions/{number}")).status_code == 200
    own = await person.client.get(f"/fr/team/functions/{number}?done=publish")
    assert 'value="2"' in own.text and "Tout le monde peut le voir" in own.text
    no_csrf = await person.client.post(
        f"/fr/team/functions/{number}", data=typed | {"csrf": "x"}, headers={"X-CSRF": ""}
    )
    assert no_csrf.status_code == 403
