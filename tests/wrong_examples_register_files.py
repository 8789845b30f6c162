"""Wrong examples of the rules of registers' files; `tests.wrong_examples` gathers them."""

from collections.abc import Callable
from datetime import date

from backend.kernel.models import Role
from outcomes.models import RegisterRow
from outcomes.registers import layout_named, read_records
from outcomes.services import match_row, read_import, start_import
from tests.small_world import make_placement, make_user, moment

HEAD = "Personnummer;Kurskod;Betygsdatum;Betyg;Poäng"
NOW = moment(date(2025, 9, 1))


def read(text: str) -> Callable[[], object]:
    return lambda: list(read_records(layout_named("betyg"), text.encode()))


def import_closed() -> object:
    text = "Personnummer;Arbetsgivare;Anställd från;Anställd till;Omfattning\n19800101-1231;B;2025-05-05;;75\n"
    by = make_user(Role.HANDLER)
    return start_import(layout="anstallningar", name="f", content=text.encode(), by=by, now=NOW)


def match(participant: str = "", times: int = 1) -> object:
    by, text = make_user(Role.HANDLER), f"{HEAD}\n19800101-1231;SVA01;2025-06-02;A;100\n"
    source = start_import(layout="betyg", name="f", content=text.encode(), by=by, now=NOW)
    read_import(source.pk, NOW)
    number = participant or make_placement().participant.number
    for _ in range(times):
        match_row(row=RegisterRow.objects.get(), participant=number, reason="tests", by=by, now=NOW)
    return source


REGISTER_FILES: dict[str, Callable[[], object]] = {
    "register_layout": lambda: layout_named("none"),
    "register_file": read(f"{HEAD}\n"),
    "register_column": read("Personnummer;Kurskod\n"),
    "register_cell": read(f"{HEAD}\n19800101-1231;SVA01;2 juni;A;100\n"),
    "register_ground": import_closed,
    "register_matched": lambda: match(times=2),
    "unknown_participant": lambda: match("nobody"),
}
