"""Controls of the providers that a run pays."""
# ruff: noqa: S608 - the queries are put together from the project's own parts

from backend.kernel.errors import gettext_noop
from payouts.controls.checking import CONCERNED, Found, Severity, control, found
from payouts.models import Run

REGISTERED = """
    SELECT FROM (
        SELECT holds FROM providers_taxfact AS fact
        WHERE fact.provider_id = contract.provider_id AND kind = '{kind}' AND valid_from <= %(cutoff)s
        ORDER BY valid_from DESC, recorded_at DESC, id DESC LIMIT 1
    ) AS newest WHERE holds"""


@control(
    Severity.HOLD,
    holds="provider",
    says=gettext_noop("The provider has no bank account that a second officer has confirmed."),
    act=gettext_noop("Confirm the account on the provider's page."),
)
def account_unconfirmed(run: Run) -> list[Found]:
    return found(
        run,
        "account_unconfirmed",
        f"""
        {CONCERNED}
        SELECT contract.responsibility_code AS code, contract.provider_id AS provider, sum(lines)::int AS lines,
            sum(amount)::bigint AS amount
        FROM concerned AS contract JOIN agreed ON agreed.contract_id = contract.id AND agreed.route = 'direct'
        WHERE NOT EXISTS (
            SELECT FROM providers_bankaccount
            WHERE provider_id = contract.provider_id AND confirmed_at IS NOT NULL AND ended_at IS NULL
        )
        GROUP BY 1, 2""",
    )


@control(
    Severity.HOLD,
    holds="provider",
    says=gettext_noop("The provider is not approved for F-skatt at the cut-off; tax would have to be withheld."),
    act=gettext_noop("Record the registration on the provider's page."),
)
def f_skatt_missing(run: Run) -> list[Found]:
    return found(
        run,
        "f_skatt_missing",
        f"""
        {CONCERNED}
        SELECT contract.responsibility_code AS code, contract.provider_id AS provider, sum(lines)::int AS lines,
            sum(amount)::bigint AS amount
        FROM concerned AS contract JOIN agreed ON agreed.contract_id = contract.id AND agreed.route <> 'internal'
        WHERE NOT EXISTS ({REGISTERED.format(kind="f_skatt")})
        GROUP BY contract.responsibility_code, contract.provider_id""",
    )


@control(
    Severity.HOLD,
    holds="provider",
    says=gettext_noop("VAT would be paid to a provider that is not registered for VAT at the cut-off."),
    act=gettext_noop("Record the registration on the provider's page, or change the contract's VAT treatment."),
)
def vat_registration_missing(run: Run) -> list[Found]:
    return found(
        run,
        "vat_registration_missing",
        f"""
        {CONCERNED}
        SELECT contract.responsibility_code AS code, contract.provider_id AS provider, sum(lines)::int AS lines,
            sum(amount)::bigint AS amount
        FROM concerned AS contract JOIN agreed ON agreed.contract_id = contract.id AND agreed.vat = 'standard'
        WHERE NOT EXISTS ({REGISTERED.format(kind="vat")})
        GROUP BY contract.responsibility_code, contract.provider_id""",
    )


@control(
    Severity.HOLD,
    holds="contract",
    says=gettext_noop("The provider's authorisation had lapsed by the cut-off, or was suspended."),
    act=gettext_noop("Decide about the authorisation on the provider's page."),
)
def authorisation_lapsed(run: Run) -> list[Found]:
    return found(
        run,
        "authorisation_lapsed",
        f"""
        {CONCERNED}
        SELECT responsibility_code AS code, contract.id AS contract, newest.day::text AS value, lines, amount
        FROM concerned AS contract CROSS JOIN LATERAL (
            SELECT valid_through, effect,
                CASE WHEN effect = 'authorised' THEN valid_through ELSE valid_from END AS day
            FROM providers_authorisation AS decision
            WHERE decision.provider_id = contract.provider_id AND decision.valid_from <= %(cutoff)s
                AND (decision.service_id IS NULL OR decision.service_id = contract.service_id)
            ORDER BY decided_at DESC, id DESC LIMIT 1
        ) AS newest
        WHERE newest.effect <> 'authorised' OR newest.valid_through < %(cutoff)s""",
    )


@control(
    Severity.NOTE,
    says=gettext_noop("The provider's data break a rule, so the run left it out."),
    act=gettext_noop("Have the provider correct what the run's page names; the next run pays it then."),
)
def provider_parked(run: Run) -> list[Found]:
    return [
        Found("provider_parked", provider=one.provider_id, placement=one.placement_id, value=one.rule)
        for one in run.parked.all()
    ]
