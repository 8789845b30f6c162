"""docker-compose.yml can't be started in the tests: what it names must at least exist in the code."""

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "backend" / "Dockerfile").read_text()
NOT_IN_PRODUCTION = {"DEBUG", "DEMONSTRATION"}

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
our_service = pytest.mark.parametrize("service", OURS.values(), ids=OURS)


def test_it_has_the_services_of_the_design() -> None:
    assert set(SERVICES) == {"postgres", "rabbitmq", "migrate", "web", "worker", "scheduler"}


@our_service
def test_the_image_is_built_from_a_file_of_the_repository(service: dict[str, Any]) -> None:
    assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("source", re.findall(r"^COPY (\S+) ", DOCKERFILE, re.MULTILINE))
def test_the_image_copies_what_exists(source: str) -> None:
    assert (ROOT / source).exists()


def test_the_image_installs_with_the_same_uv_as_dev() -> None:
    used = re.search(r"uv==(\S+)", DOCKERFILE)
    pinned = re.search(r"^uv_version=(\S+)$", (ROOT / "dev").read_text(), re.MULTILINE)
    assert used
    assert pinned
    assert used[1] == pinned[1]


@pytest.mark.parametrize("module", re.findall(r"python -m (\S+)", DOCKERFILE))
def test_the_image_runs_modules_that_exist(module: str) -> None:
    assert importlib.util.find_spec(module)


@our_service
def test_each_command_names_a_program_and_a_module_that_exist(service: dict[str, Any]) -> None:
    _assert_runs(service["command"])


@our_service
def test_each_health_check_can_be_run(service: dict[str, Any]) -> None:
    if not service["healthcheck"].get("disable"):
        kind, *command = service["healthcheck"]["test"]
        assert kind == "CMD"
        _assert_runs(command)


def _assert_runs(command: list[str]) -> None:
    program, first, *rest = command
    if program == "python" and first == "manage.py":
        assert (ROOT / first).is_file()
        assert rest[0] in get_commands()
    elif program == "python":
        assert first == "-c"
        compile(rest[0], "docker-compose.yml", "exec")
    else:
        assert (Path(sys.executable).parent / program).exists()
        assert importlib.util.find_spec(first)


@our_service
def test_each_variable_is_read_by_the_settings(service: dict[str, Any]) -> None:
    assert set(service["environment"]) <= _variables_of_the_settings()


def test_no_variable_is_forgotten_and_none_is_only_for_developers() -> None:
    given = {variable for service in OURS.values() for variable in service["environment"]}
    assert given == _variables_of_the_settings() - NOT_IN_PRODUCTION


def _variables_of_the_settings() -> set[str]:
    source = (ROOT / "backend" / "settings.py").read_text()
    return set(re.findall(r'(?:environ\.get|env_\w+)\("([A-Z_]+)"', source))


def test_only_the_migration_has_the_owners_role() -> None:
    assert [name for name, service in OURS.items() if "DATABASE_OWNER_URL" in service["environment"]] == ["migrate"]


def test_the_roles_in_the_urls_are_those_that_the_script_makes() -> None:
    made = set(re.findall(r"CREATE ROLE (\w+)", (ROOT / "backend" / "postgres" / "roles.sh").read_text()))
    urls = [value for service in OURS.values() for value in service["environment"].values()]
    assert {role for url in urls for role in re.findall(r"^postgres://(\w+):", url)} == made


def test_the_script_gets_the_variables_that_it_reads() -> None:
    read = set(re.findall(r"\$([A-Z_]+)", (ROOT / "backend" / "postgres" / "roles.sh").read_text()))
    assert read <= set(SERVICES["postgres"]["environment"])


@every_service
def test_what_a_service_waits_for_exists_and_can_be_awaited(service: dict[str, Any]) -> None:
    for name, wait in service.get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "test" in SERVICES[name]["healthcheck"]
        else:
            assert wait["condition"] == "service_completed_successfully"
            assert SERVICES[name]["restart"] == "no"


@every_service
def test_each_mounted_file_and_volume_exists(service: dict[str, Any]) -> None:
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]


def test_what_the_installation_must_give_is_named_at_the_top() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    head = text.partition("x-utfall:")[0]
    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", head))


def test_the_image_gets_neither_secrets_nor_what_is_made_here() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".venv"} <= set(ignored)
