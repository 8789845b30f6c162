"""Wrong examples of the rules about who participants are; `tests.wrong_examples` gathers them."""

from collections.abc import Callable

from backend.kernel.models import Role, User
from outcomes.identity import read_identity
from outcomes.models import Participant
from outcomes.services import end_naming, find_participant, lift_protection, name_handler
from tests.people import identify, make_participant, protect
from tests.small_world import NOW, make_user


def identify_twice() -> object:
    identify(make_participant())
    return identify(make_participant())


def protected() -> tuple[Participant, User]:
    participant, by = make_participant(), make_user(Role.HANDLER)
    protect(participant, by)
    return participant, by


def protect_twice() -> object:
    participant, by = protected()
    return protect(participant, by)


def lift_twice() -> object:
    by = make_user(Role.HANDLER)
    protection = protect(make_participant(), by)
    lift_protection(protection=protection, by=by, now=NOW)
    return lift_protection(protection=protection, by=by, now=NOW)


def name(user: User, *, twice: bool = False) -> object:
    by = make_user(Role.HANDLER)
    protection = protect(make_participant(), by)
    if twice:
        name_handler(protection=protection, user=user, by=by, now=NOW)
    return name_handler(protection=protection, user=user, by=by, now=NOW)


def end_naming_twice() -> object:
    by = make_user(Role.HANDLER)
    protection = protect(make_participant(), by)
    named = name_handler(protection=protection, user=make_user(Role.HANDLER), by=by, now=NOW)
    end_naming(named=named, by=by, now=NOW)
    return end_naming(named=named, by=by, now=NOW)


def end_the_last() -> object:
    by = make_user(Role.HANDLER)
    return end_naming(named=protect(make_participant(), by).handlers.get(), by=by, now=NOW)


PEOPLE: dict[str, Callable[[], object]] = {
    "identity_number": lambda: read_identity("19800101-1232", "number"),
    "identity_twice": identify_twice,
    "look_reason": lambda: find_participant(number="19800101-1231", reason=" ", by=make_user(Role.HANDLER), now=NOW),
    "not_named": lambda: identify(protected()[0]),
    "protected_twice": protect_twice,
    "protection_lifted": lift_twice,
    "handlers_named": lambda: name(make_user(Role.AUDITOR)),
    "named_twice": lambda: name(make_user(Role.HANDLER), twice=True),
    "naming_ended": end_naming_twice,
    "last_named": end_the_last,
}
