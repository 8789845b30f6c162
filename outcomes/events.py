"""How the audit trail calls what is done in outcomes."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "outcomes.participant": _("participant"),
        "outcomes.placement": _("placement"),
        "outcomes.fact": _("fact"),
        "refer": _("referred participants"),
        "report": _("reported facts"),
        "verified": _("verified facts"),
        "rejected": _("rejected facts"),
        "more_asked": _("asked for more about facts"),
        "view_placement": _("looked at a placement"),
        "view_participant": _("looked at a participant"),
        "find_participant": _("looked up an identity number"),
        "reveal_identities": _("saw identity numbers"),
        "record_identity": _("recorded an identity number"),
        "protect": _("protected a participant"),
        "lift_protection": _("lifted a protection"),
        "name_handler": _("named a handler"),
        "end_naming": _("ended the naming of a handler"),
    }
)
