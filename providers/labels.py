"""The words for what stands in the register of providers."""

import re
from datetime import date, timedelta

from django.utils.translation import gettext, gettext_lazy

from providers.models import Assessment, Authorisation, BankAccount, Deviation, Proposal
from providers.states import ApplicationState, DeviationState

AUTHORISED = {True: gettext_lazy("authorised"), False: gettext_lazy("not authorised")}
AUTHORISED_TONES = {True: "good", False: "bad"}
SOON = timedelta(days=90)

APPLICATION_STATES = {
    ApplicationState.DRAFT: gettext_lazy("begun"),
    ApplicationState.SUBMITTED: gettext_lazy("handed in"),
    ApplicationState.ASSESSING: gettext_lazy("being assessed"),
    ApplicationState.RETURNED: gettext_lazy("to be completed"),
    ApplicationState.PROPOSED: gettext_lazy("decision proposed"),
    ApplicationState.DECIDED: gettext_lazy("decided"),
    ApplicationState.WITHDRAWN: gettext_lazy("withdrawn"),
}
APPLICATION_TONES = {
    ApplicationState.SUBMITTED: "wait",
    ApplicationState.ASSESSING: "wait",
    ApplicationState.RETURNED: "wait",
    ApplicationState.PROPOSED: "wait",
    ApplicationState.DECIDED: "good",
}
OUTCOME_TONES = {
    Assessment.Outcome.MET: "good",
    Assessment.Outcome.CONDITION: "wait",
    Assessment.Outcome.NOT_MET: "bad",
}
KIND_TONES = {
    Proposal.Kind.GRANTED: "good",
    Proposal.Kind.CONDITIONS: "good",
    Proposal.Kind.RESUMED: "good",
    Proposal.Kind.REFUSED: "bad",
    Proposal.Kind.SUSPENDED: "bad",
    Proposal.Kind.REVOKED: "bad",
}
DEVIATION_STATES = {
    DeviationState.OPEN: gettext_lazy("open"),
    DeviationState.ANSWERED: gettext_lazy("answered"),
    DeviationState.CLOSED: gettext_lazy("closed"),
}
DEVIATION_TONES = {DeviationState.OPEN: "bad", DeviationState.ANSWERED: "wait", DeviationState.CLOSED: "good"}
SEVERITY_TONES = {Deviation.Severity.MAJOR: "wait", Deviation.Severity.CRITICAL: "bad"}
PUBLIC_STATES = {
    "authorised": gettext_lazy("authorised"),
    "conditions": gettext_lazy("authorised with conditions"),
    "suspended": gettext_lazy("suspended"),
}
PUBLIC_TONES = {"authorised": "good", "conditions": "good", "suspended": "bad"}


def authorisation_state(authorisation: Authorisation, day: date) -> tuple[str, str]:
    """How an authorisation that governs stands on a day, and the tone of the word."""
    if authorisation.effect != Authorisation.Effect.AUTHORISED:
        return str(authorisation.get_effect_display()), "bad"
    if not authorisation.authorises(day):
        return gettext("lapsed"), "bad"
    if authorisation.valid_through is not None and authorisation.valid_through <= day + SOON:
        return gettext("ends soon"), "wait"
    if authorisation.decision and authorisation.decision.proposal.conditions:
        return gettext("authorised with conditions"), "good"
    return gettext("authorised"), "good"


def proposal_state(proposal: Proposal) -> tuple[str, str]:
    """What has come of a proposal, and the tone of the word."""
    if hasattr(proposal, "decision"):
        return str(proposal.get_kind_display()), KIND_TONES[Proposal.Kind(proposal.kind)]
    if hasattr(proposal, "returned"):
        return gettext("sent back"), ""
    return gettext("waits for a second officer"), "wait"


def account_number(account: BankAccount) -> str:
    """An account's number as it is written: 5050-1055, 4 19 11-1, SE45 5000 …"""
    digits = account.number
    match account.scheme:
        case BankAccount.Scheme.BANKGIRO:
            return f"{digits[:-4]}-{digits[-4:]}"
        case BankAccount.Scheme.PLUSGIRO:
            return f"{digits[:-1]}-{digits[-1]}"
    return " ".join(re.findall(".{1,4}", digits))


def account_state(account: BankAccount) -> tuple[str, str]:
    """How a bank account stands, and the tone of the word."""
    if account.ended_at is not None:
        return gettext("out of use"), ""
    if account.confirmed_at is not None:
        return gettext("in use"), "good"
    return gettext("waits for a second officer"), "wait"
