"""Pages of counter-verification: samples, one sampled fact beside its evidence, and the error rates."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from backend.kernel.actions import FormPage
from backend.kernel.audit import record_event
from backend.kernel.details import DetailPage, Fact, Section, sections_about
from backend.kernel.lists import ListPage
from backend.kernel.money import show_kronor
from backend.kernel.tables import PersonColumn
from backend.kernel.web import STAFF, StaffPage, Text, may_read
from outcomes.columns import Kind
from outcomes.filters import NoFilter
from outcomes.labels import KINDS, contents
from outcomes.permissions import is_hidden
from outcomes.views.participants import HIDDEN
from payouts import services
from payouts.charts import rate_chart
from payouts.error_rates import ErrorRate, causes_since, read_strata
from payouts.models import CounterVerification, Sample, SampledFact
from payouts.sample_forms import CounterForm, DrawForm, RateForm
from payouts.sample_selectors import facts_of, runs_to_sample, samples, to_check
from payouts.sample_tables import (
    CHECKERS,
    CauseTable,
    RateTable,
    ResultTable,
    SampledTable,
    SampleTable,
    StratumTable,
    interval,
)
from providers.models import Provider

MONTHS_TOGETHER = 12  # of which the rates are told as one
person_name = PersonColumn().render


class SampleList(ListPage):
    """All samples, the newest first."""

    readers = STAFF
    table_class, filterset_class = SampleTable, NoFilter
    heading = _("Counter-verification")
    lead = _(
        "Of what was verified each month some facts are drawn by chance and checked again by somebody else. What is "
        "found says how much of all that was paid is wrong."
    )
    template_name = "payouts/sample_list.html"

    def get_queryset(self) -> QuerySet[Sample]:
        return samples()

    def main_action(self) -> tuple[str, Text] | None:
        if not may_read(self.reader, CHECKERS):
            return None
        first = to_check(self.reader).first()
        if first:
            return reverse("payouts:counter_verify", args=[first.pk]), _("Check the next fact")
        return (reverse("payouts:draw"), _("Draw a sample")) if runs_to_sample().exists() else None


class DrawSample(FormPage):
    """Draw a sample of a run."""

    readers = CHECKERS
    form_class = DrawForm
    heading = button = _("Draw a sample")
    done = _("The sample is drawn.")
    lead = _(
        "The run's digest decides what is drawn: nobody can choose, and anybody can draw it again. The calendar draws "
        "the sample of each newly attested run by itself."
    )

    def back(self) -> str:
        return reverse("payouts:samples")

    def act(self, form: forms.Form) -> str:
        sample = services.draw_sample(**form.cleaned_data, by=self.reader, now=self.now)
        return reverse("payouts:sample", args=[sample.pk])


class SampleDetail(DetailPage):
    """One sample: its facts, and what it was drawn from."""

    readers = STAFF

    def get_queryset(self) -> QuerySet[Sample]:
        return samples()

    def heading(self) -> str:
        return gettext("Sample of {month}").format(month=f"{self.object.month:%Y-%m}")

    def crumbs(self) -> list[tuple[Text, str]]:
        return [(_("Counter-verification"), reverse("payouts:samples"))]

    def state(self) -> tuple[Text, str]:
        return (_("to be checked"), "wait") if self.object.waiting else (_("wholly checked"), "good")

    def facts(self) -> list[Fact]:
        sample = self.object
        run = reverse("payouts:run_detail", args=[sample.run.sequence])
        return [
            Fact(_("Run"), sample.run.sequence, run),
            Fact(_("Verified facts"), sample.size),
            Fact(_("What they brought"), show_kronor(sample.amount)),
            Fact(_("Drawn"), sample.drawn, "#section-1"),
            Fact(_("To be checked"), str(sample.waiting), "#section-1"),
            Fact(_("Wrong"), str(sample.wrong), "#section-1"),
            Fact(_("Drawn by"), person_name(sample.drawn_by) if sample.drawn_by else _("the calendar")),
            Fact(_("Seed: the run's digest"), sample.seed, is_wide=True),
        ]

    def sections(self) -> list[Section]:
        sample = self.object
        strata = sample.strata.select_related("contract__provider", "step").order_by("contract__number", "step")
        return [
            Section(_("Sampled facts"), SampledTable(facts_of(sample, self.reader), reader=self.reader)),
            Section(
                _("What it was drawn from"),
                StratumTable(strata),
                lead=_(
                    "All facts that the run was the first to know, by contract and by the step that they paid. Where "
                    "there is more money, or more errors were found before, more is drawn."
                ),
            ),
        ]


class CounterVerify(FormPage):
    """One sampled fact, with its evidence beside the form. Every look is written to the audit trail."""

    readers = CHECKERS
    form_class = CounterForm
    template_name = "payouts/counter_verification.html"
    heading, button, done = _("Check a verified fact"), _("Save and go to the next"), _("The result is saved.")

    @cached_property
    def sampled(self) -> SampledFact:
        related = ("fact__placement__participant", "fact__subject", "stratum__contract__provider", "stratum__step")
        sampled = get_object_or_404(SampledFact.objects.select_related(*related), pk=self.kwargs["pk"])
        if is_hidden(sampled.fact.placement.participant, self.reader):
            raise PermissionDenied(HIDDEN)
        return sampled

    def back(self) -> str:
        return reverse("payouts:sample", args=[self.sampled.stratum.sample_id])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"amount": self.sampled.amount}

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data | {"cause": CounterVerification.Cause(form.cleaned_data["cause"])}
        services.counter_verify(sampled=self.sampled, **said, by=self.reader, now=self.now)
        following = to_check(self.reader).filter(stratum__sample=self.sampled.stratum.sample_id).first()
        return reverse("payouts:counter_verify", args=[following.pk]) if following else self.back()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fact, placement = self.sampled.fact, self.sampled.fact.placement
        record_event(by=self.reader, action="view_placement", on=placement, now=now())
        results = self.sampled.results.select_related("checked_by").order_by("-pk")
        others = placement.facts.exclude(pk=fact.pk).select_related("subject").order_by("from_day", "pk")
        return super().get_context_data(
            sampled=self.sampled,
            said=_said(fact),
            others=[_said(other) for other in others],
            evidence=sections_about(fact, self.reader),
            results=ResultTable(results) if results else None,
            left=to_check(self.reader).count(),
            **kwargs,
        )


def _said(fact: Any) -> dict[str, Any]:
    return {"fact": fact, "kind": KINDS[Kind(fact.kind)], "contents": contents(fact, with_reasons=True)}


class ErrorRates(StaffPage, TemplateView):
    """How much of what was verified is wrong: over time, by provider and by cause."""

    template_name = "payouts/error_rates.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = RateForm(self.request.GET)
        provider = form.cleaned_data["provider"] if form.is_valid() else None
        every = read_strata()
        shown = every.where([one == provider.pk for one in every.provider]) if provider else every
        months = shown.rates_by(shown.month)
        since = [*every.rates_by(every.month)][-MONTHS_TOGETHER:]
        newest = shown.since(since[0]) if since else shown
        return super().get_context_data(
            form=form,
            chosen=provider,
            together=_told(newest.rate()) if len(newest.figures) else None,
            since=since,
            chart=rate_chart(months) if months else "",
            by_month=RateTable(self._by_month(months), heading=_("Month")),
            by_provider=RateTable(self._by_provider(newest.rates_by(newest.provider)), heading=_("Provider")),
            by_cause=CauseTable(causes_since(since[0], provider and provider.pk)) if since else None,
            **kwargs,
        )

    def _by_month(self, rates: dict[Any, ErrorRate]) -> list[dict[str, Any]]:
        pages = {sample.month: reverse("payouts:sample", args=[sample.pk]) for sample in samples()}
        newest_first = reversed(rates.items())
        return [{"name": f"{month:%Y-%m}", "url": pages[month], "rate": rate} for month, rate in newest_first]

    def _by_provider(self, rates: dict[Any, ErrorRate]) -> list[dict[str, Any]]:
        names = Provider.objects.in_bulk(list(rates))
        rows = [{"name": names[pk].name, "url": f"?provider={pk}", "rate": rate} for pk, rate in rates.items()]
        return sorted(rows, key=lambda row: row["name"])


def _told(rate: ErrorRate) -> dict[str, Any]:
    return {"rate": rate, "in_facts": interval(rate.in_facts), "in_kronor": interval(rate.in_kronor)}
