"""One wrong example of every validation rule: calling it raises DomainError with that rule.

Each area has a dict of its own, from rule code to example: add yours below, and to `PURE`, or to `STORED` where the
examples need the database (each runs in a transaction that is rolled back), or `COMMITTED` where it is not.
"""

import copy
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from backend.kernel.money import parse_kronor
from backend.kernel.periods import parse_duration, parse_month
from backend.kernel.sheets import read_rows
from contracts.library import library_model
from contracts.management.commands.model import user_named
from contracts.reading import check_publishable, read_model, read_model_file
from payouts.engine.cases import read_case_file
from payouts.management.commands.explain import placement_numbered
from tests.wrong_examples_accounts import ACCOUNTS
from tests.wrong_examples_api import API, API_PURE
from tests.wrong_examples_authorisation import AUTHORISATION, UPLOADS
from tests.wrong_examples_demonstration import DEMONSTRATION
from tests.wrong_examples_hearings import HEARINGS
from tests.wrong_examples_payouts import COMMITTED, PAYOUTS
from tests.wrong_examples_people import PEOPLE
from tests.wrong_examples_placements import PLACEMENTS
from tests.wrong_examples_register_files import REGISTER_FILES
from tests.wrong_examples_registers import REGISTERS
from tests.wrong_examples_sampling import SAMPLING
from tests.wrong_examples_scorecards import SCORECARDS
from tests.wrong_examples_services import SERVICES
from tests.wrong_examples_settlement import SETTLEMENT
from tests.wrong_examples_verification import VERIFICATION

Document = dict[str, object]
Examples = dict[str, Callable[[], object]]

JOB: Document = {"code": "job", "trigger": "employment", "starts_within": "P2M", "lasts": "P4M", "amount": "15000.00"}
MONTH: Document = {"code": "month", "trigger": "period", "amount": "1000.00"}
START: Document = {"code": "start", "trigger": "attendance", "days": 20, "amount": "6000.00"}
GRADE: Document = {"code": "grade", "trigger": "grade", "pass": ["A", "E"], "amount": "4500.00"}
EARNINGS: Document = {"code": "pay", "trigger": "earnings", "threshold": "60000.00", "amount": "18000.00"}


def model_with(*steps: object, **keys: object) -> Callable[[], object]:
    """An example that reads a model with these steps and keys of its own."""
    return lambda: read_model(copy.deepcopy({"code": "m", "steps": list(steps), **keys}))


def step_with(step: Document, without: str = "", **changes: object) -> Callable[[], object]:
    """An example that reads a model with one step, changed."""
    return model_with({key: value for key, value in (step | changes).items() if key != without})


def read_text(name: str, content: str) -> Callable[[], object]:
    """An example that reads a model from a file with this content."""

    def read() -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_text(content)
            return read_model_file(path)

    return read


KERNEL: Examples = {
    "money": lambda: parse_kronor(12000.0, "amount"),
    "money_too_large": lambda: parse_kronor("100000000000.00", "amount"),
    "duration": lambda: parse_duration("2 months", "lasts"),
    "month": lambda: parse_month("2026-13", "month"),
    "sheet_kind": lambda: list(read_rows(io.BytesIO(b"\xff"))),
}

PAYMENT_MODELS: Examples = {
    "table": model_with(5),
    "list": model_with(START, tiers=[]),
    "value_twice": model_with(START, tiers=["A", "A"]),
    "text": step_with(START, title=" Start"),
    "whole_number": step_with(START, days=True),
    "flag": step_with(MONTH, prorate="no"),
    "choice": model_with(GRADE | {"pass": ["A", "G"]}),
    "share": step_with(START, without="amount", share=0.35),
    "missing_key": step_with(JOB, without="lasts"),
    "unknown_key": step_with(JOB, last="P4M"),
    "model_key_of_another_trigger": step_with(START, threshold="60000.00"),
    "model_file": read_text("model.toml", "code = "),
    "model_step_code_twice": model_with(START, MONTH | {"code": "start"}),
    "model_amount_or_share": step_with(START, share="0.35"),
    "model_tier_without_amount": model_with(START | {"amount": {"A": "1.00"}}, tiers=["A", "B"]),
    "model_unknown_tier": model_with(START | {"amount": {"A": "1.00", "B": "1.00"}}, tiers=["A"]),
    "model_requires_earlier_step": model_with(START | {"requires": ["job"]}, JOB),
    "model_start_before_end": step_with(JOB, of="start", may_start_before_end=False),
    "model_cumulative_months": step_with(JOB, cumulative=True),
    "model_report_within_on_period": step_with(MONTH, report_within="P1M"),
    "model_band_twice": step_with(
        JOB, bands=[{"extent_at_least": 80, "share": "1"}, {"extent_at_least": 80, "share": "0.6"}]
    ),
    "model_threshold": step_with(EARNINGS, threshold="0.00"),
    "model_overflow": step_with(JOB, without="amount", share="999999.999999"),
    "model_unpublishable": lambda: check_publishable(read_model({"code": "m", "steps": [START]})),
    "model_not_in_library": lambda: library_model("stockholm"),
}

COMMANDS: Examples = {
    "unknown_user": lambda: user_named("nobody"),
    "no_placement": lambda: placement_numbered("nobody's"),
}

CASES: Examples = {
    "case_file": lambda: read_case_file(Path("none.toml")),
}

PURE: Examples = KERNEL | PAYMENT_MODELS | CASES | SCORECARDS | API_PURE | UPLOADS
STORED: Examples = (
    ACCOUNTS
    | API
    | AUTHORISATION
    | COMMANDS
    | DEMONSTRATION
    | HEARINGS
    | PAYOUTS
    | PEOPLE
    | PLACEMENTS
    | REGISTERS
    | REGISTER_FILES
    | SAMPLING
    | SERVICES
    | SETTLEMENT
    | VERIFICATION
)

EXAMPLES: Examples = PURE | STORED | COMMITTED
