"""What teams type: text of one line or several, in three languages, cleaned and bounded."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from geo import vocabulary

#: Line breaks and tabs are text; these are nobody's.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")

_TELEPHONE = "[0-9+()/. -]{3,40}"


def clean_text(given: object) -> object:
    """Return a text in NFC without surrounding space, its line breaks as one character; empty is none."""
    if not isinstance(given, str):
        return given
    text = unicodedata.normalize("NFC", given.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if _CONTROL.search(text):
        raise PydanticCustomError("control_characters", "control characters")
    return text or None


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


_Cleaned = BeforeValidator(clean_text)
_Line = AfterValidator(_one_line)

#: A title, a name, an address: one line.
Title = Annotated[Annotated[str, Field(max_length=160)] | None, _Cleaned, _Line]
Line = Annotated[Annotated[str, Field(max_length=400)] | None, _Cleaned, _Line]
#: Paragraphs.
Short = Annotated[Annotated[str, Field(max_length=800)] | None, _Cleaned]
Passage = Annotated[Annotated[str, Field(max_length=2_000)] | None, _Cleaned]
Story = Annotated[Annotated[str, Field(max_length=8_000)] | None, _Cleaned]


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        named = "." in (parts.hostname or "") and parts.port != 0
    except ValueError:
        named = False
    plain = not any(each.isspace() or each in '<>"\\' for each in text)
    if not (named and plain and parts.scheme in ("http", "https") and "@" not in parts.netloc):
        raise PydanticCustomError("web_address", "http:// or https:// and a name")
    return text


def _mail_address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise PydanticCustomError("mail_address", "a mail address") from None


def _telephone(text: str) -> str:
    if not re.fullmatch(_TELEPHONE, text):
        raise PydanticCustomError("telephone", "a telephone number")
    return text


_Web = Annotated[str, Field(max_length=500), AfterValidator(_web_address)]
_Mail = Annotated[str, Field(max_length=254), AfterValidator(_mail_address)]
_Phone = Annotated[str, Field(json_schema_extra={"pattern": f"^{_TELEPHONE}$"}), AfterValidator(_telephone)]

#: An address that browsers open, never of another scheme; a mail address; a telephone number.
WebAddress = Annotated[_Web | None, _Cleaned]
MailAddress = Annotated[_Mail | None, _Cleaned]
Phone = Annotated[_Phone | None, _Cleaned]


class Content(BaseModel):
    """A frozen model of what was typed; fields nobody knows are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Texts(Content):
    def __bool__(self) -> bool:
        return any(each for _, each in self)

    @property
    def text(self) -> vocabulary.Text:
        """Return it as the platform's text."""
        return vocabulary.Text(**dict(self))


class Titles(_Texts):
    """A title in three languages."""

    fr: Title = None
    nl: Title = None
    en: Title = None


class Lines(_Texts):
    """A sentence or two in three languages."""

    fr: Line = None
    nl: Line = None
    en: Line = None


class Passages(_Texts):
    """Paragraphs in three languages."""

    fr: Passage = None
    nl: Passage = None
    en: Passage = None


class Shorts(_Texts):
    """A notice in three languages."""

    fr: Short = None
    nl: Short = None
    en: Short = None


class Stories(_Texts):
    """A long text in three languages."""

    fr: Story = None
    nl: Story = None
    en: Story = None
