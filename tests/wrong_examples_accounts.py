"""Wrong examples of the rules of accounts; `tests.wrong_examples` gathers them."""

from collections.abc import Callable

from backend.kernel.models import Role, User
from backend.kernel.services import change_roles, create_account
from tests.small_world import NOW, make_user


def create(username: str, *roles: str) -> User:
    by = make_user(Role.ADMINISTRATOR)
    return create_account(username=username, first_name="A", last_name="", email="", roles=roles, by=by, now=NOW)


def create_twice() -> User:
    create("anna")
    return create("anna")


def change_own_roles() -> User:
    by = make_user(Role.ADMINISTRATOR)
    return change_roles(user=by, roles=[Role.AUDITOR], by=by, now=NOW)


ACCOUNTS: dict[str, Callable[[], object]] = {
    "account_twice": create_twice,
    "own_account": change_own_roles,
    "unknown_role": lambda: create("bo", "boss"),
    "role_alone": lambda: create("bo", Role.ADMINISTRATOR, Role.HANDLER),
}
