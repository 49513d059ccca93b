"""Parking+: somebody lends the place in front of a garage to carers on home visits.

Nothing is seen of a place before its lender has consented by a link sent to their mail address. Of the lender
that address and the day of consent are kept, no more; withdrawing deletes the place.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from geoalchemy2 import WKTElement
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.audit import name_step
from geo.community.parking_links import UNCONFIRMED_FOR
from geo.crs import WGS84, ensure_metres_hold
from geo.db.sessions import touch
from geo.errors import InvalidParameter, OutsideRegion
from geo.jobs.mail import Mail, post
from geo.models.parking import ParkingPlace
from geo.queries.coverage import touched_zone_ids
from geo.vocabulary import Lang, LonLat

LAYER = "parking"
UNCONFIRMED, LENT, PAUSED = "unconfirmed", "lent", "paused"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a lender offers.

    Attributes
    ----------
    address : str
        As the lender writes it, for carers.
    point : LonLat
        EPSG:4326.
    opening_hours : str or None
        When the place may be used, in OSM syntax; None: at any time.
    conditions : str or None
        What carers must know: "leave a note behind the windscreen".
    """

    address: str
    point: LonLat
    opening_hours: str | None = None
    conditions: str | None = None


async def lend_place(
    session: AsyncSession, offer: Offer, email: str, lang: Lang, *, place_id: uuid.UUID
) -> None:
    """Keep an offer until its lender consents, and send the link to do so.

    The same `place_id` twice is a form sent twice: it changes nothing.

    Raises
    ------
    OutsideRegion
        The point lies outside the region.
    """
    zone_ids = await _find_zones(session, offer.point)
    if await session.get(ParkingPlace, place_id):
        return
    place = ParkingPlace(id=place_id, lender_email=email, lang=lang, **_columns(offer), zone_ids=zone_ids)
    session.add(place)
    await session.flush()
    await post(session, Mail.PARKING_CONSENT, place_id=place.id)


async def consent(session: AsyncSession, place: ParkingPlace, today: dt.date) -> None:
    """Show the place to carers from now on. The link that was used for it opens nothing any more."""
    if place.status != UNCONFIRMED:
        return
    place.status, place.consented_on = LENT, today
    place.link_version += 1
    await _tell(session, place, "consent")


async def pause(session: AsyncSession, place: ParkingPlace, today: dt.date, until: dt.date | None) -> None:
    """Hide the place until a day, on which it is back; without one, until it is resumed.

    Raises
    ------
    InvalidParameter
        The day is not after today, or more than two years away.
    """
    if until and not today < until <= today + dt.timedelta(days=730):
        raise InvalidParameter(name="until", value=str(until), expected="a day to come")
    if place.status != UNCONFIRMED:
        place.status, place.paused_until = PAUSED, until
        _note(session, place, "pause")


async def resume(session: AsyncSession, place: ParkingPlace) -> None:
    """Show a paused place again."""
    if place.status == PAUSED:
        place.status, place.paused_until = LENT, None
        _note(session, place, "resume")


async def change_terms(
    session: AsyncSession, place: ParkingPlace, opening_hours: str | None, conditions: str | None
) -> None:
    """Change when the place may be used, and what carers must know."""
    place.opening_hours, place.conditions = opening_hours, conditions
    _note(session, place, "change")


async def withdraw(session: AsyncSession, place: ParkingPlace) -> None:
    """Delete the place and all that is known of its lender."""
    await session.delete(place)
    touch(session, LAYER)


async def send_links(session: AsyncSession, email: str) -> None:
    """Send the lender's links again; an address that lends nothing gets no mail, and nobody learns which."""
    lent = select(ParkingPlace).where(func.lower(ParkingPlace.lender_email) == email.lower())
    for place in await session.scalars(lent):
        kind = Mail.PARKING_CONSENT if place.status == UNCONFIRMED else Mail.PARKING_CHANGED
        await post(session, kind, place_id=place.id)


async def purge_unconfirmed(session: AsyncSession, today: dt.date) -> int:
    """Delete the offers that nobody confirmed in time; return how many. The caller commits."""
    before = dt.datetime.combine(today - UNCONFIRMED_FOR, dt.time(), dt.UTC)
    old = select(ParkingPlace).where(ParkingPlace.status == UNCONFIRMED, ParkingPlace.created_at < before)
    places = (await session.scalars(old)).all()
    for place in places:
        await session.delete(place)
    return len(places)


async def _find_zones(session: AsyncSession, point: LonLat) -> list[uuid.UUID]:
    ensure_metres_hold(point)
    found = await session.scalar(select(touched_zone_ids(_geom(point))))
    if not found:
        raise OutsideRegion(lon=point.lon, lat=point.lat)
    return list(found)


def _columns(offer: Offer) -> dict[str, object]:
    return {
        "address": offer.address,
        "geom": _geom(offer.point),
        "opening_hours": offer.opening_hours,
        "conditions": offer.conditions,
    }


def _geom(point: LonLat) -> WKTElement:
    return WKTElement(f"POINT({point.lon:.6f} {point.lat:.6f})", srid=WGS84)


async def _tell(session: AsyncSession, place: ParkingPlace, step: str) -> None:
    _note(session, place, step)
    await session.flush()
    await post(session, Mail.PARKING_CHANGED, place_id=place.id)


def _note(session: AsyncSession, place: ParkingPlace, step: str) -> None:
    place.version += 1
    name_step(session, step)
    touch(session, LAYER)
