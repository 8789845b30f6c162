"""How the audit trail calls what is done in payouts."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "payouts.run": _("run"),
        "simulate": _("asked what a draft would have cost"),
        "queue_run": _("started a run"),
        "compute_run": _("computed a run"),
        "cancel_run": _("cancelled a run"),
        "attest_examiner": _("signed a run as its examiner"),
        "attest_decider": _("signed a run as its decider"),
    }
)
