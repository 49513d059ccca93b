"""Settings: environment variables with the prefix ``QUARTIER_``, or a ``.env`` file."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).resolve().parent

SHIPPED_DATA: Path = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data"
"""The tables that come with the platform: inside the wheel, else beside the source."""


def user_data_home() -> Path:
    """Directory of this user's data for Quartier, after the XDG rules.

    Root's lies outside ``/root``: the database runs as an unprivileged user, who could not enter there.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/quartier")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "quartier"


class Settings(BaseSettings):
    """What an installation may decide; every field is ``QUARTIER_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(env_prefix="QUARTIER_", env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = Field(
        None, description="PostgreSQL + PostGIS to use; without it, a private one is started."
    )
    database_direct_url: str | None = Field(
        None, description="The same database past a pooler, for migrations and notifications."
    )
    database_prepared_statements: bool = Field(
        True, description="Turn off behind a PgBouncer older than 1.21 in transaction mode."
    )
    database_read_url: str | None = Field(
        None,
        description="A streaming replica, read by people who are not signed in; without it, the same "
        "database.",
    )
    database_pool_size: int = Field(
        10, ge=1, description="Most connections for pages, tiles and lists, of one server process."
    )
    database_export_pool_size: int = Field(
        2, ge=1, description="Most connections for files, which may take long, of one server process."
    )
    database_write_pool_size: int = Field(
        5, ge=1, description="Most connections for writing, of one server process."
    )
    data_dir: Path = Field(default_factory=user_data_home, description="The private database and its files.")
    postgres_home: Path | None = Field(
        None,
        description="Root of the PostgreSQL to run (``/`` is the system's); without it, the first found.",
    )
    host: str = Field("127.0.0.1", description="Address on which `quartier serve` listens.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which `quartier serve` listens.")
    workers: int = Field(1, ge=1, description="Server processes.")
    kept_mb: int = Field(
        64, ge=0, description="Answers that a server process keeps in memory, in millions of bytes; 0: none."
    )
    most_connections: int = Field(
        2000, ge=1, description="Most connections of readers, of one server process; who comes then gets 503."
    )
    metrics: bool = Field(True, description="Answer `/metrics` for Prometheus; hide it at the proxy.")
    log_format: Literal["text", "json"] = Field("text", description="Lines of the log for people, or JSON.")
    log_requests: bool = Field(
        False, description="A line of the log for each request: pattern of the address, status, duration."
    )
    otlp_url: str | None = Field(
        None, description="OpenTelemetry collector (OTLP over HTTP) that takes traces; off by default."
    )
    otlp_share: float = Field(1.0, ge=0, le=1, description="Share of requests that are traced.")
    worker_beside: bool = Field(
        True, description="Run a background worker beside the server; off where `quartier worker` runs alone."
    )
    public_url: str | None = Field(
        None, description="Address by which readers reach the platform; sitemap and shared links use it."
    )
    background_tile_url: str | None = Field(
        None, description="Template of a background map, {z}/{x}/{y}; off by default."
    )
    background_tile_attribution: str = Field("", description="Credit shown with the background map.")
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server, ``smtp://user:password@host:587`` (STARTTLS where offered) or "
        "``smtps://…``; without it, mail is laid into a maildir in the data directory.",
    )
    mail_from: str | None = Field(
        None, description="Sender of the mail; without it, ``quartier@`` and the host of the public address."
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="Signs links and seals secrets; without it, a key made once in the data directory.",
    )
    oidc_issuer: str | None = Field(
        None, description="OpenID Connect provider to sign in with, as an address; off by default."
    )
    oidc_client_id: str = Field("", description="What the provider calls this installation.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Its secret there.")
    oidc_label: str = Field("OpenID Connect", description="Words on the button that leads to the provider.")
    oidc_opens_accounts: bool = Field(
        False, description="Open an account, without any role, for whoever signs in there and has none."
    )
    oidc_second_factor: frozenset[str] = Field(
        frozenset(),
        description="Values of ``acr`` or ``amr`` that count as a second factor, "
        'as a JSON list: ``["mfa", "otp"]``; none by default.',
    )
    zone_file_limit_mb: int = Field(200, ge=1, description="Largest file of zones that is read or fetched.")
    opendata_zones_url: str = Field(
        "https://opendata.brussels.be/api/explore/v2.1/catalog/datasets/{dataset}/exports/geojson",
        description="Where `quartier load zones --from opendata.brussels` fetches; {dataset} is filled in.",
    )
    urbis_zones_url: str = Field(
        "https://geoservices-vector.irisnet.be/geoserver/urbisvector/wfs?service=WFS&version=2.0.0"
        "&request=GetFeature&typeNames=urbisvector:{dataset}&outputFormat=application/json"
        "&srsName=EPSG:31370",
        description="Where `quartier load zones --from urbis` fetches; {dataset} is filled in.",
    )
    overpass_url: str = Field(
        "https://overpass-api.de/api",
        description="Where `quartier load network --from osm` fetches: the address below which "
        "/interpreter lies.",
    )
    session_idle_hours: int = Field(12, ge=1, description="A session ends after so many hours unused.")
    session_days: int = Field(14, ge=1, description="A session ends after so many days in any case.")
    unused_invitation_days: int = Field(30, ge=14, description="Then an unused invitation is erased.")
    disabled_account_days: int = Field(365, ge=1, description="Then a disabled account is erased.")
    sign_in_failures_hours: int = Field(24, ge=1, description="Then failed sign-ins are forgotten.")
    audit_years: int = Field(5, ge=1, description="Then events of the audit are erased.")

    @property
    def direct_url(self) -> str | None:
        """Address of the given database that bypasses a pooler."""
        return self.database_direct_url or self.database_url

    @property
    def public_address(self) -> str:
        """Address with which links in mail begin."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def mail_dir(self) -> Path:
        """The maildir that stands in for a mail server."""
        return self.data_dir / "mail"


@lru_cache(maxsize=1)
def read_settings() -> Settings:
    """Read the environment once; call ``read_settings.cache_clear()`` after changing it."""
    return Settings()
