"""How the facts of a contract are decided on a day: within how long, by how many officers, and by which rules."""

from dataclasses import asdict, dataclass
from datetime import date

from contracts.models import Contract
from outcomes.columns import Kind
from outcomes.models import VerificationTerms


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a contract says of deciding; by default, what counts where it says nothing."""

    decide_within: int = 14  # days from a report to its decision
    same_step_within: int = 90  # days around a fact in which the same was paid elsewhere
    second_officer_from: int | None = None  # öre
    bulk_kinds: tuple[Kind, ...] = ()
    rules: tuple[str, ...] = ()  # codes of `outcomes.automatic`


USUAL = Deciding()
# the terms of every contract that has some, on the day %(today)s
TERMS = """
    SELECT DISTINCT ON (contract_id) * FROM outcomes_verificationterms WHERE valid_from <= %(today)s
    ORDER BY contract_id, number DESC"""


def deciding_on(contract: Contract, day: date) -> Deciding:
    """What a contract says of deciding on a day: of the versions that had begun by then, the newest."""
    newest = VerificationTerms.objects.filter(contract=contract, valid_from__lte=day).order_by("-number").first()
    return said_by(newest) if newest else USUAL


def said_by(version: VerificationTerms) -> Deciding:
    values = {name: getattr(version, name) for name in asdict(USUAL)}
    kinds = tuple(Kind(kind) for kind in version.bulk_kinds)
    return Deciding(**values | {"bulk_kinds": kinds, "rules": tuple(version.rules)})
