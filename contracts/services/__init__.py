"""What is done with payment models and contracts. A service is one transaction and leaves an audit event."""

from contracts.services.agreements import (
    Conditions,
    amend_contract,
    register_contract,
    register_course,
    register_service,
    set_budget,
    tie_terms,
    usual_conditions,
)
from contracts.services.payment_models import (
    discard_draft,
    propose_draft,
    publish_draft,
    publish_model,
    save_draft,
)

__all__ = [
    "Conditions",
    "amend_contract",
    "discard_draft",
    "propose_draft",
    "publish_draft",
    "publish_model",
    "register_contract",
    "register_course",
    "register_service",
    "save_draft",
    "set_budget",
    "tie_terms",
    "usual_conditions",
]
