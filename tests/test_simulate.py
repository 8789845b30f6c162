"""`simulate`: a draft over the real past. The model in force gives what was paid; another one, what it would change."""

import copy
import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import DjangoDbBlocker

from backend.kernel.periods import last_day
from contracts.library import FOLDER, library_model
from contracts.reading import read_model
from payouts.models import Line, Run
from payouts.simulating import Simulated, simulate
from payouts.states import RunState
from tests.conftest import TestDatabase
from tests.random_town import MODELS, RandomTown
from tests.run_steps import cancel, refusal
from tests.town import Town

MONTHS = [date(2025, number, 1) for number in range(1, 9)]
FIRST, LAST = MONTHS[0], last_day(MONTHS[-1])
STOCKHOLM = "stockholm-auktorisation"

Document = dict[str, Any]
Edit = Callable[[Document], None]


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[RandomTown]:
    """Eight months of a random town, one of whose runs is cancelled. Simulating changes nothing in it."""
    with django_db_blocker.unblock():
        town = RandomTown(seed=7)
        for month in MONTHS:
            town.live_through(month)
            if month.month == 4:
                cancel(town.towns[0], town.compute(last_day(month)))
            town.pay(last_day(month))
        yield town
        TestDatabase(connections["default"].settings_dict["NAME"]).renew()


def document(code: str, edit: Edit = lambda document: None) -> Document:
    """A model of the library as a document, edited."""
    made = tomllib.loads((FOLDER / f"{code}.toml").read_text())
    edit(made)
    return copy.deepcopy(made)


def simulated(code: str, edit: Edit = lambda document: None) -> Simulated:
    return simulate(read_model(document(code, edit)), FIRST, LAST)


def lines_of(code: str) -> list[Line]:
    return list(Line.objects.exclude(run__state=RunState.CANCELLED).filter(step__version__code=code))


# --- the model in force


@pytest.mark.parametrize("code", MODELS)
def test_the_model_in_force_gives_exactly_what_was_paid(town: RandomTown, code: str) -> None:
    result = simulate(library_model(code), FIRST, LAST)
    paid = lines_of(code)
    assert paid
    assert result.differing == 0
    assert len(result.draft) == len(result.written) == len(paid)
    assert result.draft["amount"].sum() == sum(line.amount for line in paid)


def test_only_the_months_asked_for_are_shown(town: RandomTown) -> None:
    result = simulate(library_model(STOCKHOLM), MONTHS[3], last_day(MONTHS[5]))
    assert [run.cutoff for run in result.runs] == [last_day(month) for month in MONTHS[3:6]]
    assert result.differing == 0
    shown = {run.pk for run in result.runs}
    assert len(result.written) == sum(line.run_id in shown for line in lines_of(STOCKHOLM))


def test_a_draft_can_stand_in_for_a_model_of_another_code(town: RandomTown) -> None:
    draft = read_model(document("nacka-jobbpeng", lambda model: model.update(code="nacka-2")))
    assert simulate(draft, FIRST, LAST, instead_of="nacka-jobbpeng").differing == 0


def test_nothing_is_written(town: RandomTown) -> None:
    before = Line.objects.count(), Run.objects.count()
    simulated(STOCKHOLM, raise_start_part)
    assert (Line.objects.count(), Run.objects.count()) == before


# --- other models


def raise_start_part(model: Document) -> None:
    """A hundred kronor more in every tier."""
    model["steps"][0]["amount"] = {"A": "6100.00", "B": "8100.00", "C": "10100.00"}


def drop_start_part(model: Document) -> None:
    del model["steps"][0]


def add_step(model: Document) -> None:
    model["steps"].append({"code": "first-day", "trigger": "attendance", "days": 1, "amount": "50.00"})


def turn_tiers(model: Document) -> None:
    model["tiers"].reverse()


def test_a_raised_amount_costs_so_much_more(town: RandomTown) -> None:
    result = simulated(STOCKHOLM, raise_start_part)
    starts = [line for line in lines_of(STOCKHOLM) if line.step.code == "start"]
    owed = {line.placement_id for line in starts if sum(o.amount for o in starts if o.placement == line.placement)}
    assert owed
    compared = result.compared("step")
    assert compared.loc["start", "difference"] == 10_000 * len(owed)
    assert not compared.loc[compared.index != "start", "difference"].any()
    assert result.compared("run")["difference"].sum() == compared.loc["start", "difference"]


