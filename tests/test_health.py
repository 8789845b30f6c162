"""What docker compose and a proxy ask: do database and broker answer?"""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import DatabaseError, connection
from django.test import Client
from pika.exceptions import AMQPConnectionError  # type: ignore[import-untyped]
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from redis.exceptions import ConnectionError as RedisConnectionError

from backend.kernel import queue, views

COMPOSE = Path(__file__).parents[1] / "docker-compose.yml"


def broken(*_: object) -> Any:
    raise DatabaseError("a detail that nobody outside may read")


@pytest.mark.django_db
def test_it_answers_without_log_in(client: Client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.content) == (HTTPStatus.OK, b"ok")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("owner", "name"), [(connection, "cursor"), (views, "ping_broker")])
def test_it_tells_nobody_what_is_wrong(
    owner: object, name: str, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(owner, name, broken)
    response = client.get("/health/")
    assert (response.status_code, response.content) == (HTTPStatus.SERVICE_UNAVAILABLE, b"unavailable")
    assert "a detail" in caplog.text


@pytest.mark.parametrize("url", ["unix:///nowhere/socket", "amqp://127.0.0.1:1/"])
def test_a_broker_that_is_gone_does_not_answer(url: str, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    queue.ping_broker()
    settings.BROKER_URL = url
    monkeypatch.setattr(queue, "broker", queue.make_broker(url))
    with pytest.raises((AMQPConnectionError, RedisConnectionError)):
        queue.ping_broker()


def test_docker_compose_asks_as_the_settings_of_production_want(
    live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["utfall.example"]
    monkeypatch.setenv("ALLOWED_HOSTS", "utfall.example,www.utfall.example")
    command = yaml.safe_load(COMPOSE.read_text())["services"]["web"]["healthcheck"]["test"]
    assert command[:3] == ["CMD", "python", "-c"]
    exec(command[3].replace("http://127.0.0.1:8000", live_server.url))
    monkeypatch.setattr(views, "ping_broker", broken)
    with pytest.raises(OSError, match="503"):
        exec(command[3].replace("http://127.0.0.1:8000", live_server.url))
