"""How the audit trail calls what is done in payouts."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "payouts.run": _("run"),
        "payouts.line": _("line"),
        "payouts.sample": _("sample"),
        "payouts.sampledfact": _("sampled fact"),
        "payouts.recoveryproposal": _("proposed recovery"),
        "draw_sample": _("drew a sample"),
        "counter_verify": _("checked a verified fact"),
        "propose_recovery": _("proposed a recovery"),
        "answer_recovery": _("answered a proposed recovery"),
        "decide_recovery": _("decided about a proposed recovery"),
        "simulate": _("asked what a draft would have cost"),
        "queue_run": _("started a run"),
        "compute_run": _("computed a run"),
        "cancel_run": _("cancelled a run"),
        "attest_examiner": _("signed a run as its examiner"),
        "attest_decider": _("signed a run as its decider"),
    }
)
