"""Pages on which a run is started, examined, signed, cancelled and exported."""

import json
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from backend.kernel.actions import ConfirmPage, FormPage
from backend.kernel.lists import ListPage
from backend.kernel.models import FINANCE, Role
from backend.kernel.money import show_kronor
from backend.kernel.periods import last_day
from backend.kernel.queue import send_on_commit
from backend.kernel.second_factor import second_factor_at
from backend.kernel.sheets import CONTENT_TYPES
from backend.kernel.web import Page, StaffPage, may_read
from payouts import services, tasks
from payouts.approval_filters import FindingFilter
from payouts.approval_forms import AnswerForm, AttestForm, ExportForm, PreviewForm, ReasonForm, StartForm
from payouts.approval_selectors import findings_of, preview_rows, same_findings
from payouts.approval_tables import FindingTable, PartTable, PreviewTable
from payouts.models import Export, Finding, Run, Signature
from payouts.parts import Part, changes_since, parts_of
from payouts.previewing import preview_run
from payouts.services.attesting import SIGNERS
from payouts.services.exporting import LEAVING
from payouts.states import BINDING, UNDER_ATTEST, RunState
from providers.models import Provider

EXAMINERS: tuple[Role, ...] = (Role.EXAMINER,)
EXPORTERS = frozenset({*FINANCE, Role.PROCUREMENT, Role.AUDITOR})
OTHER_TYPES = {Export.Kind.PAIN001: "application/xml", Export.Kind.SIE: "application/octet-stream"}


class StartRun(FormPage):
    """A month is to be computed."""

    readers = FINANCE
    form_class = StartForm
    heading, button = _("Start a run"), _("Start")
    lead = _(
        "The run computes what is owed at the end of the month, by what is verified now. Whoever starts it can't sign "
        "it, and no other run can start before it is attested or cancelled."
    )

    def get_initial(self) -> dict[str, Any]:
        return {"cutoff": localdate().replace(day=1) - localdate().resolution}

    def back(self) -> str:
        return reverse("payouts:run_list")

    def act(self, form: forms.Form) -> str:
        run = services.queue_run(**form.cleaned_data, by=self.reader, now=self.now)
        send_on_commit(tasks.compute, run.pk)
        return reverse("payouts:run_detail", args=[run.sequence])


class PreviewRun(Page, TemplateView):
    """What the next run would come to, if it were started now. Nothing is stored."""

    readers = FINANCE
    template_name = "payouts/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PreviewForm(self.request.GET or {"through": localdate().isoformat()})
        preview = preview_run(cutoff=last_day(form.cleaned_data["through"])) if form.is_valid() else None
        rows = preview_rows(preview) if preview else []
        return super().get_context_data(
            form=form,
            preview=preview,
            parked=Provider.objects.filter(pk__in=preview.parked).order_by("name") if preview else (),
            clawback=sum(row["clawback"] for row in rows),
            table=PreviewTable(rows),
            **kwargs,
        )


class RunAction(FormPage):
    """Something that is done with one run."""

    @cached_property
    def run(self) -> Run:
        return get_object_or_404(Run, sequence=self.kwargs["sequence"])

    def back(self) -> str:
        return reverse("payouts:run_detail", args=[self.run.sequence])


class ExamineRun(RunAction, ConfirmPage):
    """The controls of a run are tested."""

    readers = EXAMINERS
    heading = button = _("Test the controls")
    lead = _(
        "The controls look for what should keep money from being paid. What they find is listed; where a control says "
        "so the money is held. If something has changed under a signature, it must be signed anew."
    )

    def act(self, form: forms.Form) -> str:
        services.examine_run(run=self.run, by=self.reader, now=self.now)
        return reverse("payouts:findings", args=[self.run.sequence])


class CancelRun(RunAction):
    """A run that is not attested is given up."""

    readers = FINANCE
    form_class = ReasonForm
    heading = button = _("Cancel the run")
    lead = _("Its lines stay readable and no longer count. The next run computes everything anew.")
    done = _("The run is cancelled.")
    is_grave = True

    def act(self, form: forms.Form) -> str:
        services.cancel_run(run=self.run, **form.cleaned_data, by=self.reader, now=self.now)
        return self.back()


class FindingList(StaffPage, ListPage):
    """What controls found in a run, what each finding means, where to act, and what examiners answered."""

    table_class, filterset_class = FindingTable, FindingFilter
    template_name = "payouts/finding_list.html"
    heading = _("Findings of the controls")
    lead = _(
        "What holds the money is mended where it is wrong; what must be answered is answered before anybody signs; the "
        "rest is to be known."
    )

    @cached_property
    def run(self) -> Run:
        return get_object_or_404(Run, sequence=self.kwargs["sequence"])

    def get_queryset(self) -> QuerySet[Finding]:
        return findings_of(self.run)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"may_answer": may_read(self.reader, EXAMINERS)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(run=self.run, **kwargs)


