"""The one place where services test placements and facts against the rules of `outcomes.breaches`."""

from collections.abc import Mapping, Sequence

from backend.kernel.errors import Breach, DomainError, gettext_noop, rule
from outcomes.breaches import Found, find_breaches
from outcomes.columns import NO_FACT, shelve
from outcomes.models import Placement
from outcomes.selectors import KNOWN, Known, placements_as_known

NO_TERMS = rule("no_terms", gettext_noop("the contract has no payment model for placements referred on this day"))


def check_placements(ids: Sequence[int], *, with_undecided: bool) -> None:
    """DomainError with every breach among these placements, as they stand in the running transaction.

    `with_undecided` takes undecided facts for verified, as when they are reported.
    """
    known = placements_as_known(ids, with_undecided=with_undecided)
    raise_found(known, find_breaches(known.models, known.placements, shelve(known.facts), KNOWN), {})


def raise_found(known: Known, found: Sequence[Found], fact_names: Mapping[int, str]) -> None:
    """DomainError with what was found, if anything was, and with the placements that no payment model applies to.

    `fact_names` says how the caller calls facts; others are called by their ids.
    """
    if not found and not len(known.without_model):
        return
    rows = [int(known.placements.id[breach.row]) for breach in found]
    numbers = dict(Placement.objects.filter(pk__in=[*rows, *known.without_model.tolist()]).values_list("pk", "number"))
    breaches = [Breach(NO_TERMS, f"{numbers[pk]}.referred_on", numbers[pk]) for pk in known.without_model.tolist()]
    breaches += [_breach(breach, known, numbers, fact_names) for breach in found]
    raise DomainError(*breaches)


def _breach(found: Found, known: Known, numbers: Mapping[int, str], fact_names: Mapping[int, str]) -> Breach:
    if found.fact == NO_FACT:
        name = numbers[int(known.placements.id[found.row])]
    else:
        name = fact_names.get(found.fact, f"fact {found.fact}")
    return Breach(found.rule, f"{name}.{found.field}", found.value, found.details)
