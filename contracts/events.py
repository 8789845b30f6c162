"""How the audit trail calls what is done in contracts."""

from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import name_events

name_events(
    {
        "contracts.contract": _("contract"),
        "contracts.paymentmodelversion": _("version of a payment model"),
        "contracts.paymentmodeldraft": _("draft of a payment model"),
        "amend": _("amended a contract"),
        "save": _("saved a draft"),
        "propose": _("proposed a draft for publication"),
        "discard": _("threw a draft away"),
        "publish": _("published a payment model"),
        "tie": _("tied a contract to a payment model"),
        "set_budget": _("set a budget"),
    }
)
