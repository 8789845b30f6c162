"""The city's figures that the demonstration is drawn from, read from `stockholm.toml`. Pure."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("stockholm.toml")
FETTERS = "19"  # serves a sentence: never registered, not even within a group

# Obstacle codes in the classes of `outcomes.models.ParticipantBackground`, and how far from work each class stands.
GROUP_OF_CODE = {
    **dict.fromkeys(("01", "02", "03", "04", "05"), "unemployed"),
    **dict.fromkeys(("10", "11"), "language"),
    **dict.fromkeys(("06", "07", "09", "15", "24"), "health"),
    "23": "social",
    **dict.fromkeys(("08", "12", "13", "14", "17"), "waiting"),
    **dict.fromkeys(("16", "18", "22", "30", "40"), "other"),
}
DISTANCE_OF_GROUP = {
    "unemployed": 0.0,
    "waiting": -0.2,
    "other": -0.3,
    "language": 0.5,
    "health": 0.9,
    "social": 1.1,
}


@dataclass(frozen=True, slots=True)
class DistrictFigures:
    name: str
    jobbtorg: str
    on_assistance: int  # adults, monthly average
    employment_rate: float  # per cent of ages 20 to 64


@dataclass(frozen=True, slots=True)
class Figures:
    districts: tuple[DistrictFigures, ...]
    groups: dict[str, int]  # adults by class of obstacle
    to_work: float  # shares of all who left a project …
    to_studies: float
    reason_unknown: float
    to_work_local_job_search: float  # … and of those who left one of these kinds
    to_work_matching: float


@cache
def figures() -> Figures:
    document = tomllib.loads(FILE.read_text())
    results = document["results"]
    groups = dict.fromkeys(DISTANCE_OF_GROUP, 0)
    for obstacle in document["obstacle"]:
        if obstacle["code"] != FETTERS:
            groups[GROUP_OF_CODE[obstacle["code"]]] += obstacle["adults"]
    return Figures(
        districts=tuple(
            DistrictFigures(each["name"], each["jobbtorg"], each["A"], each["employment_rate"])
            for each in document["district"]
        ),
        groups=groups,
        to_work=results["to_work"],
        to_studies=results["to_studies"],
        reason_unknown=results["exit_reason_unknown"],
        to_work_local_job_search=results["to_work_local_job_search"],
        to_work_matching=results["to_work_matching"],
    )
