"""Wrong examples of the rules that services keep; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from contracts.models import Contract
from contracts.reading import read_model
from contracts.services import publish_model, register_contract, set_budget, tie_terms, usual_conditions
from outcomes.columns import Kind
from outcomes.facts import check_corrections, read_fact
from outcomes.models import Placement
from outcomes.services import change_placement, refer_participants, reject_facts, verify_facts
from providers.models import Membership, Provider
from providers.services import admit_member, authorise_provider, end_membership, register_provider
from tests.small_world import (
    FIRST_DAY,
    LAST_DAY,
    NOW,
    SHARE_STEP,
    START_STEP,
    STARTS_ON,
    attendance,
    bare_contract,
    exit_on,
    make_contract,
    make_member,
    make_placement,
    make_provider,
    make_user,
    moment,
    publish,
    referral,
    report,
    verify,
)

DAY = timedelta(days=1)
TODAY = date(2025, 6, 3)


def wrong_provider(number: str) -> Callable[[], object]:
    return lambda: register_provider(
        number=number,
        name="A",
        organisation_number="556012-5790",
        kind=make_provider().Kind.EXTERNAL,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def same_provider_twice() -> object:
    return wrong_provider(make_provider().number)()


def report_as_a_stranger() -> object:
    placement = make_placement()
    return report(placement, attendance(placement), by=make_member(make_provider()))


def admit(user: User, provider: Provider | None = None) -> Membership:
    by = make_user(Role.ADMINISTRATOR)
    return admit_member(provider=provider or make_provider(), user=user, by=by, now=NOW)


def end_twice() -> object:
    membership, by = admit(make_user(Role.PROVIDER)), make_user(Role.ADMINISTRATOR)
    end_membership(membership=membership, by=by, now=NOW)
    return end_membership(membership=membership, by=by, now=NOW)


def wrong_authorisation() -> object:
    by = make_user(Role.PROCUREMENT)
    return authorise_provider(
        provider=make_provider(), valid_from=FIRST_DAY, valid_through=FIRST_DAY - DAY, by=by, now=NOW
    )


def publish_again(*, step: dict[str, object], valid_from: date) -> Callable[[], object]:
    """A model is published from FIRST_DAY on, and then once more."""

    def publish_twice() -> object:
        publish(START_STEP, code="m")
        return publish(step, code="m", valid_from=valid_from)

    return publish_twice


def publish_late() -> object:
    model = read_model({"code": "m", "title": "M", "source": "tests", "steps": [START_STEP]})
    return publish_model(model=model, valid_from=FIRST_DAY - DAY, by=make_user(Role.PROCUREMENT), now=NOW)


def wrong_contract(number: str, valid_through: date) -> object:
    return register_contract(
        number=number,
        diarienummer="1",
        provider=make_provider(),
        legal_basis=Contract.LegalBasis.LOV,
        valid_from=FIRST_DAY,
        conditions=usual_conditions(Contract.LegalBasis.LOV, valid_through, "1"),
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def wrong_terms(first: date, last: date, version_from: date = FIRST_DAY) -> Callable[[], object]:
    return lambda: tie_terms(
        contract=make_contract(),
        version=publish(valid_from=version_from),
        first=first,
        last=last,
        by=make_user(Role.PROCUREMENT),
        now=NOW,
    )


def wrong_budget() -> object:
    return set_budget(contract=make_contract(), year=2025, amount=-1, by=make_user(Role.EXAMINER), now=NOW)


def wrong_referral(**changes: object) -> Callable[[], object]:
    return lambda: make_placement(make_contract(), **changes)


def referral_without_contract() -> object:
    lost = replace(referral(make_contract()), contract=0)
    return refer_participants(referrals=[lost], by=make_user(Role.HANDLER), now=moment(STARTS_ON))


def same_placement_twice(**same: object) -> Callable[[], object]:
    def refer_twice() -> object:
        contract = make_contract()
        make_placement(contract, **same)
        return make_placement(contract, **same)

    return refer_twice


def refer_after_exit() -> object:
    placement = make_placement()
    verify(*report(placement, exit_on(placement, STARTS_ON + 30 * DAY)))
    return change_placement(
        placement=placement,
        tier=0,
        price=None,
        referred_on=STARTS_ON + 40 * DAY,
        starts_on=STARTS_ON + 41 * DAY,
        by=make_user(Role.HANDLER),
        now=moment(TODAY),
    )


def wrong_report(**changes: object) -> Callable[[], object]:
    def report_one() -> object:
        placement = make_placement()
        return report(placement, attendance(placement, **changes))

    return report_one


def report_of_no_placement() -> object:
    placement = make_placement()
    return report(placement, attendance(placement)._replace(placement="none"))


def wrong_pair(first: dict[str, object], second: dict[str, object]) -> Callable[[], object]:
    """Two reports of one placement, of which the second breaks a rule."""

    def report_two() -> object:
        placement = make_placement()
        return report(placement, attendance(placement, **first), attendance(placement, **second))

    return report_two


JOB: dict[str, object] = {
    "kind": Kind.EMPLOYMENT,
    "subject": "556012-5790",
    "detail": 1,
    "quantity": 100,
    "through_day": None,
}


def correct_rejected() -> object:
    placement = make_placement()
    (first,) = report(placement, attendance(placement))
    verify(first)
    (second,) = report(placement, attendance(placement, quantity=19, replaces=first.external_id))
    reject_facts(facts=[second.pk], reason_code="wrong_content", by=make_user(Role.HANDLER), now=moment(TODAY))
    return report(placement, attendance(placement, quantity=18, replaces=second.external_id))


def verify_unknown() -> None:
    verify_facts(facts=[0], by=make_user(Role.HANDLER), now=moment(TODAY))


def verify_twice() -> None:
    placement = make_placement()
    facts = report(placement, attendance(placement))
    verify(*facts)
    verify(*facts)


def verify_own_report() -> None:
    placement, by = make_placement(), make_user(Role.HANDLER)
    verify(*report(placement, attendance(placement), by=by), by=by)


def undo_own_verification() -> None:
    placement, by = make_placement(), make_user(Role.HANDLER)
    (fact,) = report(placement, attendance(placement))
    verify(fact, by=by)
    verify(*report(placement, attendance(placement, replaces=fact.external_id, withdrawn=True)), by=by)


def verify_over_a_correction() -> None:
    placement = make_placement()
    (first,) = report(placement, attendance(placement))
    (second,) = report(placement, attendance(placement, quantity=19, replaces=first.external_id))
    (third,) = report(placement, attendance(placement, quantity=18, replaces=second.external_id))
    verify(third)


def withdraw_exit_after_return() -> None:
    placement = make_placement(participant="same")
    (ended,) = report(placement, exit_on(placement, STARTS_ON + 30 * DAY))
    verify(ended)
    refer_participants(
        referrals=[
            referral(
                placement.contract,
                participant="same",
                referred_on=STARTS_ON + 40 * DAY,
                starts_on=STARTS_ON + 41 * DAY,
            )
        ],
        by=make_user(Role.HANDLER),
        now=moment(TODAY),
    )
    verify(*report(placement, exit_on(placement, ended.from_day, replaces=ended.external_id, withdrawn=True)))


def verify_early() -> None:
    placement = make_placement()
    verify(*report(placement, exit_on(placement, TODAY + DAY)), on=TODAY)


def grade_without_points() -> object:
    step: dict[str, object] = {"code": "points", "trigger": "grade", "pass": ["A"], "per": "point", "amount": "10.00"}
    placement = make_placement(make_contract(version=publish(step)))
    grade = attendance(
        placement, quantity=-1, kind=Kind.GRADE, subject="SVA", detail=1, through_day=STARTS_ON, from_day=STARTS_ON
    )
    return report(placement, grade)


def shared_price(price: int | None) -> Callable[[], Placement]:
    return lambda: make_placement(make_contract(version=publish(SHARE_STEP)), price=price)


FACT = {"id": "F", "kind": "exit", "on": STARTS_ON, "reported": STARTS_ON}


def corrected_twice() -> object:
    placement = make_placement()
    first = attendance(placement)
    again = [attendance(placement, quantity=quantity, replaces=first.external_id) for quantity in (19, 18)]
    return report(placement, first, *again)


SERVICES: dict[str, Callable[[], object]] = {
    "role_needed": lambda: require_role(make_user(Role.AUDITOR), Role.HANDLER),
    "provider_number": wrong_provider("1"),
    "provider_twice": same_provider_twice,
    "not_a_member": report_as_a_stranger,
    "member_role": lambda: admit(make_user(Role.HANDLER)),
    "member_twice": lambda: admit(make_member(make_provider())),
    "member_ended": end_twice,
    "authorisation_days": wrong_authorisation,
    "version_valid_from": publish_late,
    "version_order": publish_again(step=START_STEP | {"days": 10}, valid_from=FIRST_DAY),
    "version_unchanged": publish_again(step=START_STEP, valid_from=FIRST_DAY + DAY),
    "contract_twice": lambda: wrong_contract(make_contract().number, LAST_DAY),
    "contract_days": lambda: wrong_contract("C", FIRST_DAY - DAY),
    "terms_days": wrong_terms(FIRST_DAY, LAST_DAY + DAY),
    "terms_before_version": wrong_terms(FIRST_DAY, LAST_DAY, version_from=FIRST_DAY + DAY),
    "terms_overlap": wrong_terms(FIRST_DAY + DAY, LAST_DAY),
    "budget_negative": wrong_budget,
    "unknown_contract": referral_without_contract,
    "outside_contract": wrong_referral(referred_on=FIRST_DAY - DAY),
    "not_authorised": lambda: make_placement(make_contract(make_provider(authorised=False))),
    "referred_ahead": wrong_referral(referred_on=STARTS_ON + DAY),
    "no_terms": lambda: make_placement(bare_contract()),
    "placement_twice": same_placement_twice(number="P"),
    "placement_overlaps": same_placement_twice(participant="D"),
    "referred_after_exit": refer_after_exit,
    "unknown_tier": wrong_referral(tier=2),
    "price_missing": shared_price(None),
    "price_too_high": shared_price(10**12),
    "unknown_placement": report_of_no_placement,
    "fact_one_day": wrong_report(kind=Kind.EXIT, quantity=0, detail=1),
    "fact_last_day": wrong_report(through_day=None),
    "date": wrong_report(from_day=date(1960, 1, 1)),
    "through_before_from": wrong_report(through_day=STARTS_ON - DAY),
    "withdraws_nothing": wrong_report(withdrawn=True),
    "replaces_unknown": wrong_report(replaces="none"),
    "replaces_other_kind": wrong_pair({"external_id": "F"}, {"kind": Kind.STUDIES, "replaces": "F"}),
    "replaced_already": corrected_twice,
    "fact_twice": lambda: check_corrections([read_fact(FACT), read_fact(FACT)]),
    "verified_before_reported": lambda: read_fact(FACT | {"verified": STARTS_ON - DAY}),
    "reported_otherwise": wrong_pair({"external_id": "F"}, {"external_id": "F", "quantity": 19}),
    "replaces_rejected": correct_rejected,
    "attendance_overlaps": wrong_pair({}, {}),
    "attendance_before_start": wrong_report(from_day=STARTS_ON - DAY),
    "attended_too_many_days": wrong_report(quantity=29),
    "exit_before_start": wrong_report(
        kind=Kind.EXIT, quantity=0, detail=1, from_day=STARTS_ON - DAY, through_day=STARTS_ON - DAY
    ),
    "same_employer_same_day": wrong_pair(JOB, JOB),
    "after_verification": verify_early,
    "points_missing": grade_without_points,
    "unknown_fact": verify_unknown,
    "decided_already": verify_twice,
    "own_report": verify_own_report,
    "own_verification": undo_own_verification,
    "correction_waits": verify_over_a_correction,
    "exit_collides": withdraw_exit_after_return,
}
