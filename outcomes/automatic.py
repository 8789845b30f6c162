"""Rules that verify facts by themselves, where an officer has switched them on for a contract.

A rule looks at one fact; what stands in any rule's way (a conflict, something asked for, an amount that two officers
stand behind) is asked once for all of them, in `payouts.services.ruling`.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outcomes.columns import EXIT_REASONS, Kind

SHORT = 14  # days


@dataclass(frozen=True, slots=True)
class Automatic:
    """What a rule is called, and which facts it verifies: a condition in SQL on a row `fact`."""

    label: str | Promise
    condition: str


def _detail(*reasons: str) -> str:
    return ", ".join(str(EXIT_REASONS.index(reason) + 1) for reason in reasons)


AUTOMATIC = {
    "report_of_past_month": Automatic(_("reports of a month that is over"), f"fact.kind = {Kind.REPORT:d}"),
    "short_interruption": Automatic(
        _("interruptions of at most {days} days"),
        f"fact.kind = {Kind.INTERRUPTION:d} AND fact.through_day - fact.from_day < {SHORT}",
    ),
    "plausible_attendance": Automatic(
        _("attendance on at most five days a week"),
        f"fact.kind = {Kind.ATTENDANCE:d} AND fact.quantity * 7 <= (fact.through_day - fact.from_day + 1) * 5",
    ),
    "exit_without_result": Automatic(
        _("exits that lead neither to work nor to studies"),
        f"fact.kind = {Kind.EXIT:d} AND fact.detail IN ({_detail('interrupted', 'moved', 'other', 'unknown')})",
    ),
}


RETURN_WITHIN = "return_within"
OF_OTHER_TERMS = {  # rules that other terms allow: a contract's, or the legal ground of a register
    RETURN_WITHIN: _("the contract's time for a return"),
    "register_grades": _("the grade register says the same"),
    "register_employment": _("the employment register says the same"),
    "register_income": _("the income register says the same"),
    "register_certificates": _("the employer's certificate says the same"),
}


def rule_label(code: str) -> str:
    """What a rule is called; its code if it is there no more."""
    if code in AUTOMATIC:
        return str(AUTOMATIC[code].label).format(days=SHORT)
    return str(OF_OTHER_TERMS.get(code, code))
