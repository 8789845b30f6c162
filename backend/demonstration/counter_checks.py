"""Handlers check samples of what was verified; the worse a provider, the more is wrong. What they show is proposed."""

from datetime import time

import numpy as np

from backend.demonstration.cast import PROVIDERS
from backend.demonstration.months import Months
from backend.demonstration.register import Registered
from payouts.error_rates import read_strata
from payouts.models import CounterVerification, Run, SampledFact
from payouts.services import answer_proposal, counter_verify, draw_sample, propose_recovery

SAMPLED_MONTHS = 12  # the latest attested ones
SIZE = 60  # facts a month
USUALLY_WRONG = 0.04
LEFT = 0.4  # of the newest sample is not checked yet
DRAWN, CHECKED = time(16), time(17)
REPLY = (
    "Vi delar inte bedömningen. I två av de kontrollerade uppgifterna fanns underlaget, men det hade lämnats till "
    "handläggaren på papper. Vi ber er pröva dem på nytt innan ni beslutar."
)
Cause = CounterVerification.Cause
WRONG_CAUSES = {
    Cause.NO_EVIDENCE: 0.4,
    Cause.EXTENT: 0.2,
    Cause.DAYS: 0.15,
    Cause.NOT_ENTITLED: 0.1,
    Cause.NOT_HAPPENED: 0.1,
    Cause.OFFICE: 0.05,
}
PARTLY_WRONG = (Cause.EXTENT, Cause.DAYS)  # half of the amount is due


def check_month(registered: Registered, months: Months, month: int, run: Run) -> None:
    """Draw and check the sample of an attested run, if it is one of the latest; part of the newest is left."""
    ago = months.count - 2 - month  # the last run of all is not attested
    if ago >= SAMPLED_MONTHS:
        return
    (by,) = registered.doing("refers")  # she verifies nothing
    run.refresh_from_db()
    sample = draw_sample(run=run, size=SIZE, by=by, now=months.after(month, DRAWN))
    rng = np.random.default_rng([month, SIZE])
    rows = SampledFact.objects.filter(stratum__sample=sample).order_by("pk")
    for sampled in rows.select_related("fact__placement__participant", "stratum__contract"):
        if ago == 0 and rng.random() < LEFT:
            continue
        provider = registered.providers.index(sampled.stratum.contract.provider)
        wrong = rng.random() < USUALLY_WRONG * np.exp(-1.5 * PROVIDERS[provider].quality)
        cause = Cause(rng.choice(list(WRONG_CAUSES), p=list(WRONG_CAUSES.values()))) if wrong else Cause.RIGHT
        amount = 0 if cause == Cause.RIGHT else sampled.amount // (2 if cause in PARTLY_WRONG else 1)
        counter_verify(
            sampled=sampled, cause=cause, wrong_amount=amount, note="", by=by, now=months.after(month, CHECKED)
        )


def propose_what_is_shown(registered: Registered, months: Months) -> None:
    """The contracts whose samples show most: one provider has answered, the other has not yet."""
    now = months.after(months.count - 1, CHECKED)
    strata = read_strata(without_own_mistakes=True)
    months_checked = sorted(set(strata.month))
    surplus = {
        contract: float(np.nan_to_num(rate.in_kronor.low)) * rate.paid - rate.found
        for contract, rate in strata.rates_by(strata.contract).items()
    }
    allowing = [one for one in registered.contracts if surplus.get(one.pk, 0) > 1 and one.legal_basis == "lov"]
    (by,) = registered.doing("procures")
    for number, contract in enumerate(sorted(allowing, key=lambda one: -surplus[one.pk])[:2]):
        proposal = propose_recovery(contract=contract, first=months_checked[0], last=months_checked[-1], by=by, now=now)
        if number == 0:
            system = registered.systems[registered.providers.index(contract.provider)]
            answer_proposal(proposal=proposal, reply=REPLY, by=system, now=now)
