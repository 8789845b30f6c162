"""Simulations that officers ask for on a page, and that a worker computes."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.errors import DomainError
from backend.kernel.models import Role, User
from backend.kernel.periods import last_day
from backend.kernel.permissions import require_role
from contracts.models import PaymentModelDraft
from contracts.reading import read_model
from payouts.models import Run, Simulation
from payouts.simulating import Simulated, simulate
from providers.models import Provider

VIEWS = ("run", "provider", "tier", "step")


@transaction.atomic
def ask_simulation(
    *, draft: PaymentModelDraft, instead_of: str, first: date, last: date, by: User, now: datetime
) -> Simulation:
    """Note that a draft is to be run over the runs of some months, in place of a published model."""
    require_role(by, Role.PROCUREMENT)
    simulation = Simulation.objects.create(
        document=draft.document,
        instead_of=instead_of,
        first=first.replace(day=1),
        last=last_day(last),
        started_at=now,
        started_by=by,
    )
    record_event(by=by, action="simulate", on=draft, now=now, later={"simulation": simulation.pk})
    return simulation


def compute_simulation(simulation_id: int) -> Simulation:
    """Compute a simulation that waits, or say why it can't be. Harmless if it was computed already."""
    simulation = Simulation.objects.get(pk=simulation_id)
    if simulation.state != Simulation.State.WAITING:
        return simulation
    try:
        model = read_model(simulation.document)
        simulated = simulate(model, simulation.first, simulation.last, instead_of=simulation.instead_of)
        simulation.result, simulation.state = _sums(simulated), Simulation.State.DONE
    except DomainError as error:
        simulation.refusal, simulation.state = error.say(), Simulation.State.REFUSED
    simulation.save(update_fields=["result", "refusal", "state"])
    return simulation


def _sums(simulated: Simulated) -> dict[str, Any]:
    """What the page shows: lines and öre in all, and by run, provider, tier and step."""
    names: dict[str, dict[Any, str]] = {
        "run": {run.pk: f"{run.cutoff:%Y-%m}" for run in Run.objects.all()},
        "provider": {provider.pk: str(provider) for provider in Provider.objects.all()},
    }
    return {
        "lines": {"draft": len(simulated.draft), "written": len(simulated.written), "differing": simulated.differing},
        "total": {name: int(table["amount"].sum()) for name, table in simulated.sides()},
        "by": {
            view: [
                {"name": str(names.get(view, {}).get(key, key)), **{side: int(row[side]) for side in SIDES}}
                for key, row in simulated.compared(view).iterrows()
            ]
            for view in VIEWS
        },
    }


SIDES = ("draft", "written", "difference")
