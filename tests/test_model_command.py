"""The command `model`: check, show, diff and publish."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from backend.kernel.calendar import local_day
from backend.kernel.models import Role, User
from contracts.library import codes, library_model
from contracts.models import PaymentModelVersion
from contracts.reading import model_digest

WRONG = """
code = "m"
[[steps]]
code = "job"
trigger = "employment"
starts_within = "P2M"
amount = 15000.00
"""

RIGHT = """
code = "m"
[[steps]]
code = "job"
trigger = "employment"
starts_within = "P2M"
lasts = "P4M"
amount = "15000.00"
"""

Command = Callable[..., str]


@pytest.fixture
def model(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `model` and gives what it wrote."""

    def run(*arguments: object) -> str:
        call_command("model", *map(str, arguments))
        return capsys.readouterr().out

    return run


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content)
    return path


def test_check_names_every_breach_and_fails(model: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "wrong.toml", WRONG)
    with pytest.raises(CommandError) as refused:
        model("check", path, "komvux-kurs", "--language", "en")
    assert refused.value.returncode == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{path}: steps.job.amount = 15000.0: an amount in kronor is a text")
    assert lines[1:] == [f"{path}: steps.job.lasts = None: the key lasts is needed here", "komvux-kurs: OK"]


def test_check_says_what_publication_will_ask_for(model: Command, tmp_path: Path) -> None:
    path = written(tmp_path, "right.toml", RIGHT)
    assert model("check", path, "--language", "en").splitlines() == [
        f"{path}: OK",
        f"{path}: title = m: a model to be published needs a title of its own",
        f"{path}: source = : a model to be published needs a source of its own",
    ]


def test_check_accepts_the_whole_library(model: Command) -> None:
    assert model("check", *codes()).splitlines() == [f"{code}: OK" for code in codes()]


def test_show_tells_models_in_both_languages(model: Command) -> None:
    assert "för varje godkänd kurs." in model("show", "komvux-kurs")
    assert "for each passed course." in model("show", "komvux-kurs", "--language", "en")


def test_diff_tells_what_differs(model: Command, tmp_path: Path) -> None:
    old = written(tmp_path, "old.toml", RIGHT)
    new = written(tmp_path, "new.toml", RIGHT.replace("P4M", "P6M"))
    assert model("diff", old, new, "--language", "en").replace("\u00a0", " ").splitlines() == [
        "The step “job”, lasts at least: 4 months → 6 months"
    ]
    assert model("diff", old, old, "--language", "en").splitlines() == ["The models say the same."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "stockholm"], "model = stockholm: the library has no such model"),
        (["diff", "komvux-kurs", "none.toml"], "file = none.toml: the file cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(model: Command, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        model(*arguments, "--language", "en")


@pytest.mark.django_db
def test_publish_makes_the_next_versions(model: Command) -> None:
    User.objects.create(username="officer", roles=[Role.PROCUREMENT])
    today = local_day(timezone.now())
    model("publish", "komvux-kurs", "komvux-poang", "--valid-from", today, "--by", "officer")
    version = PaymentModelVersion.objects.get(code="komvux-kurs")
    assert (version.number, version.valid_from) == (1, today)
    assert version.digest == model_digest(library_model("komvux-kurs"))


@pytest.mark.django_db
def test_publish_publishes_all_or_none(model: Command) -> None:
    User.objects.create(username="officer", roles=[Role.PROCUREMENT])
    today = local_day(timezone.now())
    model("publish", "komvux-kurs", "--valid-from", today, "--by", "officer")
    with pytest.raises(CommandError):
        model("publish", "komvux-poang", "komvux-kurs", "--valid-from", today + timedelta(1), "--by", "officer")
    assert list(PaymentModelVersion.objects.values_list("code", flat=True)) == ["komvux-kurs"]


@pytest.mark.django_db
def test_publish_asks_for_a_known_user(model: Command) -> None:
    with pytest.raises(CommandError, match="by = nobody"):
        model("publish", "komvux-kurs", "--valid-from", "2026-12-01", "--by", "nobody")
