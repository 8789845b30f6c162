"""Addresses of runs and placements."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.web import STAFF, Entry, add_entries
from payouts import cards, sample_cards  # noqa: F401  # cards fill places on the ground floor
from payouts.views import approval, facts, models, placements, queue, recoveries, runs, samples, statements

add_entries(
    Entry(_("Facts that wait"), "payouts:queue", (Role.HANDLER, Role.AUDITOR), 30),
    Entry(_("Runs"), "payouts:run_list", STAFF, 50),
    Entry(_("Statements"), "payouts:statements", STAFF, 55),
    Entry(_("Counter-verification"), "payouts:samples", STAFF, 60),
    Entry(_("Proposed recoveries"), "payouts:recoveries", (Role.PROVIDER,), 60),
)

app_name = "payouts"
urlpatterns = [
    path("facts/waiting/", queue.QueuePage.as_view(), name="queue"),
    path("facts/verify/", queue.VerifyMany.as_view(), name="verify_many"),
    path("facts/<int:pk>/", facts.FactDetail.as_view(), name="fact"),
    path("facts/<int:pk>/verify/", facts.Verify.as_view(), name="verify"),
    path("facts/<int:pk>/reject/", facts.Reject.as_view(), name="reject"),
    path("facts/<int:pk>/ask/", facts.Ask.as_view(), name="ask"),
    path("facts/<int:pk>/undo/", facts.Undo.as_view(), name="undo"),
    path("facts/<int:pk>/attach/", facts.Attach.as_view(), name="attach"),
    path("evidence/<int:pk>/", facts.EvidenceFile.as_view(), name="evidence"),
    path("runs/", runs.RunList.as_view(), name="run_list"),
    path("runs/<int:sequence>/", runs.RunDetail.as_view(), name="run_detail"),
    path("runs/new/", approval.StartRun.as_view(), name="start"),
    path("runs/preview/", approval.PreviewRun.as_view(), name="preview"),
    path("runs/<int:sequence>/examine/", approval.ExamineRun.as_view(), name="examine"),
    path("runs/<int:sequence>/findings/", approval.FindingList.as_view(), name="findings"),
    path("runs/<int:sequence>/attest/", approval.AttestRun.as_view(), name="attest"),
    path("runs/<int:sequence>/cancel/", approval.CancelRun.as_view(), name="cancel"),
    path("runs/<int:sequence>/export/", approval.ExportRun.as_view(), name="export"),
    path("findings/<int:pk>/answer/", approval.AnswerFindings.as_view(), name="answer"),
    path("statements/", statements.StatementList.as_view(), name="statements"),
    path("statements/<int:pk>/", statements.StatementDetail.as_view(), name="statement"),
    path("placements/<int:pk>/", placements.PlacementDetail.as_view(), name="placement_detail"),
    path("drafts/<int:pk>/try/", models.TryModel.as_view(), name="try"),
    path("drafts/<int:pk>/simulate/", models.AskSimulation.as_view(), name="simulation"),
    path("simulations/<int:pk>/", models.SimulationResult.as_view(), name="simulation_result"),
    path("samples/", samples.SampleList.as_view(), name="samples"),
    path("samples/new/", samples.DrawSample.as_view(), name="draw"),
    path("samples/<int:pk>/", samples.SampleDetail.as_view(), name="sample"),
    path("sampled-facts/<int:pk>/", samples.CounterVerify.as_view(), name="counter_verify"),
    path("error-rates/", samples.ErrorRates.as_view(), name="error_rates"),
    path("recoveries/", recoveries.RecoveryList.as_view(), name="recoveries"),
    path("recoveries/new/", recoveries.Propose.as_view(), name="propose"),
    path("recoveries/<int:pk>/", recoveries.RecoveryDetail.as_view(), name="recovery"),
    path("recoveries/<int:pk>/reply/", recoveries.Reply.as_view(), name="recovery_reply"),
    path("recoveries/<int:pk>/decide/", recoveries.Decide.as_view(), name="recovery_decide"),
]
