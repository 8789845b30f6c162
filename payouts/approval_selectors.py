"""Questions of the pages on which runs are approved and paid."""

from typing import Any

from django.db.models import QuerySet

from contracts.models import ModelStep
from payouts.controls import CONTROLS, Severity
from payouts.models import Finding, Run, Statement
from payouts.previewing import Preview
from payouts.selectors import Row
from providers.models import Provider

WITH_THINGS = ("run", "provider", "contract", "placement", "answered_by")


def findings_of(run: Run) -> QuerySet[Finding]:
    """What controls found in a run: first what still stands and nobody has answered."""
    return run.findings.select_related(*WITH_THINGS).order_by("-closed_at", "-answered_at", "control", "pk")


def unanswered_of(run: Run) -> int:
    """How many findings an examiner must answer yet."""
    asking = [control.name for control in CONTROLS.values() if control.severity is Severity.ANSWER]
    return run.findings.filter(control__in=asking, closed_at=None, answered_at=None).count()


def same_findings(finding: Finding) -> list[int]:
    """Ids of all that a finding's control found in its run and that still stands."""
    return list(finding.run.findings.filter(control=finding.control, closed_at=None).values_list("pk", flat=True))


def statements() -> QuerySet[Statement]:
    """All statements, the newest first."""
    return Statement.objects.select_related("run", "contract__provider", "conditions").order_by("-run", "number")


def preview_rows(preview: Preview) -> list[Row]:
    """A preview's sums with the names of providers and steps, the largest first."""
    sums: list[dict[str, Any]] = preview.sums.to_dict("records")
    providers = Provider.objects.in_bulk([int(row["provider"]) for row in sums])
    steps = ModelStep.objects.in_bulk([int(row["step"]) for row in sums])
    named = [
        row | {"provider": providers[int(row["provider"])].name, "step": steps[int(row["step"])].title} for row in sums
    ]
    return sorted(named, key=lambda row: -row["total"])
