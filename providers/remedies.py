"""What can be done against a decision, by its legal basis: the data of `remedies.toml`, and how they are read. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.kernel.periods import Duration, parse_duration

FILE = Path(__file__).with_name("remedies.toml")


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a decision is called, which remedy there is, where, until when, and the notice that says so.

    No `within` means that there is no remedy, which the notice says too.
    """

    decision: str
    remedy: str
    instance: str
    within: Duration | None
    counted_from: str
    notice: str
    source: str


def remedy_of(legal_basis: str, *, is_measure: bool) -> Remedy:
    """The remedy against a decision on an application, or against a measure. KeyError for an unknown basis."""
    bases, remedies = _read()
    return remedies[bases[legal_basis]["measure" if is_measure else "application"]]


def known_bases() -> frozenset[str]:
    return frozenset(_read()[0])


@cache
def _read() -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Remedy]]:
    document: dict[str, Any] = tomllib.loads(FILE.read_text())
    return document["bases"], {name: _remedy(value) for name, value in document["remedies"].items()}


def _remedy(value: Mapping[str, str]) -> Remedy:
    within = value["within"]
    return Remedy(
        decision=value["decision"],
        remedy=value["remedy"],
        instance=value["instance"],
        within=parse_duration(within, "within") if within else None,
        counted_from=value["from"],
        notice=value["notice"],
        source=value["source"],
    )
