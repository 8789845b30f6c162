"""Registers' files about the participants who have identity numbers: what agrees, what differs, and what is new."""

from datetime import date

from backend.demonstration.months import DECIDED, Months
from backend.demonstration.register import Registered
from outcomes.columns import GRADES, Kind
from outcomes.models import Fact, ParticipantIdentity
from outcomes.registers import Register, layouts
from outcomes.services import read_import, record_ground, start_import
from outcomes.services.identities import read_number

GROUND = "Påhittad grund för visningen, dnr AMN 2026/900"
STRANGER = "19850101-TF99"


def take_registers(registered: Registered, months: Months) -> None:
    """Grades, employment and assistance of the last months, as the registers know them."""
    now = months.after(months.count - 1, DECIDED)
    (procurer,), (handler,) = registered.doing("procures"), registered.doing("refers")
    record_ground(register=Register.EMPLOYMENT, ground=GROUND, valid_from=now.date(), by=procurer, now=now)
    rows = ParticipantIdentity.objects.select_related("participant").order_by("pk")
    people = {one.participant_id: str(read_number(one)) for one in rows}
    facts = Fact.objects.filter(placement__participant__in=people, withdrawn=False).select_related(
        "placement", "subject"
    )
    day = now.date().replace(day=1)
    files = {
        "betyg": [_grade(one, people[one.placement.participant_id]) for one in facts.filter(kind=Kind.GRADE)],
        "anstallningar": [
            _job(one, people[one.placement.participant_id]) for one in facts.filter(kind=Kind.EMPLOYMENT)
        ],
        "ekonomiskt-bistand": [f"{number};{day:%Y-%m};{4_000 + 100 * i};S" for i, number in enumerate(people.values())],
    }
    files["betyg"].append(f"{STRANGER};SVA01;{day};C;100")
    files["anstallningar"] += [f"{number};Kiosken vid torget;{day};;50" for number in list(people.values())[:2]]
    for name, lines in files.items():
        layout = layouts()[name]
        text = "\r\n".join([layout.delimiter.join(layout.columns.values()), *lines, ""])
        source = start_import(
            layout=name, name=f"{name}-{day:%Y-%m}.csv", content=text.encode(layout.encoding), by=handler, now=now
        )
        read_import(source.pk, now)


def _grade(fact: Fact, person: str) -> str:
    assert fact.subject is not None
    points = fact.quantity if fact.quantity >= 0 else ""
    return f"{person};{fact.subject.text};{fact.from_day};{GRADES[fact.detail - 1]};{points}"


def _job(fact: Fact, person: str) -> str:
    """Every other job is larger in the provider's report than in the register."""
    assert fact.subject is not None
    last: date | str = fact.through_day or ""
    return f"{person};{fact.subject.text};{fact.from_day};{last};{fact.quantity // (1 + fact.pk % 2)}"
