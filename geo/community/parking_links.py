"""The link by which a lender comes back to the place lent: signed, with an end, useless after a new one."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.secrets import derive_key
from geo.errors import LinkUseless
from geo.models.parking import ParkingPlace

#: A place that nobody confirms is forgotten after so long; the link to a place lent holds for a year.
UNCONFIRMED_FOR = dt.timedelta(days=14)
LENT_FOR = dt.timedelta(days=400)
_PURPOSE = "parking"


def lender_path(place: ParkingPlace) -> str:
    """Return where the lender's page is, without the public address."""
    token = _serializer().dumps([str(place.id), place.link_version])
    return f"/{place.lang}/parking/lend/{token}"


async def find_lent_place(session: AsyncSession, token: str) -> ParkingPlace:
    """Return the place that a link opens, locked for this transaction.

    Raises
    ------
    LinkUseless
        The link was tampered with, has ended or was replaced, or the place is no longer lent.
    """
    try:
        (place_id, version), signed_at = _serializer().loads(token, return_timestamp=True)
        place = await session.get(ParkingPlace, uuid.UUID(place_id), with_for_update=True)
    except (BadData, ValueError, TypeError):
        raise LinkUseless() from None
    if place is None or place.link_version != version:
        raise LinkUseless()
    lasts = UNCONFIRMED_FOR if place.status == "unconfirmed" else LENT_FOR
    if dt.datetime.now(dt.UTC) - signed_at > lasts:
        raise LinkUseless()
    return place


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derive_key(_PURPOSE), signer_kwargs={"digest_method": hashlib.sha256})
