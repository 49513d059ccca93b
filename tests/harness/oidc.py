"""A provider of OpenID Connect on this machine, for tests: it signs in whoever it is told to, at once.

What it answers can be spoiled field by field (`provider.spoil`), to see that nothing spoiled is believed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "quartier-test", "fictional-secret"


@lru_cache
def provider_key() -> RSAKey:
    """Return the key of the provider, made once: that takes a while."""
    return RSAKey.generate_key(2048, {"kid": "k1"})


@dataclass
class OidcProvider:
    """What the provider says of the next reader; `spoil` overrides claims of the token it signs."""

    issuer: str
    subject: str = "subject-1"
    email: str = "somebody@example.org"
    verified: bool = True
    more: dict[str, Any] = field(default_factory=dict)
    spoil: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=provider_key)
    signing_key: RSAKey | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser is sent back to."""
        code = secrets.token_urlsafe(16)
        self.asked[code] = query
        told = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(told)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Return the token of a code, once; None where client, address or verifier are not right."""
        query = self.asked.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if query is None or authorization != f"Basic {basic}":
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if query.get("code_challenge") != challenge or query.get("code_challenge_method") != "S256":
            return None
        if form.get("redirect_uri") != query["redirect_uri"]:
            return None
        return {"access_token": "a", "token_type": "Bearer", "id_token": self._signed(query["nonce"])}

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": self.subject, "nonce": nonce,
            "iat": now, "exp": now + 300,
            "email": self.email, "email_verified": self.verified, **self.more, **self.spoil,
        }  # fmt: skip
        claims = {name: told for name, told in claims.items() if told is not None}
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signing_key or self.key)


@pytest.fixture
def oidc_provider() -> Iterator[OidcProvider]:
    """The provider, served on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = OidcProvider(f"http://127.0.0.1:{server.server_port}")
    server.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> OidcProvider:
        return self.server.provider  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/.well-known/openid-configuration":
            self._answer(200, self.provider.describe())
        elif parts.path == "/keys":
            self._answer(200, {"keys": [self.provider.key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(query))
            self.end_headers()
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        token = self.provider.token(form, self.headers.get("Authorization", ""))
        self._answer(200 if token else 400, token or {"error": "invalid_grant"})

    def log_message(self, *_args: Any) -> None:
        """Say nothing: the output belongs to the tests."""

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
