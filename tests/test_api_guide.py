"""The guide's commands run as they stand, in a shell, against the web server of production."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from outcomes.models import Evidence, Fact
from tests.api_client import System
from tests.town import Town
from tests.web_processes import free_port, web_server

GUIDE = Path(__file__).parents[1] / "docs" / "api-guide.md"
COMMANDS = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.needs("curl")
@pytest.mark.django_db(transaction=True)
def test_the_commands_of_the_guide_do_what_it_says(tmp_path: Path) -> None:
    town = Town()
    town.refer("P-1", date(2025, 1, 10), date(2025, 1, 15))
    issued, port = System(town.provider).issued, free_port()
    given = {"UTFALL": f"http://127.0.0.1:{port}", "CLIENT_ID": issued.client_id, "CLIENT_SECRET": issued.secret}
    with web_server(port):
        done = subprocess.run(
            ["sh", "-c", "set -eu\n" + "\n".join(COMMANDS)], env=os.environ | given | {"PLACEMENT": "P-1"},
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
    answers = list(documents(done.stdout))
    assert len(answers) == sum(block.count("utfall ") for block in COMMANDS) - 1  # one goes to a file
    assert not [answer for answer in answers if answer.get("status", 0) >= 400]
    assert {fact.external_id: fact.quantity for fact in Fact.objects.all()} == {
        "guide-1": 9, "guide-1~2": 8, "guide-2": 0, "guide-4": 0,
    }  # fmt: skip
    assert Evidence.objects.get().fact.external_id == "guide-1"
    assert "attended_too_many_days" in done.stdout


def documents(output: str) -> Iterator[dict[str, Any]]:
    """The JSON documents that stand in a row."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(output.rstrip()):
        document, place = decoder.raw_decode(output, place)
        yield document
