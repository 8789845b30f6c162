"""Who may open each page: the one table that the sweep holds every address of the site against."""

from backend.kernel.models import Role
from backend.kernel.web import STAFF

ANONYMOUS = "anonymous"
NO_ROLE = "nobody"
SIGNED_IN = frozenset({*Role, NO_ROLE})
EVERYBODY = SIGNED_IN | {ANONYMOUS}
NOBODY: frozenset[str] = frozenset()  # by GET

# By the name of the page; one without an entry here fails.
ALLOWED: dict[str, frozenset[str]] = {
    "home": SIGNED_IN,
    "search": SIGNED_IN,
    "components": SIGNED_IN,  # where DEBUG or DEMONSTRATION is set, as in tests
    "accessibility": EVERYBODY,
    "login": EVERYBODY,
    "logout": NOBODY,
    "set_language": EVERYBODY,
    "set_theme": NOBODY,
    "health": EVERYBODY,
    "payouts:run_list": STAFF,
    "payouts:run_detail": STAFF,
    "payouts:placement_list": STAFF,
    "payouts:placement_detail": STAFF,
}
