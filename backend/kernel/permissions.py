"""Who may do what: person rules, each written once and asked by the services."""

from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User

ROLE_NEEDED = rule("role_needed", gettext_noop("this needs the role {roles}"))


def require_role(by: User, *roles: Role) -> None:
    """DomainError unless the person has one of the roles."""
    if not set(roles).intersection(by.roles):
        raise refuse(ROLE_NEEDED, field="by", value=by.get_username(), roles=" / ".join(role.value for role in roles))
