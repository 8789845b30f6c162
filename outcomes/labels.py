"""What a fact says and how it stands, in the reader's language."""

from enum import StrEnum

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backend.kernel.language import reader_language
from backend.kernel.money import show_kronor
from contracts.wording import FORMS
from outcomes.columns import EXIT_REASONS, GRADES, Kind
from outcomes.columns import FORMS as FORM_CODES
from outcomes.deadlines import Deadline
from outcomes.models import Fact, Reason, VerificationDecision

KINDS = {
    Kind.ATTENDANCE: _("attendance"),
    Kind.INTERRUPTION: _("interruption"),
    Kind.MILESTONE: _("milestone"),
    Kind.REPORT: _("periodic report"),
    Kind.GRADE: _("grade"),
    Kind.EXIT: _("exit"),
    Kind.EMPLOYMENT: _("employment"),
    Kind.STUDIES: _("studies"),
    Kind.EARNINGS: _("pay for work"),
}
EXITS = {
    "completed": pgettext_lazy("exit reason", "completed"),
    "work": pgettext_lazy("exit reason", "work"),
    "studies": pgettext_lazy("exit reason", "studies"),
    "interrupted": pgettext_lazy("exit reason", "broken off"),
    "moved": pgettext_lazy("exit reason", "moved away"),
    "other": pgettext_lazy("exit reason", "other reason"),
    "unknown": pgettext_lazy("exit reason", "unknown reason"),
}


class Standing(StrEnum):
    """How a fact stands: what has been decided about it, and whether it still counts."""

    WAITING = "waiting"
    SIGNED = "signed"
    MORE_ASKED = "more_asked"
    REJECTED = "rejected"
    VERIFIED = "verified"
    CORRECTED = "corrected"
    WITHDRAWAL = "withdrawal"


STANDINGS = {
    Standing.WAITING: _("waits for verification"),
    Standing.SIGNED: _("waits for a second officer"),
    Standing.MORE_ASKED: _("more is asked for"),
    Standing.REJECTED: _("rejected"),
    Standing.VERIFIED: _("verified"),
    Standing.CORRECTED: _("replaced by a later fact"),
    Standing.WITHDRAWAL: _("verified withdrawal"),
}


def standing(fact: Fact, corrected: frozenset[int]) -> Standing:
    """How a fact stands; `corrected` are the facts whose place a verified one has taken. Reads the fact's decisions."""
    if fact.pk in corrected:
        return Standing.CORRECTED
    if fact.verified is not None:
        return Standing.WITHDRAWAL if fact.withdrawn else Standing.VERIFIED
    decisions = {decision.decision for decision in fact.decisions.all()}
    if VerificationDecision.Decision.REJECTED in decisions:
        return Standing.REJECTED
    if VerificationDecision.Decision.SIGNED in decisions:
        return Standing.SIGNED
    return Standing.MORE_ASKED if decisions else Standing.WAITING


DEADLINES = {
    Deadline.MEETING: _("first meeting"),
    Deadline.PLAN: _("approved activity plan"),
    Deadline.REVIEW: _("review of the activity plan"),
    Deadline.LIMIT: _("longest time"),
}


def reason_label(code: str) -> str:
    """Why a fact was rejected, or more asked for."""
    return str(dict(Reason.choices).get(code, code))


PROTECTED = _("protected")  # in place of what tells who a protected participant is
EMPLOYERS = frozenset({Kind.EMPLOYMENT, Kind.STUDIES, Kind.EARNINGS})  # kinds whose subject is an employer


def contents(fact: Fact, *, with_reasons: bool, is_hidden: bool = False) -> str:
    """What the fact reports besides its days.

    `with_reasons`: the reader may know why a placement was interrupted. `is_hidden`: the reader may not see who the
    participant is, nor for whom it works.
    """
    if is_hidden and fact.subject and fact.kind in EMPLOYERS:
        return _joined(contents(_without_subject(fact), with_reasons=with_reasons), str(PROTECTED))
    match Kind(fact.kind):
        case Kind.ATTENDANCE:
            return gettext("{days} attended days").format(days=fact.quantity)
        case Kind.INTERRUPTION:
            return _subject(fact) if with_reasons else gettext("reason hidden")
        case Kind.MILESTONE:
            return _subject(fact)
        case Kind.GRADE:
            return _grade(fact)
        case Kind.EXIT:
            return str(EXITS[EXIT_REASONS[fact.detail - 1]])
        case Kind.EMPLOYMENT:
            form = FORMS[reader_language()][FORM_CODES[fact.detail - 1]]
            return _joined(form, _extent(fact), _subject(fact))
        case Kind.STUDIES:
            return _joined(_extent(fact), _subject(fact))
        case Kind.EARNINGS:
            return _joined(show_kronor(fact.quantity), _subject(fact))
    return ""


def _without_subject(fact: Fact) -> Fact:
    return Fact(kind=fact.kind, quantity=fact.quantity, detail=fact.detail)


def _subject(fact: Fact) -> str:
    return fact.subject.text if fact.subject else ""


def _grade(fact: Fact) -> str:
    points = gettext("{points} points").format(points=fact.quantity) if fact.quantity >= 0 else ""
    return _joined(f"{_subject(fact)}: {GRADES[fact.detail - 1]}", points)


def _extent(fact: Fact) -> str:
    return gettext("{percent} % of full time").format(percent=fact.quantity)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
