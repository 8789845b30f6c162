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
        "payouts.hold": _("hold"),
        "payouts.attestant": _("attestant"),
        "payouts.payer": _("payer"),
        "payouts.bankfile": _("message from the bank"),
        "payouts.bankreport": _("entry of the bank"),
        "payouts.supplierinvoice": _("supplier's invoice"),
        "payouts.objection": _("answer to a notice"),
        "simulate": _("asked what a draft would have cost"),
        "queue_run": _("started a run"),
        "compute_run": _("computed a run"),
        "cancel_run": _("cancelled a run"),
        "attest_examiner": _("signed a run as its examiner"),
        "attest_decider": _("signed a run as its decider"),
        "examine_run": _("examined a run"),
        "answer_findings": _("answered findings of controls"),
        "appoint_attestant": _("entered an attestant"),
        "end_attestant": _("ended an attestant's appointment"),
        "allocate_run": _("made the statements of a run"),
        "place_hold": _("placed a hold"),
        "release_holds": _("released holds"),
        "make_objection": _("answered a notice"),
        "decide_objection": _("decided about an answer to a notice"),
        "record_payer": _("recorded as whom the municipality pays"),
        "order_payments": _("ordered payments"),
        "export_run": _("exported a file of a run"),
        "import_bank_file": _("read a message from the bank"),
        "handle_report": _("handled an entry that fits no payment"),
        "register_invoice": _("registered a supplier's invoice"),
        "settle_run": _("settled a run"),
        "unsettle_run": _("reopened a settled run"),
    }
)
