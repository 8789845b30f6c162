"""Refusals: one exception for all bad input, one register of the rules behind it.

Pure: messages are English message ids with named placeholders; the edge (page, command line, API) translates them.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass


def gettext_noop(text: str) -> str:
    """Mark a text for translation where it stands; the edge translates it when it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that input must keep. `text` says what is asked, with the placeholders of `Breach.details`."""

    code: str
    text: str


RULES: dict[str, Rule] = {}


def rule(code: str, text: str) -> Rule:
    """Register a rule; every refusal of the project names one of these, and the tests hold a wrong example of each."""
    if code in RULES:
        raise ValueError(f"the rule {code} is registered twice")
    RULES[code] = Rule(code, text)
    return RULES[code]


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule: the field (a path such as `steps[2].lasts`), the value that stood there, and the rule."""

    rule: Rule
    field: str
    value: object
    details: dict[str, object] = dataclasses.field(default_factory=dict)

    def say(self, translate: Callable[[str], str] = str) -> str:
        """The refusal as a sentence: `field = value: what the rule asks`."""
        asked = translate(self.rule.text).format(**self.details)
        return f"{self.field} = {self.value}: {asked}"


class DomainError(Exception):
    """Input was refused. Carries every breach that was found, so that all can be mended at once."""

    def __init__(self, *breaches: Breach):
        super().__init__(*breaches)
        self.breaches = breaches

    def __str__(self) -> str:
        return self.say()

    def say(self, translate: Callable[[str], str] = str) -> str:
        return "\n".join(breach.say(translate) for breach in self.breaches)


def refuse(broken: Rule, *, field: str, value: object, **details: object) -> DomainError:
    """The error for one broken rule, to be raised: `raise refuse(UNKNOWN_TIER, field="tier", value="D", known="A,
    B")`."""
    return DomainError(Breach(broken, field, value, details))
