"""A computed run is examined: its controls are tested, money in doubt is held, and findings are answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from backend.kernel.audit import record_bulk_event, record_event
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from payouts.controls import CONTROLS, Found, find_all
from payouts.models import Finding, Hold, Run
from payouts.parts import parts_of
from payouts.services.moving import NOT_IN_STATE, follow_signatures, lock_run, move_run
from payouts.states import UNDER_ATTEST, RunState

ANSWER_TEXT = rule("finding_answer", gettext_noop("an answer has 1 to {most} characters"))
NO_FINDING = rule("finding_gone", gettext_noop("there is no such finding, or it stands no more"))

ANSWER_MOST = 500
VALUE_MOST = 100
MENDED = "mended"  # the rule by which a hold of a control is released that finds nothing more


@transaction.atomic
def examine_run(*, run: Run, by: User, now: datetime) -> Run:
    """Test the controls of a computed run, and begin its examination or bring it up to date.

    What they find is stored, and held where a control says so; holds whose cause is mended are released. Signatures
    under what has changed stand no more.
    """
    require_role(by, Role.EXAMINER)
    run = lock_run(run)
    if run.state not in {RunState.COMPUTED, *UNDER_ATTEST}:
        raise refuse(NOT_IN_STATE, field="run", value=run.sequence, state=run.state, goal=RunState.EXAMINING)
    found = find_all(run)
    standing = _store_findings(run, found, now)
    _keep_holds(found, now)
    if run.state == RunState.COMPUTED:
        move_run(run, RunState.EXAMINING)
    follow_signatures(run, parts_of(run))
    record_event(by=by, action="examine_run", on=run, now=now, later={"findings": standing})
    return run


def _store_findings(run: Run, found: Iterable[Found], now: datetime) -> int:
    """Close what is found no more, and add what is new. Gives how many stand."""
    rows = {_content(row): row for row in (_row(run, each, now) for each in found)}
    standing = {_content(row): row for row in run.findings.filter(closed_at=None)}
    gone = [row.pk for content, row in standing.items() if content not in rows]
    Finding.objects.filter(pk__in=gone).update(closed_at=now)
    Finding.objects.bulk_create(row for content, row in rows.items() if content not in standing)
    return len(rows)


def _row(run: Run, found: Found, now: datetime) -> Finding:
    return Finding(
        run=run,
        control=found.control,
        responsibility_code=found.code,
        provider_id=found.provider,
        contract_id=found.contract,
        placement_id=found.placement,
        step_id=found.step,
        occurrence=found.occurrence,
        value=found.value[:VALUE_MOST],
        expected=found.expected,
        line_count=found.lines,
        amount=found.amount,
        found_at=now,
    )


def _content(row: Finding) -> tuple[object, ...]:
    return (
        row.control, row.responsibility_code, row.provider_id, row.contract_id, row.placement_id, row.step_id,
        row.occurrence, row.value, row.expected, row.line_count, row.amount,
    )  # fmt: skip


def _keep_holds(found: Sequence[Found], now: datetime) -> None:
    """For each control that holds providers or contracts: hold those it found, and release those it finds no more."""
    for control in CONTROLS.values():
        if control.holds is None:
            continue
        wrong = {getattr(each, control.holds) for each in found if each.control == control.name}
        standing = Hold.objects.filter(rule=control.name, released_at=None)
        held = set(standing.values_list(control.holds, flat=True))
        mended = standing.filter(**{f"{control.holds}__in": held - wrong})
        mended.update(released_at=now, release_rule=MENDED)
        Hold.objects.bulk_create(
            Hold(**{f"{control.holds}_id": target}, reason_code=control.name, rule=control.name, placed_at=now)
            for target in sorted(wrong - held)
        )


@transaction.atomic
def answer_findings(*, findings: Sequence[int], answer: str, by: User, now: datetime) -> None:
    """Say of findings (by id) why the money is right all the same, or what is done about it."""
    require_role(by, Role.EXAMINER)
    if not 0 < len(answer.strip()) <= ANSWER_MOST:
        raise refuse(ANSWER_TEXT, field="answer", value=answer, most=ANSWER_MOST)
    standing = Finding.objects.filter(pk__in=findings, closed_at=None, run__state__in=UNDER_ATTEST)
    answered = standing.update(answer=answer, answered_at=now, answered_by=by)
    if answered != len(set(findings)):
        raise refuse(NO_FINDING, field="findings", value=", ".join(map(str, findings)))
    later = {"findings": list(findings), "answer": answer}
    record_bulk_event(by=by, action="answer_findings", on=Finding, now=now, later=later)
