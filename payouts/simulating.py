"""A draft model over the real past: what each run would have written under it, beside what the run wrote. Nothing is
stored."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import psycopg

from backend.kernel.errors import gettext_noop, refuse, rule
from contracts.models import ModelStep, PaymentModelVersion
from contracts.terms import PaymentModel
from outcomes.breaches import find_breaches
from outcomes.columns import I16, I32, KNOWLEDGE_FAR, Columns, Facts
from outcomes.models import Placement
from payouts.books import Catalogue, LedgerRows, PlacementRows, lines_held, make_book
from payouts.computation import Computation, Job, new_connection, shared_snapshot
from payouts.engine.netting import NO_LINES
from payouts.models import Run
from payouts.replaying import Past, knowledge_scale, known_by, parked_providers
from payouts.states import RunState

NO_RUNS = rule("simulate_no_runs", gettext_noop("no run that counts has its cut-off in these months"))
NOT_IN_FORCE = rule("simulate_not_in_force", gettext_noop("no published model has this code; published are: {codes}"))
TIER_GONE = rule(
    "simulate_tier_gone", gettext_noop("the model in force has the tier {tier}, which the draft does not have")
)
UNUSABLE = rule("simulate_unusable", gettext_noop("the draft can't pay placement {placement}: {reason}"))

KEY = ["run", "placement", "step", "occurrence"]
COLUMNS = [*KEY, "provider", "tier", "amount"]


@dataclass(frozen=True, slots=True)
class Simulated:
    """Lines of the runs in the months asked for, under the draft and as written: tables with `COLUMNS`, in öre."""

    runs: list[Run]
    draft: pd.DataFrame
    written: pd.DataFrame

    def sides(self) -> tuple[tuple[str, pd.DataFrame], tuple[str, pd.DataFrame]]:
        """Both sides by name."""
        return ("draft", self.draft), ("written", self.written)

    @property
    def differing(self) -> int:
        """Lines that stand on one side only; another amount counts on both sides."""
        both = self.draft.merge(self.written, on=[*KEY, "amount"], how="outer", indicator=True)
        return int((both["_merge"] != "both").sum())

    def compared(self, by: str) -> pd.DataFrame:
        """Öre by run, provider, tier or step: under the draft, as written, and the difference."""
        sums = pd.DataFrame({name: table.groupby(by)["amount"].sum() for name, table in self.sides()})
        sums = sums.fillna(0).astype("int64")
        return sums.assign(difference=sums["draft"] - sums["written"])


def simulate(model: PaymentModel, first: date, last: date, *, instead_of: str | None = None) -> Simulated:
    """Run a draft through the whole past in place of the published model with its code (or `instead_of`).

    Gives the lines of the runs whose cut-off lies from `first` through `last`. DomainError if there are none, if no
    such model is published, or if some placement can't be paid by the draft.
    """
    runs = list(Run.objects.exclude(digest="").exclude(state=RunState.CANCELLED).order_by("sequence"))
    shown = [run.pk for run in runs if first <= run.cutoff <= last]
    if not shown:
        raise refuse(NO_RUNS, field="months", value=f"{first:%Y-%m} to {last:%Y-%m}")
    with new_connection() as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with shared_snapshot(connection) as second:
            past = _Past(connection, second, runs, model, instead_of or model.code)
            drafts, written = zip(*past.blocks(), strict=True)
    tables = (pd.concat(parts, ignore_index=True) for parts in (drafts, written))
    draft, as_written = (table[table["run"].isin(shown)].reset_index(drop=True) for table in tables)
    return Simulated([run for run in runs if run.pk in shown], draft, as_written)


class _Past:
    """All runs so far, over a catalogue in which the draft stands in place of a published model."""

    def __init__(
        self, first: psycopg.Connection, second: psycopg.Connection, runs: list[Run], draft: PaymentModel, code: str
    ):
        self.runs, self.draft = runs, draft
        self.moments = knowledge_scale(runs)
        self.parked = parked_providers(runs)
        self.computation = Computation(first, second, Job(0, self.moments[-1], []))
        real = self.computation.catalogue
        self.replaced = _models_with(real, code)
        self.step_codes = dict(ModelStep.objects.values_list("id", "code"))
        self.written_steps = [step for model in self.replaced for step in real.step_ids[model]]
        self.tiers = [_tier_places(real.models[model], draft) for model in self.replaced]
        self.computation.catalogue = self._with_draft(real)

    def _with_draft(self, real: Catalogue) -> Catalogue:
        """The catalogue with the draft; its steps keep the numbers of the published steps with their codes."""
        models, step_ids = list(real.models), list(real.step_ids)
        for model in self.replaced:
            numbers = {self.step_codes[step]: step for step in real.step_ids[model]}
            step_ids[model] = [numbers.get(step.code, -place) for place, step in enumerate(self.draft.steps, start=1)]
            self.step_codes |= dict(zip(step_ids[model], (step.code for step in self.draft.steps), strict=True))
            models[model] = self.draft
        return replace(real, models=models, step_ids=step_ids)

    def blocks(self) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
        """The lines of all runs, block by block of placements: under the draft, and as written."""
        for rows, facts, held in self.computation.blocks(self.moments, [run.pk for run in self.runs]):
            yield self._block(rows, facts, lines_held(held))

    def _block(self, rows: PlacementRows, facts: Facts, held: LedgerRows) -> tuple[pd.DataFrame, pd.DataFrame]:
        rows = replace(rows, placements=replace(rows.placements, tier=self._tiers_in_draft(rows)))
        book = make_book(self.computation.catalogue, rows, facts)
        found = find_breaches(book.models, book.placements, book.shelves, KNOWLEDGE_FAR - 1)
        self._refuse_unusable(rows, book.order, found)
        own = LedgerRows(np.zeros(0, np.int32), np.zeros(0, np.int32), NO_LINES)
        past = Past(self.computation.catalogue, rows, facts)
        tried = np.isin(rows.placements.model, self.replaced)
        drafts = []
        for run in self.runs:
            past.learn(known_by(run, self.moments))
            free = ~np.isin(self.computation.provider_of[rows.contract], self.parked[run.pk])
            owed, touched = past.owed(run, free & tried)
            lines = self.computation.lines_of(rows, owed, own, touched)
            own = own.with_run(run.pk, lines.placement, lines.lines)
            drafts.append(self._table(rows, run.pk, lines.placement, lines.lines))
        mine = np.isin(held.lines.step, self.written_steps)
        return pd.concat(drafts), self._table(rows, held.run[mine], held.placement[mine], held.lines.take(mine))

    def _tiers_in_draft(self, rows: PlacementRows) -> I16:
        tier = rows.placements.tier.copy()
        for model, places in zip(self.replaced, self.tiers, strict=True):
            mine = rows.placements.model == model
            tier[mine] = places[tier[mine]]
        return tier

    def _refuse_unusable(self, rows: PlacementRows, order: np.ndarray, found: list) -> None:
        """Breaches that only the draft brings: a share without a price, points that are not known."""
        for breach in found:
            row = int(order[breach.row])
            if rows.placements.model[row] in self.replaced and breach.rule.code in ("price_missing", "points_missing"):
                number = Placement.objects.get(pk=int(rows.placements.id[row])).number
                raise refuse(UNUSABLE, field="model", value=self.draft.code, placement=number, reason=breach.rule.text)

    def _table(self, rows: PlacementRows, run: int | I32, placement: I32, lines: Columns) -> pd.DataFrame:
        row = np.searchsorted(rows.placements.id, placement)
        tiers = np.array(self.draft.tiers)
        return pd.DataFrame(
            {
                "run": run,
                "placement": placement,
                "step": [self.step_codes[int(step)] for step in lines.step],  # type: ignore[attr-defined]
                "occurrence": lines.occurrence,  # type: ignore[attr-defined]
                "provider": self.computation.provider_of[rows.contract[row]],
                "tier": tiers[rows.placements.tier[row]],
                "amount": lines.amount,  # type: ignore[attr-defined]
            }
        )


def _models_with(catalogue: Catalogue, code: str) -> list[int]:
    """The places in the catalogue of all versions of the published model with a code."""
    published = dict(PaymentModelVersion.objects.values_list("id", "code"))
    found = [place for place, version in enumerate(catalogue.version_ids) if published[version] == code]
    if not found:
        raise refuse(NOT_IN_FORCE, field="code", value=code, codes=", ".join(sorted(set(published.values()))))
    return found


def _tier_places(old: PaymentModel, draft: PaymentModel) -> I16:
    """Where the old model's tiers stand in the draft."""
    for tier in old.tiers:
        if tier not in draft.tiers:
            raise refuse(TIER_GONE, field="tiers", value=", ".join(draft.tiers), tier=tier)
    return np.array([draft.tiers.index(tier) for tier in old.tiers], np.int16)
