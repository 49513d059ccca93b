"""The code on paper that leads back to the live page."""

from __future__ import annotations

from markupsafe import Markup

#: A longer address would need a code too fine for a home printer.
MAX_ADDRESS = 400


def qr_code(address: str) -> Markup:
    """Return a QR code of an address as inline SVG; nothing where the address is too long for one.

    Drawn anew each time: an address can hold what somebody looked for, and that is kept nowhere.
    """
    import segno  # drawn for paper; a server that only answers programs never needs it

    if len(address) > MAX_ADDRESS:
        return Markup("")
    drawn = segno.make(address, micro=False, error="l", boost_error=False)
    return Markup(drawn.svg_inline(omitsize=True, border=2))  # noqa: S704 - made of numbers
