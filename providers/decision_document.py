"""The document of a decision: what was decided and why, what the provider said, and what it can do against it.

In Swedish, whatever language the officer's pages have: it is sent to the provider.
"""

from datetime import date

from django.utils.translation import gettext, override

from backend.kernel.docx import compiled
from backend.kernel.models import User
from providers.models import Application, Assessment, Proposal
from providers.remedies import remedy_of
from providers.selectors import assessments_of, evidence_of

TEMPLATE = "decision.docx"


def write_decision(proposal: Proposal, *, first: date, decided_by: User, day: date) -> bytes:
    """The decision as DOCX; it applies from `first` and is made on `day`."""
    remedy = remedy_of(proposal.legal_basis, is_measure=proposal.application is None)
    with override("sv"):
        return compiled(TEMPLATE).fill(
            {
                "heading": remedy.decision,
                "diarienummer": proposal.diarienummer,
                "day": day.isoformat(),
                "provider": proposal.provider.name,
                "organisation_number": proposal.provider.organisation_number,
                "service": proposal.service.title,
                "ruling": ruling(proposal, first),
                "conditions": proposal.conditions.splitlines(),
                "reasons": proposal.reasons.splitlines(),
                "catalogue": _catalogue(proposal.application) if proposal.application else "",
                "requirements": _requirements(proposal.application) if proposal.application else [],
                "hearing": list(_hearing(proposal)),
                "remedy": remedy.remedy,
                "instance": remedy.instance,
                "notice": remedy.notice,
                "source": remedy.source,
                "decided_by": decided_by.get_full_name() or decided_by.get_username(),
                "proposed_by": proposal.proposed_by.get_full_name() or proposal.proposed_by.get_username(),
            },
        )


def ruling(proposal: Proposal, first: date) -> str:
    """What is decided, as one sentence."""
    last = proposal.valid_through
    days = (
        gettext("from {first} through {last}").format(first=first, last=last)
        if last
        else gettext("from {first} until a new decision").format(first=first)
    )
    sentences = {
        Proposal.Kind.GRANTED: gettext("{provider} is authorised for {service} {days}."),
        Proposal.Kind.CONDITIONS: gettext("{provider} is authorised for {service} {days}, on the conditions below."),
        Proposal.Kind.REFUSED: gettext("The application of {provider} to be authorised for {service} is refused."),
        Proposal.Kind.SUSPENDED: gettext("The authorisation of {provider} for {service} is suspended {days}."),
        Proposal.Kind.RESUMED: gettext(
            "The suspension of {provider} for {service} is lifted from {first}; the authorisation applies again."
        ),
        Proposal.Kind.REVOKED: gettext("The authorisation of {provider} for {service} is revoked from {first}."),
    }
    provider, service = proposal.provider.name, proposal.service.title
    return sentences[Proposal.Kind(proposal.kind)].format(provider=provider, service=service, days=days, first=first)


def _catalogue(application: Application) -> str:
    catalogue = application.catalogue
    return gettext("version {number} of the requirements for {service}, valid from {day}").format(
        number=catalogue.number, service=application.service.title, day=catalogue.valid_from
    )


def _requirements(application: Application) -> list[dict[str, str]]:
    judged, shown = assessments_of(application), evidence_of(application)
    return [
        {
            "title": str(requirement),
            "outcome": str(Assessment.Outcome(judged[requirement.pk].outcome).label),
            "note": judged[requirement.pk].note,
            "evidence": ", ".join(evidence.name for evidence in shown[requirement.pk]),
        }
        for requirement in application.catalogue.requirements.order_by("code")
    ]


def _hearing(proposal: Proposal) -> list[str]:
    """How the provider could answer before the decision, and what it said."""
    if hasattr(proposal, "answer"):
        asked = gettext("The provider was told of the proposal and answered:")
        return [asked, *proposal.answer.text.splitlines()]
    if proposal.answer_by:
        return [
            gettext("The provider was told of the proposal and could answer through {day}. It did not.").format(
                day=proposal.answer_by
            )
        ]
    if proposal.urgency:
        urgent = gettext("The matter was too urgent for the provider to be heard first:")
        return [f"{urgent} {proposal.urgency}"]
    return [gettext("The decision goes as the provider applied, so that nothing had to be communicated.")]
