"""The tests' databases: made and migrated by the owner, used by the app's role, one per worker.

`db` tests run in a transaction that is rolled back. A test with `transaction=True` commits; afterwards its database is
made anew from a template, because the app's role cannot empty history tables.
"""

from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[None]:
    """A migrated template and its first copy. Replaces pytest-django's fixture of this name."""
    copy = TestDatabase(f"test_utfall_{worker_id}")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        copy.make_template()
        copy.renew()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: copy.renew())
        yield
        copy.drop()


class TestDatabase:
    """A worker's database, copied from a template that nobody works in."""

    __test__ = False

    def __init__(self, name: str):
        self.name = name
        self.template = f"{name}_template"
        self.maintenance = connections["owner"].get_connection_params() | {"dbname": "postgres", "autocommit": True}

    def make_template(self) -> None:
        self._replace(self.template, "template1")  # has btree_gist, which only a superuser can add
        self._connect_to(self.template)
        call_command("migrate", database="owner", verbosity=0)

    def renew(self) -> None:
        connections.close_all()
        self._replace(self.name, self.template)
        self._connect_to(self.name)

    def drop(self) -> None:
        connections.close_all()
        self._run("DROP DATABASE IF EXISTS {}", self.name)
        self._run("DROP DATABASE IF EXISTS {}", self.template)

    def _connect_to(self, name: str) -> None:
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = name

    def _replace(self, name: str, template: str) -> None:
        self._run("DROP DATABASE IF EXISTS {}", name)
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)

    def _run(self, statement: str, *names: str) -> None:
        parameters = {key: value for key, value in self.maintenance.items() if key not in ("cursor_factory", "context")}
        with psycopg.connect(**parameters) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
