"""What an effect analysis says in words: each horizon, the balance, the economy, and its limits."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy

from backend.kernel.money import show_kronor
from scorecards.effect import UNBALANCED, Economy, Effect

LIMITS = {
    "unbalanced": gettext_lazy("Some covariate still differs between the groups: the comparison is not fair yet."),
    "few": gettext_lazy("The comparison group carries too little weight: it has too few people like the participants."),
    "heavy": gettext_lazy("The result rests on very few people of the comparison group."),
}
ALWAYS = gettext_lazy(
    "What was not measured, such as motivation or health, may differ between the groups and is not removed."
    " The result is of these people in this time."
)


def points(share: float) -> str:
    """A difference of shares in percentage points: +12,3."""
    return f"{'−' if share < 0 else '+'}{number_format(abs(100 * share), 1)}"


def percent(share: float) -> str:
    return f"{number_format(100 * share, 1)} %"


def verdict(effect: Effect) -> str:
    """Whether the interval tells the effect from none."""
    if effect.low > 0:
        return gettext("more self-support than without")
    return gettext("less self-support than without") if effect.high < 0 else gettext("no difference that is certain")


def limits_of(effects: list[Effect]) -> list[str]:
    """Why not to rely on it, each reason once; what always limits it stands last."""
    found = dict.fromkeys(limit for effect in effects for limit in effect.limits)
    return [*(str(LIMITS[limit]) for limit in found), str(ALWAYS)]


def tell(effects: list[Effect], economy: Economy) -> Iterator[str]:
    """The analysis as lines of text."""
    for effect in effects:
        yield gettext(
            "{months} months: {share} of {participants} participants, {without} without the service;"
            " {difference} percentage points ({low} to {high}): {verdict}"
        ).format(
            months=effect.months,
            share=percent(effect.share),
            participants=effect.participants,
            without=percent(effect.without),
            difference=points(effect.difference),
            low=points(effect.low),
            high=points(effect.high),
            verdict=verdict(effect),
        )
    yield gettext("Balance, in standard deviations (at most {most} after weighting):").format(most=UNBALANCED)
    for one in effects[0].balance:
        yield f"  {one.name}: {one.before:+.2f} → {one.after:+.2f}"
    yield gettext(
        "In the first year a participant has {months} more months of self-support: {saved} less assistance, {brought}"
        " more tax; less the cost, {net}."
    ).format(
        months=f"{economy.months:.2f}",
        saved=show_kronor(economy.saved),
        brought=show_kronor(economy.brought),
        net=show_kronor(economy.net),
    )
    if economy.months_to_pay is not None:
        yield gettext("It takes {months} months of work to pay for a participant.").format(
            months=f"{economy.months_to_pay:.1f}"
        )
    yield from limits_of(effects)
