"""How the audit trail calls what is done in outcomes."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "outcomes.participant": _("participant"),
        "outcomes.placement": _("placement"),
        "outcomes.fact": _("fact"),
        "outcomes.legalground": _("legal ground"),
        "outcomes.registerimport": _("register's file"),
        "outcomes.registerrow": _("record of a register"),
        "record_ground": _("recorded a legal ground"),
        "import_register": _("took a register's file in"),
        "match_register_row": _("matched a record of a register"),
        "reveal_register_row": _("saw the identity number of a record"),
        "refer": _("referred participants"),
        "read": _("read through the API"),
        "report": _("reported facts"),
        "verified": _("verified facts"),
        "rejected": _("rejected facts"),
        "more_asked": _("asked for more about facts"),
        "follow_up": _("recorded what was done with placements"),
        "return": _("let a participant return"),
        "record_background": _("recorded a participant's background"),
        "signed": _("signed facts as the first of two officers"),
        "remind": _("reminded a provider of what was asked for"),
        "undo_verification": _("asked for a verification to be undone"),
        "attach_evidence": _("attached evidence"),
        "set_verification_terms": _("changed how a contract's facts are decided"),
        "view_fact": _("looked at a fact"),
        "view_evidence": _("looked at evidence"),
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