class AnswerFindings(FormPage):
    """An examiner answers a finding, or all that its control found."""

    readers = EXAMINERS
    form_class = AnswerForm
    heading = _("Answer a finding")
    button, done = _("Answer"), _("The answer is noted.")

    @cached_property
    def finding(self) -> Finding:
        return get_object_or_404(Finding.objects.select_related("run"), pk=self.kwargs["pk"])

    @property
    def lead(self) -> str:  # type: ignore[override]  # of the finding
        return FindingTable.render_control(FindingTable([]), self.finding.control)

    def get_initial(self) -> dict[str, Any]:
        return {"answer": self.finding.answer}

    def back(self) -> str:
        return reverse("payouts:findings", args=[self.finding.run.sequence])

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        findings = same_findings(self.finding) if said["is_of_all"] else [self.finding.pk]
        services.answer_findings(findings=findings, answer=said["answer"], by=self.reader, now=self.now)
        return self.back()


class AttestRun(RunAction):
    """Parts of a run are signed as they are shown: lines, holds and findings."""

    readers = FINANCE
    form_class = AttestForm
    template_name = "payouts/attest.html"
    heading, button, done = _("Sign the run"), _("Sign"), _("Your signature stands.")
    lead = _(
        "A signature covers the lines, the holds on them and what controls found, as they stand here. If any of it "
        "changes, the signature is void."
    )

    @cached_property
    def parts(self) -> dict[str, Part]:
        return parts_of(self.run) if self.run.state in UNDER_ATTEST | BINDING else {}

    @property
    def _seals(self) -> dict[str, str]:
        return {code: part.seal for code, part in self.parts.items()}

    @property
    def _signatures(self) -> list[Signature]:
        """What the reader may sign as."""
        return [signature for signature, role in SIGNERS.items() if role in self.reader.roles]

    def get_form_kwargs(self) -> dict[str, Any]:
        whole = gettext("the whole run")
        named = [(code, f"{code or whole}: {show_kronor(part.total)}") for code, part in self.parts.items()]
        return super().get_form_kwargs() | {"parts": named, "signatures": self._signatures}

    def get_initial(self) -> dict[str, Any]:
        mine = self._signatures
        wanted = Signature.DECIDER if self.run.state == RunState.ATTESTED_ONCE else Signature.EXAMINER
        return {"seen": self._seals, "signature": wanted if wanted in mine else mine[0], "parts": list(self.parts)}

    def act(self, form: forms.Form) -> str:
        said = form.cleaned_data
        services.attest_run(
            run=self.run,
            signature=Signature(said["signature"]),
            seals={code: said["seen"].get(code, "") for code in said["parts"]},
            has_no_conflict=said["has_no_conflict"],
            by=self.reader,
            now=self.now,
            second_factor_at=second_factor_at(self.request),
        )
        return self.back()

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        """What is shown with the refusal is what the next attempt signs."""
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["seen"] = json.dumps(self._seals)  # type: ignore[index]
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        findings = findings_of(self.run).filter(closed_at=None)
        return super().get_context_data(
            run=self.run,
            parts=PartTable(self.parts.values()),
            findings=FindingTable(findings, may_answer=may_read(self.reader, EXAMINERS)),
            changes=changes_since(self.run),
            is_open=self.run.state in UNDER_ATTEST,
            **kwargs,
        )


class ExportRun(RunAction):
    """A file of a run; each one that is made is noted."""

    readers = EXPORTERS
    form_class = ExportForm
    heading, button = _("Make a file of the run"), _("Make the file")
    lead = _(
        "Payment orders and vouchers are made of an attested run, and make it exported. Made again, a file is marked "
        "as a copy. Every file is noted with who made it."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        may_leave = may_read(self.reader, FINANCE) and self.run.state in BINDING
        kinds = [kind for kind in Export.Kind if may_leave or kind not in LEAVING]
        return super().get_form_kwargs() | {"kinds": kinds}

    def act(self, form: forms.Form) -> str:
        kind = Export.Kind(form.cleaned_data["kind"])
        self.exported = services.export_run(run=self.run, kind=kind, by=self.reader, now=self.now)
        return self.back()

    def form_valid(self, form: forms.Form) -> HttpResponse:
        response = super().form_valid(form)
        if form.errors:
            return response
        made = self.exported
        kind = made.export.kind
        content_type = CONTENT_TYPES.get(kind) or OTHER_TYPES[Export.Kind(kind)]
        disposition = f'attachment; filename="{made.name}"'
        return HttpResponse(made.content, content_type, headers={"Content-Disposition": disposition})
