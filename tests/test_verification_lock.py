"""Verification beside other verification, and beside a run: with threads and committed data."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from backend.kernel.errors import DomainError
from backend.kernel.models import Role
from outcomes.locks import exclusive_verification_lock
from outcomes.models import Fact, VerificationDecision
from outcomes.services import change_placement, report_facts, verify_facts
from tests.small_world import attendance, make_member, make_placement, make_user, report

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work: Callable[[], object]) -> Callable[[], object]:
    """The work, with its thread's connection closed afterwards."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    return run


def both(first: Callable[[], object], second: Callable[[], object]) -> list[Future[object]]:
    """Both at once, to their ends."""
    barrier = threading.Barrier(2)

    def at_once(work: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            barrier.wait()
            return work()

        return in_thread(run)

    with ThreadPoolExecutor(2) as pool:
        return [pool.submit(at_once(first)), pool.submit(at_once(second))]


def test_of_two_officers_one_verifies() -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    officers = [make_user(Role.HANDLER), make_user(Role.HANDLER)]
    done = both(*(lambda by=by: verify_facts(facts=[fact.pk], by=by) for by in officers))
    errors = [future.exception() for future in done]
    assert [type(error) for error in errors if error] == [DomainError]
    assert VerificationDecision.objects.get().fact == fact


def test_the_same_report_twice_at_once_is_stored_once() -> None:
    placement = make_placement()
    sent, by = attendance(placement), make_member(placement.contract.provider)

    def send() -> object:
        return report_facts(provider=placement.contract.provider, reports=[sent], by=by)

    done = both(send, send)
    assert sorted(future.result().new for future in done) == [0, 1]  # type: ignore[attr-defined]
    assert Fact.objects.count() == 1


def test_no_fact_is_verified_while_a_run_takes_its_knowledge() -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    by = make_user(Role.HANDLER)
    with ThreadPoolExecutor(1) as pool:
        with exclusive_verification_lock():
            verification = pool.submit(in_thread(lambda: verify_facts(facts=[fact.pk], by=by)))
            with pytest.raises(TimeoutError):
                verification.result(timeout=0.3)
            knowledge = timezone.now()
        verification.result(timeout=10)
    fact.refresh_from_db()
    assert fact.verified_at is not None
    assert fact.verified_at > knowledge


def test_a_verification_sees_a_change_of_the_placement_that_is_under_way() -> None:
    placement = make_placement()
    (fact,) = report(placement, attendance(placement))
    officer, version = make_user(Role.HANDLER), placement.versions.get()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            change_placement(
                placement=placement,
                tier=version.tier,
                price=version.price,
                referred_on=version.referred_on,
                starts_on=fact.from_day + timedelta(days=1),
                by=officer,
            )
            verified = pool.submit(in_thread(lambda: verify_facts(facts=[fact.pk], by=officer)))
            with pytest.raises(TimeoutError):  # it waits for the change
                verified.result(timeout=0.5)
        assert isinstance(verified.exception(), DomainError)
    assert not VerificationDecision.objects.exists()
