"""The second step of signing in: a code of the app, or a recovery code where the app is lost."""

from __future__ import annotations

import re

from sqlalchemy.ext.asyncio import AsyncSession

from geo.accounts.recovery import use_code
from geo.accounts.sessions import Factor, Proof
from geo.accounts.totp import check_totp

_OF_APP = re.compile(r"\d{6}")


async def prove_code(session: AsyncSession, proof: Proof, code: str) -> Proof | None:
    """Return the proof with the factor that a code adds, or None. The code counts no more.

    Parameters
    ----------
    proof
        What the first step proved.
    code
        As it was typed; spaces and dashes are passed over.
    """
    plain = "".join(each for each in code if each.isalnum())
    factor: Factor = "totp" if _OF_APP.fullmatch(plain) else "recovery"
    check = check_totp if factor == "totp" else use_code
    if not await check(session, proof.account_id, plain):
        return None
    return Proof(proof.account_id, proof.factors | {factor})
