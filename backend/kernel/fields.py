"""Reading a document key by key: every value through a parser, every breach collected, nothing unknown let by.

Pure. A parser takes the raw value and its field path and gives the value, or raises DomainError with all it found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from backend.kernel.errors import Breach, DomainError, Rule, gettext_noop, refuse, rule

TABLE = rule("table", gettext_noop("a table of keys and values is needed here"))
LIST = rule("list", gettext_noop("a list with at least one value is needed here"))
TWICE = rule("value_twice", gettext_noop("the list names {twice} twice"))
TEXT = rule(
    "text",
    gettext_noop("a text of 1 to {most} characters is needed, without spaces around it or control characters"),
)
WHOLE = rule("whole_number", gettext_noop("a whole number from {least} to {most} is needed"))
FLAG = rule("flag", gettext_noop("true or false is needed"))
CHOICE = rule("choice", gettext_noop("only these are known: {known}"))
SHARE = rule("share", gettext_noop('a share is a text with a number from 0 with at most 6 decimals, such as "0.35"'))
MISSING = rule("missing_key", gettext_noop("the key {key} is needed here"))
UNKNOWN = rule("unknown_key", gettext_noop("the key {key} is unknown here; known are: {known}"))
ELSEWHERE = rule("model_key_of_another_trigger", gettext_noop("the key {key} belongs to the trigger {trigger}"))

CODE_MOST = 100
TITLE_MOST = 200
SOURCE_MOST = 2000
SHARE_UNIT = 10**6  # shares have at most 6 decimals
_SHARE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)

T = TypeVar("T")
S = TypeVar("S")
W = TypeVar("W", bound=str)
Parser = Callable[[object, str], T]


def joined(where: str, key: str) -> str:
    """The field path of a key: `caps` and `per_placement` give `caps.per_placement`."""
    return f"{where}.{key}" if where else key


class Table:
    """One table of a document under reading. `close` refuses what was wrong, and the keys that nobody asked for."""

    def __init__(self, value: object, where: str):
        if not isinstance(value, Mapping):
            raise refuse(TABLE, field=where or "document", value=value)
        self.content: Mapping[str, object] = value
        self.where = where
        self.asked: list[str] = []
        self.breaches: list[Breach] = []

    def has(self, key: str) -> bool:
        return key in self.content

    def take(self, key: str, parse: Parser[T], default: S) -> T | S:
        """The parsed value of a key, `default` where the key is absent (or, until `close`, wrong)."""
        self.asked.append(key)
        if key not in self.content:
            return default
        try:
            return parse(self.content[key], joined(self.where, key))
        except DomainError as error:
            self.breaches.extend(error.breaches)
            return default

    def need(self, key: str, parse: Parser[T], stand_in: S) -> T | S:
        """As `take`, of a key that must be there. `stand_in` only lets the reading go on to find more breaches."""
        if key not in self.content:
            self.refuse(MISSING, key, key=key)
        return self.take(key, parse, stand_in)

    def refuse(self, broken: Rule, key: str, /, **details: object) -> None:
        """Note a breach of the value that stands at a key."""
        self.breaches.append(Breach(broken, joined(self.where, key), self.content.get(key), details))

    def close(self, elsewhere: Mapping[str, str] | None = None) -> None:
        """Raise DomainError with every breach. `elsewhere` says which triggers have the keys that are unknown here."""
        for key in self.content:
            if key in self.asked:
                continue
            if elsewhere and key in elsewhere:
                self.refuse(ELSEWHERE, key, key=key, trigger=elsewhere[key])
            else:
                self.refuse(UNKNOWN, key, key=key, known=", ".join(self.asked))
        if self.breaches:
            raise DomainError(*self.breaches)


def text(most: int) -> Parser[str]:
    """A text of 1 to `most` characters."""

    def parse(value: object, field: str) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= most or value != value.strip() or _has_controls(value):
            raise refuse(TEXT, field=field, value=value, most=most)
        return value

    return parse


def _has_controls(value: str) -> bool:
    """Control characters and lone surrogates can be neither stored nor shown."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in value)


def whole(least: int, most: int) -> Parser[int]:
    """A whole number; true and false are none."""

    def parse(value: object, field: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise refuse(WHOLE, field=field, value=value, least=least, most=most)
        return value

    return parse


def flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise refuse(FLAG, field=field, value=value)
    return value


def choice(known: Iterable[W]) -> Parser[W]:
    """One of some known words."""
    words = tuple(known)

    def parse(value: object, field: str) -> W:
        for word in words:
            if word == value:
                return word
        raise refuse(CHOICE, field=field, value=value, known=", ".join(words))

    return parse


def share(value: object, field: str) -> Fraction:
    """An exact share from a decimal string such as `"0.35"`."""
    if not isinstance(value, str) or not _SHARE.fullmatch(value):
        raise refuse(SHARE, field=field, value=value)
    return Fraction(value)


def plain_share(exact: Fraction) -> str:
    """A share as its shortest decimal string: 7/20 is `"0.35"`."""
    whole_part, rest = divmod(int(exact * SHARE_UNIT), SHARE_UNIT)
    return f"{whole_part}.{rest:06d}".rstrip("0").rstrip(".")


def several(parse: Parser[T], *, may_be_empty: bool = False) -> Parser[tuple[T, ...]]:
    """A list of values, each through `parse`, none twice."""

    def parse_all(value: object, field: str) -> tuple[T, ...]:
        if not isinstance(value, list | tuple) or not (value or may_be_empty):
            raise refuse(LIST, field=field, value=value)
        found: list[T] = []
        breaches: list[Breach] = []
        for number, raw in enumerate(value, start=1):
            try:
                found.append(parse(raw, f"{field}[{number}]"))
            except DomainError as error:
                breaches.extend(error.breaches)
        breaches.extend(Breach(TWICE, field, value, {"twice": twice}) for twice in repeated(found))
        if breaches:
            raise DomainError(*breaches)
        return tuple(found)

    return parse_all


def repeated(values: Iterable[T]) -> list[T]:
    """The values that stand more than once, in order."""
    seen: list[T] = []
    twice: list[T] = []
    for value in values:
        if value in seen and value not in twice:
            twice.append(value)
        seen.append(value)
    return twice
