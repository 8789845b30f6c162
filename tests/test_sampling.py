"""Samples of verified facts: what is drawn, who checks it, what it says of all, and what is proposed for recovery."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from django.test import TransactionTestCase
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from backend.kernel.errors import DomainError
from backend.kernel.models import AuditEvent, Role
from outcomes.columns import Kind
from outcomes.models import Fact
from payouts.error_rates import causes_since, read_strata
from payouts.models import Line, RecoveryProposal, SampledFact, SampleStratum
from payouts.sample_selectors import errors_behind, facts_of, proposals_for, samples, to_check
from payouts.sampling import (
    CONFIDENCE,
    F64,
    I64,
    LEAST,
    OTHER,
    SMALL,
    Estimate,
    Found,
    allocate,
    draw,
    estimate,
    found_in_facts,
    join_small,
    risks,
    tickets,
)
from payouts.services import answer_proposal, decide_proposal, draw_newest, draw_sample, propose_recovery
from tests.sample_town import CUTOFF, DRAWN, Cause, SampleTown, allow_recovery, check, check_all, make_sample_town
from tests.town import noon, person

SEEDS = 500
DAY = timedelta(days=1)
Decision = RecoveryProposal.Decision

# --- drawing


def test_what_is_drawn_follows_from_the_seed_alone() -> None:
    ids = list(range(1000, 1200))
    stratum = np.repeat([0, 1], [150, 50])
    wanted = np.array([10, 5])
    first = draw(stratum, wanted, tickets("seed", ids))
    assert first.tolist() == draw(stratum, wanted, tickets("seed", ids)).tolist()
    assert first.tolist() != draw(stratum, wanted, tickets("another", ids)).tolist()
    assert np.bincount(stratum[first]).tolist() == [10, 5]
    # SHA-256 of "seed:1000" begins with these bytes, as anybody can compute
    assert tickets("seed", [1000])[0] == int("8f9e8131", 16) / 2**32


@given(st.lists(st.integers(1, 500), min_size=1, max_size=30), st.integers(1, 300), st.data())
def test_every_stratum_gets_its_least_and_never_more_than_it_has(
    sizes: list[int], wanted: int, data: st.DataObject
) -> None:
    count = len(sizes)
    size = np.array(sizes)
    amounts = np.array(data.draw(st.lists(st.integers(0, 10**9), min_size=count, max_size=count)))
    none = np.zeros(count, np.int64)
    drawn = allocate(size, risks(size, amounts, none, none), wanted)
    assert (drawn >= np.minimum(LEAST, size)).all()
    assert (drawn <= size).all()


def test_money_and_known_errors_are_sampled_more() -> None:
    size, none = np.array([100, 100, 100]), np.zeros(3, np.int64)
    money = risks(size, np.array([0, 10**6, 10**7]), none, none)
    assert money[0] < money[1] < money[2]
    checked = risks(size, none, np.array([40, 40, 0]), np.array([0, 8, 0]))
    assert checked[0] < checked[1] < checked[2]  # what is unknown is the greatest risk


def test_small_steps_are_joined_within_their_contract() -> None:
    contract = np.array([1] * SMALL + [1] * (SMALL - 1) + [2] * SMALL)
    step = np.array([7] * SMALL + [8] * (SMALL - 1) + [8] * SMALL)
    joined = join_small(contract, step)
    assert np.unique(joined[contract == 1]).tolist() == [OTHER, 7]
    assert np.unique(joined[contract == 2]).tolist() == [8]


# --- the error rate


def one_stratum(size: int, checked: int, wrong: int) -> Estimate:
    return estimate(found_in_facts(*(np.array([float(number)]) for number in (size, checked, wrong))))


def test_without_weights_the_interval_is_clopper_and_pearsons() -> None:
    found = one_stratum(10**9, 50, 3)  # so many that the finite population does not matter
    assert found.rate == pytest.approx(0.06)
    assert (float(found.low), float(found.high)) == pytest.approx((0.0125, 0.1655), abs=0.0015)
    none = one_stratum(10**9, 50, 0)
    assert (float(none.low), float(none.high)) == pytest.approx((0.0, 0.0711), abs=0.0001)


def test_what_was_checked_whole_is_known() -> None:
    found = one_stratum(40, 40, 4)
    assert (found.low, found.rate, found.high) == (0.1, 0.1, 0.1)


def test_where_nothing_was_paid_there_is_no_rate_in_kronor() -> None:
    size, zero = np.array([40.0]), np.zeros(1)
    assert np.isnan(estimate(Found(size, size / 4, zero, zero, zero, zero, zero)).rate)


@dataclass(frozen=True, slots=True)
class World:
    """Facts of which some are wrong: provider, step, öre and the wrong part of it."""

    provider: I64
    step: I64
    amount: I64
    wrong: F64
    lost: F64

    def stratified(self) -> tuple[I64, I64]:
        """The provider of each stratum, and the stratum of each fact."""
        keys, stratum = np.unique(
            np.stack([self.provider, join_small(self.provider, self.step)]), axis=1, return_inverse=True
        )
        return keys[0], stratum


def plant(rng: np.random.Generator, rates: list[float]) -> World:
    """Providers of several sizes with planted errors; what costs more is wrong more often, and partly lost."""
    sizes = [200 * number for number in range(1, len(rates) + 1)]
    provider = np.repeat(np.arange(len(rates)), sizes)
    step = rng.choice([0, 1, 2, 3], len(provider), p=[0.5, 0.3, 0.15, 0.05])
    amount = np.array([0, 600_000, 450_000, 1_500_000])[step] // rng.integers(1, 3, len(step))
    wrong = rng.random(len(step)) < np.array(rates)[provider] * np.array([0.6, 1, 1, 2])[step]
    lost = np.where(wrong, amount // rng.integers(1, 4, len(step)), 0)
    return World(provider, step, amount, wrong.astype(float), lost.astype(float))


def sums(values: F64, drawn: np.ndarray, stratum: I64, count: int) -> F64:
    """By seed and stratum, the sum over the drawn facts."""
    seed, fact = np.nonzero(drawn)
    flat = np.bincount(seed * count + stratum[fact], values[fact], minlength=len(drawn) * count)
    return flat.reshape(len(drawn), count).astype(float)


@pytest.mark.parametrize("rates", [[0.0, 0.01, 0.03, 0.08, 0.20], [0.02] * 5, [0.10] * 5], ids=str)
def test_the_interval_covers_the_true_rate_as_often_as_it_says(rates: list[float]) -> None:
    """Planted errors, found by 500 samples: of each provider and of all, in facts and in kronor."""
    rng = np.random.default_rng(4)
    world = plant(rng, rates)
    provider, stratum = world.stratified()
    count, size = len(provider), np.bincount(stratum)
    none = np.zeros(count, np.int64)
    wanted = allocate(size, risks(size, np.bincount(stratum, world.amount).astype(np.int64), none, none), 200)
    drawn = draw(stratum, wanted, rng.random((SEEDS, len(stratum)), np.float32).astype(float))

    def found(base: F64, wrong: F64) -> Found:
        parts = (base, wrong, base * base, base * wrong, wrong * wrong)
        checked = sums(np.ones(len(stratum)), drawn, stratum, count)
        return Found(np.broadcast_to(size, checked.shape), checked, *(sums(p, drawn, stratum, count) for p in parts))

    ones = np.ones(len(stratum))
    for base, wrong in ((ones, world.wrong), (world.amount.astype(float), world.lost)):
        whole = found(base, wrong)
        for chosen in (None, *range(len(rates))):
            strata = np.ones(count, bool) if chosen is None else provider == chosen
            facts = strata[stratum]
            true = wrong[facts].sum() / base[facts].sum()
            said = estimate(Found(*(getattr(whole, name)[:, strata] for name in Found.__slots__)))
            covers = (said.low <= true + 1e-12) & (true - 1e-12 <= said.high)
            # the chance that 500 honest samples cover less often than this is 1 in 1000
            assert covers.mean() >= CONFIDENCE - 3.1 * (CONFIDENCE * (1 - CONFIDENCE) / SEEDS) ** 0.5
            assert said.rate.mean() == pytest.approx(true, abs=0.012)
            assert (said.high - said.low).mean() < 0.45


# --- samples of a run


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[SampleTown]:
    """One committed town for all tests below, each of which is rolled back."""
    with django_db_blocker.unblock():
        made = make_sample_town()
        allow_recovery(made.towns[0])
        yield made
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # as after a test that commits


def is_attendance_of_the_first(fact: Fact) -> bool:
    return fact.kind == Kind.ATTENDANCE and fact.external_id.startswith("days S1-")


@pytest.mark.django_db
def test_a_sample_is_of_all_that_the_run_was_the_first_to_know(town: SampleTown) -> None:
    sample = town.draw()
    assert (sample.size, sample.amount, sample.waiting) == (80, town.run.total, sample.drawn)
    assert sample.seed == town.run.digest
    strata = SampleStratum.objects.filter(sample=sample)
    assert {(one.contract.provider.name, one.step and one.step.title) for one in strata} == {
        (f"Provider {number}", title) for number in (1, 2) for title in (None, "Startdel")
    }
    facts = SampledFact.objects.filter(stratum__sample=sample)
    assert {one.amount > 0 for one in facts if one.stratum.step} == {True}
    assert {one.amount for one in facts if one.stratum.step is None} == {0}
    paid, other = (sum(one.drawn for one in strata if bool(one.step) == has) for has in (True, False))
    assert paid > other  # what costs more is sampled more


@pytest.mark.django_db
def test_the_same_run_gives_the_same_sample(town: SampleTown) -> None:
    sample = town.draw()
    drawn = set(SampledFact.objects.values_list("fact", flat=True))
    facts = Fact.objects.filter(verified_at__lte=town.run.knowledge_at).order_by("pk")
    ticket = dict(
        zip(facts.values_list("pk", flat=True), tickets(sample.seed, [fact.pk for fact in facts]), strict=True)
    )
    for stratum in SampleStratum.objects.filter(sample=sample):
        kind = Kind.ATTENDANCE if stratum.step else Kind.MILESTONE
        mine = facts.filter(placement__contract=stratum.contract, kind=kind).values_list("pk", flat=True)
        assert set(sorted(mine, key=ticket.__getitem__)[: stratum.drawn]) == drawn & set(mine)


@pytest.mark.django_db
def test_the_calendar_draws_once(town: SampleTown) -> None:
    sample = draw_newest(noon(DRAWN))
    assert sample is not None
    assert (sample.run, sample.drawn_by) == (town.run, None)
    assert draw_newest(noon(DRAWN)) is None


@pytest.mark.django_db
def test_who_verified_a_fact_does_not_check_it(town: SampleTown) -> None:
    sample = town.draw()
    handler = town.towns[0].handler
    assert not to_check(handler).exists()
    assert to_check(town.checker).count() == sample.drawn
    first = to_check(town.checker).first()
    assert first is not None
    check(first, town.checker)
    assert to_check(town.checker).count() == sample.drawn - 1


@pytest.mark.django_db
def test_a_later_result_takes_the_place_of_an_earlier_one(town: SampleTown) -> None:
    sample = town.draw()
    first = facts_of(sample, town.checker).filter(amount__gt=0).first()
    assert first is not None
    check(first, town.checker, cause=Cause.DAYS, amount=first.amount)
    assert samples().get().wrong == 1
    check(first, town.checker)
    assert samples().get().wrong == 0
    assert AuditEvent.objects.filter(action="counter_verify").count() == 2


@pytest.mark.django_db
def test_planted_errors_are_found_and_weighed_by_the_design(town: SampleTown) -> None:
    sample = town.draw()
    assert not len(read_strata().figures)  # nothing is said before all is checked
    check_all(sample, town.checker, is_attendance_of_the_first)
    strata = read_strata()
    first, second = (one.provider for one in town.towns)
    by_provider = strata.rates_by(strata.provider)
    mine = by_provider[first.pk]
    assert (mine.size, float(mine.in_facts.rate), float(mine.in_kronor.rate)) == (40, 0.5, 1.0)
    assert mine.in_facts.low <= 0.5 <= mine.in_facts.high
    assert float(by_provider[second.pk].in_facts.rate) == 0
    every = strata.rate()
    assert (every.size, every.paid, float(every.in_facts.rate)) == (80, town.run.total, 0.25)
    (cause,) = causes_since(CUTOFF, None)
    assert (cause.code, cause.facts, cause.amount) == (Cause.NOT_HAPPENED, 20, town.run.total / 2)
    assert causes_since(CUTOFF, second.pk) == []
    assert causes_since(CUTOFF + DAY, None) == []


# --- recovery


@pytest.mark.django_db
def test_a_recovery_is_proposed_answered_and_decided_and_the_ledger_stays(town: SampleTown) -> None:
    check_all(town.draw(), town.checker, is_attendance_of_the_first)
    own, ledger = town.towns[0], list(Line.objects.values_list("pk", "amount"))
    now = noon(DRAWN)
    proposal = propose_recovery(contract=own.contract, first=CUTOFF, last=CUTOFF, by=own.procurement, now=now)
    assert proposal.estimate == proposal.paid == town.run.total // 2
    assert 0 < proposal.amount == proposal.low - proposal.found < proposal.estimate
    assert proposal.answer_by == DRAWN + 14 * DAY
    assert errors_behind(proposal).count() == proposal.wrong
    stranger = town.towns[1].reporter
    assert (proposals_for(own.reporter).count(), proposals_for(stranger).count()) == (1, 0)
    with pytest.raises(DomainError, match="does not act for"):
        answer_proposal(proposal=proposal, reply="No", by=stranger, now=now)
    answer_proposal(proposal=proposal, reply="We disagree.", by=own.reporter, now=now)
    decider = person("beslutsfattare", Role.DECIDER)
    decide_proposal(
        proposal=proposal, decision=Decision.RECOVER, amount=proposal.amount - 1, reason="", by=decider, now=now
    )
    proposal.refresh_from_db()
    assert (proposal.reply, proposal.decision, proposal.decided_by) == ("We disagree.", "recover", decider)
    assert list(Line.objects.values_list("pk", "amount")) == ledger


@pytest.mark.django_db
def test_without_a_reply_it_is_decided_when_the_time_has_passed(town: SampleTown) -> None:
    check_all(town.draw(), town.checker, is_attendance_of_the_first)
    own, decider = town.towns[0], town.towns[0].decider
    now = noon(DRAWN)
    proposal = propose_recovery(contract=own.contract, first=CUTOFF, last=CUTOFF, by=own.procurement, now=now)

    def drop(on: date) -> RecoveryProposal:
        return decide_proposal(
            proposal=proposal, decision=Decision.DROP, amount=0, reason="small", by=decider, now=noon(on)
        )

    with pytest.raises(DomainError, match="may answer until 2025-03-19"):
        drop(proposal.answer_by)
    drop(proposal.answer_by + DAY)
    again = propose_recovery(contract=own.contract, first=CUTOFF, last=CUTOFF, by=own.procurement, now=now)
    assert again.pk != proposal.pk  # what was dropped may be proposed again


@pytest.mark.django_db
def test_the_municipalitys_own_mistakes_are_not_recovered(town: SampleTown) -> None:
    sample = town.draw()
    for sampled in facts_of(sample, town.checker):
        check(sampled, town.checker, cause=Cause.OFFICE, amount=sampled.amount)
    assert float(read_strata().rate().in_facts.rate) == 1
    assert float(read_strata(without_own_mistakes=True).rate().in_facts.rate) == 0
    own = town.towns[0]
    with pytest.raises(DomainError, match="do not show with certainty"):
        propose_recovery(contract=own.contract, first=CUTOFF, last=CUTOFF, by=own.procurement, now=noon(DRAWN))


@pytest.mark.django_db
def test_only_handlers_draw(town: SampleTown) -> None:
    with pytest.raises(DomainError, match="handler"):
        draw_sample(run=town.run, by=town.towns[0].procurement, now=noon(DRAWN))
