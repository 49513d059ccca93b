"""A security key in software, for tests: it signs what it is told, also what a real one would refuse."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url, encode_cbor

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One key with one credential (ES256); `count` is its counter of signatures."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.credential_id = secrets.token_bytes(32)
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str, *, challenge: str | None = None, verified: bool = True) -> dict[str, Any]:
        """Return what a browser answers to options of registration."""
        asked = json.loads(options)
        numbers = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        length = struct.pack(">H", len(self.credential_id))
        attested = bytes(16) + length + self.credential_id + encode_cbor(cose)
        data = self._data(None, verified, _ATTESTED) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", challenge or asked["challenge"], self.origin)
        return self._credential(
            clientDataJSON=bytes_to_base64url(client),
            attestationObject=bytes_to_base64url(attestation),
            transports=["internal"],
        )

    def get(
        self,
        options: str,
        *,
        origin: str | None = None,
        domain: str | None = None,
        verified: bool = True,
        kind: str = "webauthn.get",
        signature: bytes | None = None,
        credential_id: bytes | None = None,
    ) -> dict[str, Any]:
        """Return what a browser answers to options of signing in."""
        self.count += 1
        client = self._client(kind, json.loads(options)["challenge"], origin or self.origin)
        data = self._data(domain, verified)
        signed = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            credential_id,
            clientDataJSON=bytes_to_base64url(client),
            authenticatorData=bytes_to_base64url(data),
            signature=bytes_to_base64url(signature or signed),
        )

    def _data(self, domain: str | None, verified: bool, more: int = 0) -> bytes:
        flags = _PRESENT | more | (_VERIFIED if verified else 0)
        hashed = hashlib.sha256((domain or urlsplit(self.origin).hostname or "").encode()).digest()
        return hashed + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _credential(self, credential_id: bytes | None = None, **response: Any) -> dict[str, Any]:
        number = bytes_to_base64url(credential_id or self.credential_id)
        return {"id": number, "rawId": number, "type": "public-key", "response": response}
