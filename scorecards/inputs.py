"""What scorecards are computed from: one row per placement, with the names behind its numbers. Pure.

The columns can be frozen as bytes, so that a final scorecard is computed anew from the very same, and have a digest.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from outcomes.columns import I8, I16, I32, I64, Bool, Columns

# in the order of `outcomes.models.ParticipantBackground`; 0 in a column is not known
SEXES = ("woman", "man")
SCHOOLING = ("none", "compulsory", "upper_secondary", "post_secondary")
OBSTACLES = ("unemployed", "language", "health", "social", "waiting", "other")


@dataclass(frozen=True, slots=True)
class Inputs(Columns):
    """One row per placement. Days as in `outcomes.columns`, `FAR` for none; öre; what became as in `Followed`."""

    placement: I64
    participant: I32
    provider: I32  # id
    service: I16  # index into Names.services
    tier: I16  # index into Names.tiers
    referred_on: I32
    starts_on: I32
    exit_on: I32
    exit_reason: I8
    durable_on: I32
    job_on: I32
    status_2: I8
    status_8: I8
    status_12: I8
    courses: I16
    high_grades: I16
    points: I32
    attended: I32
    is_interrupted: Bool
    facts: I32  # decided about: verified or rejected …
    errors: I32  # … and how many of them were rejected, or corrected afterwards
    cost: I64  # what the ledger's counting lines come to
    district: I32  # id; 0 where not known
    birth_year: I16  # 0 where not known
    months_on_assistance: I16  # -1 where not known
    sex: I8
    schooling: I8
    obstacle: I8

    def digest(self) -> str:
        """SHA-256 over the number of rows and, column by column, the name and the hash of the values (big-endian)."""
        whole = hashlib.sha256(len(self).to_bytes(8))
        for name in self.names():
            column = getattr(self, name)
            values = hashlib.sha256(column.astype(column.dtype.newbyteorder(">")).tobytes()).digest()
            whole.update(len(name).to_bytes(2) + name.encode() + values)
        return whole.hexdigest()

    def freeze(self) -> bytes:
        file = io.BytesIO()
        np.savez_compressed(file, allow_pickle=False, **{name: getattr(self, name) for name in self.names()})
        return file.getvalue()

    @classmethod
    def thaw(cls, frozen: bytes) -> "Inputs":
        with np.load(io.BytesIO(frozen), allow_pickle=False) as columns:
            return cls(*(columns[name] for name in cls.names()))


@dataclass(frozen=True, slots=True)
class Service:
    """What is bought: the payment model that placements follow, whatever its version."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers of the inputs stand for, and the share of each district's people who are in work, by year."""

    services: Sequence[Service]
    tiers: Sequence[str]
    providers: Mapping[int, str]
    districts: Mapping[int, str]
    employment_rates: Mapping[int, Mapping[int, float]]  # per cent, by district and year

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Names":
        """From what `as_data` gave, also by way of JSON, which makes texts of numbers."""
        return cls(
            [Service(**service) for service in data["services"]],
            data["tiers"],
            {int(number): name for number, name in data["providers"].items()},
            {int(number): name for number, name in data["districts"].items()},
            {
                int(number): {int(year): rate for year, rate in rates.items()}
                for number, rates in data["employment_rates"].items()
            },
        )