def test_a_removed_step_pays_nothing(town: RandomTown) -> None:
    compared = simulated(STOCKHOLM, drop_start_part).compared("step")
    paid = sum(line.amount for line in lines_of(STOCKHOLM) if line.step.code == "start")
    assert tuple(compared.loc["start", ["draft", "written"]]) == (0, paid)


def test_an_added_step_stands_beside_what_was_written(town: RandomTown) -> None:
    compared = simulated(STOCKHOLM, add_step).compared("step")
    assert compared.loc["first-day", "written"] == 0
    assert compared.loc["first-day", "draft"] > 0
    assert not compared.loc[compared.index != "first-day", "difference"].any()


def test_the_order_of_the_tiers_changes_nothing(town: RandomTown) -> None:
    assert simulated(STOCKHOLM, turn_tiers).differing == 0


# --- refusals


def test_a_draft_is_refused_that_has_nothing_to_stand_in_for(town: RandomTown) -> None:
    model = library_model(STOCKHOLM)
    assert refusal(lambda: simulate(model, date(2024, 1, 1), date(2024, 12, 31))) == "simulate_no_runs"
    assert refusal(lambda: simulate(model, FIRST, LAST, instead_of="none")) == "simulate_not_in_force"


def drop_tier(model: Document) -> None:
    model["tiers"].remove("C")
    for step in model["steps"]:
        del step["amount"]["C"]


def pay_a_share(model: Document) -> None:
    model["steps"][0].update(share="0.5")
    del model["steps"][0]["amount"]


def test_a_draft_needs_the_tiers_of_the_model_in_force(town: RandomTown) -> None:
    assert refusal(lambda: simulated(STOCKHOLM, drop_tier)) == "simulate_tier_gone"


@pytest.mark.django_db(transaction=True)
def test_a_share_needs_a_price() -> None:
    town = Town()
    town.refer("P1", date(2025, 1, 10), date(2025, 1, 15))
    town.pay(date(2025, 1, 31))
    assert refusal(lambda: simulated(STOCKHOLM, pay_a_share)) == "simulate_unusable"


# --- the command


def written(folder: Path, *, raised: bool = False) -> str:
    """The file of a draft: the library's model, perhaps with a krona more for the start part in two tiers."""
    path = folder / "draft.toml"
    text = (FOLDER / f"{STOCKHOLM}.toml").read_text()
    path.write_text(text.replace('"6000.00"', '"6001.00"').replace('"8000.00"', '"8001.00"') if raised else text)
    return str(path)


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("simulate", *arguments)
    return capsys.readouterr().out


PERIOD = ("--from", "2025-01", "--to", "2025-08")


def test_the_command_compares_by_run_provider_tier_and_step(
    town: RandomTown, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run_command(capsys, written(tmp_path), *PERIOD)
    for heading in ("run ", "provider ", "tier ", "step "):
        assert f"\n{heading}" in f"\n{told}"
    count = len(lines_of(STOCKHOLM))
    assert told.endswith(f"{count} lines under the draft, {count} written, 0 differ\n")


def test_the_command_gives_json(town: RandomTown, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(run_command(capsys, written(tmp_path, raised=True), *PERIOD, "--json"))
    paid = lines_of(STOCKHOLM)
    assert told["written"]["lines"] == told["draft"]["lines"] == len(paid)
    assert told["differing_lines"] > 0
    assert set(told["by"]) == {"run", "provider", "tier", "step"}
    starts = {row["step"]: row for row in told["by"]["step"]}["start"]
    owed = sum(line.amount for line in paid if line.step.code == "start")
    assert starts["written"] == f"{owed // 100}.{owed % 100:02}"
    assert float(starts["difference"]) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2025-13", "--to", "2025-08"), "^from = 2025-13"),
        (("--from", "2024-01", "--to", "2024-12"), "^months = 2024-01"),
        ((*PERIOD, "--instead-of", "none"), "^code = none"),
    ],
)
def test_the_command_refuses_in_words(
    town: RandomTown, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run_command(capsys, written(tmp_path), *arguments)
