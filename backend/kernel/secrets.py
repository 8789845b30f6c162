"""Keys with which single values are kept secret: encrypted, or found again through a keyed hash.

Each value carries the id of its key, so that keys can be changed: the first key of a ring makes new values, the others
still read old ones.
"""

import binascii
import hashlib
import hmac
import os
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyMissingError(Exception):
    """A setting names no key, or not the one that a value was made with."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by their ids, the current one first."""

    name: str  # of the setting
    keys: Mapping[str, bytes]

    @classmethod
    def read(cls, name: str, text: str) -> Self:
        """A ring from `id:key,id:key`; each key is 32 random bytes in URL-safe base64."""
        pairs = (part.strip().partition(":") for part in text.split(",") if part.strip())
        return cls(name, {key_id: _key(name, key_id, key) for key_id, _, key in pairs})

    @property
    def current(self) -> str:
        if not self.keys:
            raise KeyMissingError(f"{self.name} names no key")
        return next(iter(self.keys))

    def encrypt(self, text: str, about: str) -> tuple[str, bytes]:
        """The key's id and the encrypted text, which can only be read again as being about the same."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._key(self.current)).encrypt(nonce, text.encode(), about.encode())
        return self.current, nonce + sealed

    def decrypt(self, key_id: str, sealed: bytes, about: str) -> str:
        return AESGCM(self._key(key_id)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode()).decode()

    def digests(self, text: str) -> dict[str, bytes]:
        """By the id of each key, the hash under which a text is found; the current one first."""
        if not self.keys:
            raise KeyMissingError(f"{self.name} names no key")
        return {key_id: hmac.digest(key, text.encode(), hashlib.sha256) for key_id, key in self.keys.items()}

    def _key(self, key_id: str) -> bytes:
        if key_id not in self.keys:
            raise KeyMissingError(f"{self.name} has no key {key_id}")
        return self.keys[key_id]


def _key(name: str, key_id: str, text: str) -> bytes:
    try:
        key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        key = b""
    if not key_id or len(key) != KEY_BYTES:
        raise KeyMissingError(f"{name}: a key is written as id:32 bytes in URL-safe base64")
    return key
