"""How the audit trail calls what is done with scorecards."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "scorecards.scorecardrun": _("scorecards of a period"),
        "scorecards.scorecard": _("scorecard"),
        "scorecards.review": _("authorisation review"),
        "scorecards.reviewthreshold": _("threshold for reviews"),
        "scorecards.measuretarget": _("target of a measure"),
        "scorecards.employmentrate": _("employment rate of a district"),
        "queue_scorecards": _("had scorecards computed"),
        "compute_scorecards": _("computed scorecards"),
        "discard_scorecards": _("put scorecards aside"),
        "open_hearing": _("opened a hearing about scorecards"),
        "answer_hearing": _("answered in a hearing"),
        "finalise_scorecards": _("made scorecards final"),
        "ask_archive": _("asked for the documents of scorecards"),
        "announce_threshold": _("announced a threshold for reviews"),
        "propose_review": _("proposed what follows from a scorecard"),
        "decide_review": _("decided a review"),
        "set_target": _("set a target"),
        "set_employment_rate": _("entered an employment rate"),
    }
)
