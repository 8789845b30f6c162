"""`./dev`: what of it can be tested without starting servers."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from babel.messages.mofile import read_mo

from backend.devtools import commands, sharing
from backend.devtools.keeper import PULSE
from backend.devtools.processes import run, start, stop, working_in
from backend.devtools.state import Cluster, Failure, is_locked, lock, open_cluster, state_directory, try_lock
from backend.devtools.translations import compile_translations

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["pytester"]


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("UTFALL_STATE", str(tmp_path / "s"))
    return open_cluster("main")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = start([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    stop(process)


def test_each_checkout_and_user_has_its_own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UTFALL_STATE", raising=False)
    asked = [(Path("/a"), 0), (Path("/b"), 0), (Path("/a"), 1)]
    assert len({state_directory(*each) for each in asked}) == 3
    assert state_directory(Path("/a"), 0) == state_directory(Path("/a"), 0)


def test_a_socket_fits_below_the_longest_path_of_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UTFALL_STATE", raising=False)
    assert len(str(state_directory(Path("/" + 200 * "x"), 4_000_000_000))) < 60


def test_a_state_directory_too_deep_for_sockets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UTFALL_STATE", str(tmp_path / (100 * "x")))
    with pytest.raises(Failure, match="UTFALL_STATE"):
        open_cluster("main")


def test_a_state_directory_of_another_user_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(Failure, match="another user"):
        open_cluster("main")


def test_the_urls_hold_for_a_path_with_a_space() -> None:
    cluster = Cluster("main", Path("/var/a b"))
    assert cluster.database_url("utfall_app") == "postgres://utfall_app@%2Fvar%2Fa%20b%2Fpostgres/utfall"
    assert cluster.broker_url == "unix:///var/a%20b/valkey/socket"


def test_the_environment_has_what_the_settings_read_and_no_libpq_variable(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    variables = commands.environment(cluster)
    assert "PGHOST" not in variables
    assert "utfall_owner@" in variables["DATABASE_OWNER_URL"]
    assert "utfall_app@" in variables["DATABASE_URL"]
    assert variables["SECRET_KEY"] == commands.environment(cluster)["SECRET_KEY"]


def test_a_lock_excludes_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    with lock(path):
        assert is_locked(path)
        assert try_lock(path) is None
        assert try_lock(path, shared=True) is None
    assert not is_locked(path)


def test_users_share_and_the_keeper_gets_its_turn_when_all_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "users"
    first, second = lock(path, shared=True), lock(path, shared=True)
    first.close()
    assert try_lock(path) is None
    second.close()
    with try_lock(path) or pytest.fail("still held"):
        pass


def test_a_pid_left_by_a_killed_keeper_is_nobodys(cluster: Cluster, sleeper: subprocess.Popen[bytes]) -> None:
    (cluster.root / "keeper").write_text(str(sleeper.pid))  # by now the pid is another process's
    cluster.ready.touch()
    sharing.dismiss(cluster)
    assert sleeper.poll() is None


@pytest.fixture
def open_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for servers that PostgreSQL's account may enter too; pytest's own directories are private."""
    with tempfile.TemporaryDirectory(prefix="utfall-", dir="/var/tmp") as name:
        Path(name).chmod(0o711)
        monkeypatch.setenv("UTFALL_STATE", name)
        yield Path(name)
        commands.clean([])
        Path(name).mkdir()


def test_servers_are_shared_survive_the_first_who_came_and_come_back_after_a_kill(open_state: Path) -> None:
    cluster = open_cluster("test-0")
    first = sharing.join(cluster)
    keeper = (cluster.root / "keeper").read_text()
    second = sharing.join(cluster)
    first.close()
    time.sleep(3 * PULSE)
    assert (cluster.root / "keeper").read_text() == keeper
    assert _answers(cluster)
    os.kill(int(keeper), signal.SIGKILL)
    lock(cluster.root / "keeper").close()  # it is dead
    with sharing.join(cluster):
        assert (cluster.root / "keeper").read_text() != keeper
        assert _answers(cluster)
    second.close()
    lock(cluster.root / "keeper").close()  # the servers end once nobody uses them
    assert not working_in(cluster.postgres / "data")
    assert not working_in(cluster.valkey)


def _answers(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.database_url("utfall_app")) as connection:
        rights = "SELECT has_database_privilege('utfall', 'CREATE'), has_schema_privilege('public', 'CREATE')"
        return connection.execute(rights).fetchone() == (False, False)


def test_a_server_is_recognised_by_its_directory_and_other_programs_are_not(tmp_path: Path) -> None:
    program = tmp_path / "postgres"  # named as the server is, and idle
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o755)
    inside, outside = start([program, "60"], cwd=tmp_path), start([program, "60"], cwd="/")
    other = start(["/bin/sleep", "60"], cwd=tmp_path)
    try:
        assert working_in(tmp_path) == [inside.pid]
    finally:
        for process in (inside, outside, other):
            stop(process)


def test_a_child_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time\n"
        "from backend.devtools.processes import start\n"
        "print(start([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert _ends_soon(child)


def _ends_soon(pid: int) -> bool:
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_run_gives_the_exit_code_and_stop_the_signal() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(7)"]) == 7
    process = start(["/bin/sleep", "60"])
    stop(process, by=signal.SIGINT)
    assert process.poll() == -signal.SIGINT


def test_the_usage_lists_every_command() -> None:
    shown = commands.usage()
    for name in (*commands.COMMANDS, "lock"):
        assert f"./dev {name}" in shown


def test_an_unknown_command_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["nonsense"]) == 2
    assert commands.usage() in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["lint", "x"], ["clean", "x"], ["bench"], ["bench", "--sizes"]])
def test_arguments_without_meaning_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(arguments) == 1
    assert capsys.readouterr().err


def test_a_taken_port_says_how_to_choose_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert commands.main(["demo", "--port", str(port)]) == 1
    assert f"--port {port + 1}" in capsys.readouterr().err


def test_translations_are_compiled_when_they_changed(tmp_path: Path) -> None:
    source = tmp_path / "sv" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "run"\nmsgstr "körning"\n'
    )
    compile_translations(tmp_path)
    compiled = source.with_suffix(".mo")
    with compiled.open("rb") as file:
        assert read_mo(file)["run"].string == "körning"
    os.utime(compiled, ns=(0, 2**61))
    compile_translations(tmp_path)
    assert compiled.stat().st_mtime_ns == 2**61


NEEDY = "import pytest\n@pytest.mark.needs('no-such-program')\ndef test_it():\n    pass\n"


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_what_could_not_run_is_named_and_fails_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, code: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(NEEDY)
    result = pytester.runpytest_subprocess("-p", "backend.devtools.needs", "-p", "no:django", "-n", "1")
    result.stdout.fnmatch_lines(["*1 test* need*no-such-program*"])
    assert result.ret == code
