"""The words for runs, lines and holds on pages."""

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from backend.kernel.errors import RULES
from outcomes.models import VerificationDecision
from payouts.conflicts import ConflictKind
from payouts.controls import CONTROLS, Severity
from payouts.engine.why import Status
from payouts.models import Line
from payouts.states import RunState

RUN_STATES = {
    RunState.QUEUED: pgettext_lazy("state of a run", "queued"),
    RunState.COMPUTING: pgettext_lazy("state of a run", "being computed"),
    RunState.COMPUTED: pgettext_lazy("state of a run", "computed, to be attested"),
    RunState.EXAMINING: pgettext_lazy("state of a run", "under examination"),
    RunState.ATTESTED_ONCE: pgettext_lazy("state of a run", "examined, to be decided"),
    RunState.ATTESTED: pgettext_lazy("state of a run", "attested"),
    RunState.EXPORTED: pgettext_lazy("state of a run", "exported"),
    RunState.SETTLED: pgettext_lazy("state of a run", "settled"),
    RunState.CANCELLED: pgettext_lazy("state of a run", "cancelled"),
}
RUN_TONES = {
    RunState.COMPUTED: "wait",
    RunState.EXAMINING: "wait",
    RunState.ATTESTED_ONCE: "wait",
    RunState.ATTESTED: "good",
    RunState.EXPORTED: "good",
    RunState.SETTLED: "good",
    RunState.CANCELLED: "bad",
}

CONFLICTS = {
    ConflictKind.SAME_JOB: gettext_lazy("same job twice"),
    ConflictKind.SAME_STEP: gettext_lazy("paid elsewhere"),
    ConflictKind.OVERLAP: gettext_lazy("two providers at once"),
    ConflictKind.OWN_EMPLOYER: gettext_lazy("employed by the provider"),
    ConflictKind.BEFORE_PLACEMENT: gettext_lazy("job before the placement"),
    ConflictKind.SAME_DOCUMENT: gettext_lazy("same document twice"),
}
CONFLICT_SENTENCES = {
    ConflictKind.SAME_JOB: gettext_lazy(
        "The participant's job with this employer, on some of these days, is reported for another placement too. One of"
        " them may be paid for it."
    ),
    ConflictKind.SAME_STEP: gettext_lazy(
        "The same kind of step is paid for this participant in another placement, within the days that the contract"
        " sets."
    ),
    ConflictKind.OVERLAP: gettext_lazy(
        "On these days the participant has a placement with another provider too. An exit may be missing."
    ),
    ConflictKind.OWN_EMPLOYER: gettext_lazy("The employer is the provider itself, or a company of its group."),
    ConflictKind.BEFORE_PLACEMENT: gettext_lazy("The job began before the placement did, so it is no result of it."),
    ConflictKind.SAME_DOCUMENT: gettext_lazy("The same file is evidence of another fact, too."),
}

DECISIONS = {
    VerificationDecision.Decision.VERIFIED: gettext_lazy("verified"),
    VerificationDecision.Decision.REJECTED: gettext_lazy("rejected"),
    VerificationDecision.Decision.MORE_ASKED: gettext_lazy("asked for more"),
    VerificationDecision.Decision.SIGNED: gettext_lazy("signed as the first of two officers"),
}

STATUSES = {
    Status.OWED: pgettext_lazy("status of a step", "owed"),
    Status.WAITING: pgettext_lazy("status of a step", "waiting"),
    Status.MISSED: pgettext_lazy("status of a step", "missed"),
}
STATUS_TONES = {Status.OWED: "good", Status.WAITING: "wait", Status.MISSED: "bad"}

SEVERITIES = {
    Severity.HOLD: gettext_lazy("holds the money"),
    Severity.ANSWER: gettext_lazy("must be answered"),
    Severity.NOTE: gettext_lazy("to be known"),
}
SEVERITY_TONES = {Severity.HOLD: "bad", Severity.ANSWER: "wait"}

HOLD_REASONS = {
    "budget": gettext_lazy("the contract's budget for the year is spent"),
    "authorisation": gettext_lazy("the provider's authorisation has lapsed"),
    "clawback_notice": gettext_lazy("the provider may answer before it is taken back"),
    "correction_too_old": gettext_lazy("it corrects what is older than the contract lets be corrected"),
    "officer": gettext_lazy("an officer holds it"),
}


def hold_reason(code: str) -> str:
    """Why something is held: a reason of this list, or what the control says that holds it."""
    if code in HOLD_REASONS:
        return str(HOLD_REASONS[code])
    return gettext(CONTROLS[code].says) if code in CONTROLS else code


class _Unknown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def rule_text(code: str) -> str:
    """What a rule asks, for a provider that was parked by it. A run keeps the rule, not the figures in its text."""
    return gettext(RULES[code].text).format_map(_Unknown()) if code in RULES else code


def occurrence_text(line: Line) -> str:
    """What a line pays for within its step: a month, a period's number or a course; nothing where there is but one."""
    if not line.occurrence:
        return ""
    match line.step.trigger:
        case "grade":
            return line.fact.subject.text if line.fact and line.fact.subject else ""
        case "period":
            year, month = divmod(line.occurrence, 100)
            return f"{year}-{month:02d}"
    return gettext("period {number}").format(number=line.occurrence)
