"""The summary on the terminal."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from backend.demonstration.building import MonthPlayed, Plan
from backend.demonstration.cast import OFFICERS, PASSWORD
from backend.demonstration.figures import figures
from backend.demonstration.summary import StepSum, Summary
from backend.demonstration.texts import TEXTS
from backend.kernel.money import THIN_SPACE, show_kronor
from contracts.wording import Language
from outcomes.models import Placement
from payouts.controls import CONTROLS
from payouts.explaining import explain_text
from payouts.models import Run

INDENT = "  "
TITLE_MOST = 46
AMOUNT_WIDTH = 20
WORST = 3  # providers in the list of errors


class Teller:
    """Says things in one language."""

    def __init__(self, language: Language):
        self.language = language
        self.texts = TEXTS[language]

    def say(self, text: str, /, **values: Any) -> str:
        return self.texts[text].format(**values)

    def tell_month(self, played: MonthPlayed) -> str:
        return self.say(
            "month",
            month=f"{played.month:%Y-%m}",
            placements=played.placements,
            facts=played.facts,
            run=played.run.sequence,
            lines=played.run.line_count,
            amount=show_kronor(played.run.total),
        )

    def tell(self, summary: Summary, plan: Plan) -> Iterator[str]:
        """The whole summary, line by line."""
        yield from self._heading(summary, plan)
        yield from self._section("providers", self._providers(summary))
        yield from self._section("placements", self._placements(summary))
        yield from self._section("facts", self._facts(summary))
        if summary.last:
            yield from self._section("steps", self._steps(summary, summary.last))
        yield from self._section("clawbacks", self._clawbacks(summary))
        yield from self._section("holds", self._holds(summary))
        yield from self._section("parked", self._parked(summary))
        yield from self._section("errors", self._errors(summary))
        yield from self._section("attests", self._settlement(summary))
        yield from self._section("controls", self._controls(summary))
        if summary.shown and summary.last:
            title = self.say("shown", placement=summary.shown.number, day=summary.last.cutoff)
            yield from self._section(title, self._shown(summary, summary.shown, summary.last))
        yield from self._section(self.say("officers", password=PASSWORD), self._officers())

    def _section(self, title: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
        yield ""
        yield self.texts.get(title, title)
        for line in lines:
            yield INDENT + line

    def _heading(self, summary: Summary, plan: Plan) -> Iterator[str]:
        if summary.last:
            first = Run.objects.order_by("sequence").first() or summary.last
            months = {"first": f"{first.cutoff:%Y-%m}", "last": f"{summary.last.cutoff:%Y-%m}"}
            yield self.say("title", run=summary.runs, **months)
        yield self.say("invented", seed=plan.seed)

    def _providers(self, summary: Summary) -> Iterator[str]:
        kinds = ", ".join(f"{count} {self.texts[kind]}" for kind, count in summary.providers.items())
        yield self.say(
            "kinds",
            count=sum(summary.providers.values()),
            kinds=kinds,
            contracts=summary.contracts,
            models=summary.models,
        )

    def _placements(self, summary: Summary) -> Iterator[str]:
        yield self.say(
            "placement_counts",
            placements=number(summary.placements),
            participants=number(summary.participants),
            returned=number(summary.returned),
        )
        interrupted = percent(summary.interrupted, summary.placements)
        yield self.say(
            "no_shows", count=number(summary.no_shows), interrupted=number(summary.interrupted), part=interrupted
        )
        known, told = sum(summary.exits.values()), figures()
        shares = {name: percent(summary.exits.get(name, 0), known) for name in ("work", "studies", "unknown")}
        yield self.say("exits", count=number(known), **shares)
        yield self.say(
            "documents",
            work=percent(told.to_work, 1),
            studies=percent(told.to_studies, 1),
            unknown=percent(told.reason_unknown, 1),
        )

    def _facts(self, summary: Summary) -> Iterator[str]:
        for state, count in summary.facts.items():
            yield f"{number(count):>12}  {self.texts[state]}"

    def _steps(self, summary: Summary, last: Run) -> Iterator[str]:
        heading = self.say("last_run", run=last.sequence, month=f"{last.cutoff:%Y-%m}")
        yield _row("", "", heading, "", self.texts["all_runs"])
        model = ""
        for step in summary.steps:
            if step.model != model:
                model = step.model
                yield shorten(model, TITLE_MOST + 2 * AMOUNT_WIDTH)
            yield self._step(INDENT + step.title, step)
        sums = [sum(values) for values in zip(*(_figures(step) for step in summary.steps), strict=True)]
        yield self._step(self.texts["sum"], StepSum("", "", *(sums or [0] * 4)))

    def _step(self, title: str, step: StepSum) -> str:
        return _row(
            title, number(step.last_lines), show_kronor(step.last_amount), number(step.lines), show_kronor(step.amount)
        )

    def _clawbacks(self, summary: Summary) -> Iterator[str]:
        yield self.say(
            "clawback_counts",
            lines=number(summary.clawback_lines),
            amount=show_kronor(summary.clawback_amount),
            placements=number(summary.clawback_placements),
            part=percent(summary.clawback_placements, summary.placements),
        )
        yield self.texts["clawback_why"]

    def _holds(self, summary: Summary) -> Iterator[str]:
        if not summary.holds:
            yield self.texts["no_holds"]
        for hold in summary.holds:
            yield self.say(
                "hold",
                provider=hold.provider,
                contract=hold.contract,
                lines=number(hold.lines),
                amount=show_kronor(hold.amount),
                why=self.texts[hold.rule],
            )

    def _parked(self, summary: Summary) -> Iterator[str]:
        if not summary.parked:
            yield self.texts["no_parked"]
        for one in summary.parked:
            yield self.say(
                "parked_one",
                provider=one.provider,
                placement=one.placement,
                field=one.field,
                value=one.value,
                rule=one.rule,
            )

    def _errors(self, summary: Summary) -> Iterator[str]:
        wrong = sum(each.rejected + each.corrected for each in summary.errors)
        worst = ", ".join(f"{each.provider} {percent(each.part, 1)}" for each in summary.errors[:WORST])
        yield self.say("error_counts", part=percent(wrong, sum(each.facts for each in summary.errors)), worst=worst)

    def _settlement(self, summary: Summary) -> Iterator[str]:
        yield ", ".join(f"{count} {self.texts[state]}" for state, count in summary.states.items())
        for each in summary.statements:
            yield self.say(
                "statement_counts",
                statements=number(each.statements),
                amount=show_kronor(each.amount),
                route=self.texts[each.route],
            )
        told = ", ".join(f"{show_kronor(amount)} {self.texts[state]}" for state, amount in summary.payments.items())
        yield self.say("payment_counts", told=told)

    def _controls(self, summary: Summary) -> Iterator[str]:
        if not summary.controls:
            yield self.texts["no_controls"]
        for name, count in summary.controls.items():
            yield f"{number(count):>5}  {gettext(CONTROLS[name].says)}"

    def _shown(self, summary: Summary, placement: Placement, last: Run) -> Iterator[str]:
        yield from explain_text(placement, last.cutoff, self.language)
        yield self.texts["ledger"]
        for line in summary.shown_lines:
            run = self.say("last_run", run=line.run, month=f"{line.cutoff:%Y-%m}")
            title = f"{line.title}, {line.qualifies_on}"
            yield f"{INDENT}{run:24}{shorten(title, TITLE_MOST):{TITLE_MOST}}{show_kronor(line.amount):>{AMOUNT_WIDTH}}"
        yield self.say("more", placement=placement.number)

    def _officers(self) -> Iterator[str]:
        for officer in OFFICERS:
            yield f"{officer.username:22}{officer.name:18}{self.texts[officer.task]}"


def _figures(step: StepSum) -> tuple[int, int, int, int]:
    return step.last_lines, step.last_amount, step.lines, step.amount


def _row(title: str, last_lines: str, last_amount: str, lines: str, amount: str) -> str:
    parts = f"{last_lines:>8}{last_amount:>{AMOUNT_WIDTH}}{lines:>10}{amount:>{AMOUNT_WIDTH}}"
    return f"{shorten(title, TITLE_MOST):{TITLE_MOST}}{parts}"


def shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def number(count: int) -> str:
    return f"{count:,}".replace(",", THIN_SPACE)


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole if whole else 0:.0f}\u00a0%"
