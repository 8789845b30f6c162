"""What counter-verification says of the facts of whole months: error rates by provider, month and contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import NamedTuple, TypeVar

import numpy as np
from django.db import connection

from payouts.sample_models import CounterVerification
from payouts.sampling import F64, Estimate, Found, estimate, found_in_facts

Key = TypeVar("Key", date, int)
RIGHT, OFFICE = CounterVerification.Cause.RIGHT, CounterVerification.Cause.OFFICE

# Of each sampled fact its newest result, and only of samples of which every fact has one.
RESULTS = """
    WITH result AS (
        SELECT DISTINCT ON (sampled_id) sampled_id, cause, wrong_amount
        FROM payouts_counterverification ORDER BY sampled_id, id DESC
    ), complete AS (
        SELECT stratum.sample_id FROM payouts_samplestratum AS stratum
        JOIN payouts_sampledfact AS sampled ON sampled.stratum_id = stratum.id
        LEFT JOIN result ON result.sampled_id = sampled.id
        GROUP BY stratum.sample_id HAVING count(*) = count(result.sampled_id)
    ), item AS (
        SELECT run.cutoff, contract.provider_id, stratum.contract_id, stratum.id, stratum.size, stratum.amount AS paid,
            stratum.drawn, CASE WHEN result.cause = ANY(%(right)s) THEN 'right' ELSE result.cause END AS cause,
            sampled.amount::float8 AS base,
            CASE WHEN result.cause = ANY(%(right)s) THEN 0 ELSE result.wrong_amount END::float8 AS wrong
        FROM payouts_sampledfact AS sampled
        JOIN result ON result.sampled_id = sampled.id
        JOIN payouts_samplestratum AS stratum ON stratum.id = sampled.stratum_id
        JOIN complete USING (sample_id)
        JOIN payouts_sample AS sample ON sample.id = stratum.sample_id
        JOIN payouts_run AS run ON run.id = sample.run_id
        JOIN contracts_contract AS contract ON contract.id = stratum.contract_id
    )"""
STRATA = f"""{RESULTS}
    SELECT cutoff, provider_id, contract_id, size, paid, drawn, count(*) FILTER (WHERE cause <> 'right'),
        sum(base), sum(wrong), sum(base * base), sum(base * wrong), sum(wrong * wrong)
    FROM item GROUP BY cutoff, provider_id, contract_id, id, size, paid, drawn ORDER BY cutoff, id"""  # noqa: S608
CAUSES = f"""{RESULTS}
    SELECT cause, count(*), sum(size::float8 / drawn), sum(wrong), sum(wrong * size / drawn)
    FROM item WHERE cause <> 'right' AND cutoff >= %(since)s AND coalesce(provider_id = %(provider)s, true)
    GROUP BY cause ORDER BY 5 DESC, 3 DESC"""  # noqa: S608


class Cause(NamedTuple):
    """How often a cause was found, and what that means for all facts: numbers, and öre."""

    code: str
    checked: int
    facts: float
    found: float
    amount: float


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """What is known of some facts: how many there are, what they brought (öre), and which part is wrong."""

    size: int
    paid: int
    checked: int
    wrong: int  # of those checked
    found: int  # öre wrong in those checked
    in_facts: Estimate
    in_kronor: Estimate


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata of all samples that are wholly counter-verified, with what was found in each."""

    month: Sequence[date]
    provider: Sequence[int]
    contract: Sequence[int]
    figures: F64  # a row for each stratum: size, paid, checked, wrong; then base, wrong and their products in öre

    def where(self, keep: Sequence[bool]) -> "Strata":
        return Strata(
            list(compress(self.month, keep)),
            list(compress(self.provider, keep)),
            list(compress(self.contract, keep)),
            self.figures[np.array(keep, bool)],
        )

    def since(self, month: date) -> "Strata":
        return self.where([one >= month for one in self.month])

    def rate(self) -> ErrorRate:
        """Of all these strata together."""
        size, paid, checked, wrong, *sums = self.figures.T
        return ErrorRate(
            size=int(size.sum()),
            paid=int(paid.sum()),
            checked=int(checked.sum()),
            wrong=int(wrong.sum()),
            found=int(sums[1].sum()),
            in_facts=estimate(found_in_facts(size, checked, wrong)),
            in_kronor=estimate(Found(size, checked, *sums)),
        )

    def rates_by(self, keys: Sequence[Key]) -> dict[Key, ErrorRate]:
        """By month, provider or contract: `keys` is that column."""
        return {key: self.where([one == key for one in keys]).rate() for key in dict.fromkeys(keys)}


def read_strata(*, without_own_mistakes: bool = False) -> Strata:
    """All strata; `without_own_mistakes` takes what the municipality itself did wrong for right."""
    with connection.cursor() as cursor:
        cursor.execute(STRATA, {"right": [RIGHT, OFFICE] if without_own_mistakes else [RIGHT]})
        rows = cursor.fetchall()
    months, providers, contracts = ([row[number] for row in rows] for number in range(3))
    return Strata(months, providers, contracts, np.array([row[3:] for row in rows], np.float64).reshape(-1, 9))


def causes_since(month: date, provider: int | None) -> list[Cause]:
    """What went wrong from a month on, the costliest first."""
    with connection.cursor() as cursor:
        cursor.execute(CAUSES, {"right": [RIGHT], "since": month, "provider": provider})
        return [Cause(*row) for row in cursor.fetchall()]
