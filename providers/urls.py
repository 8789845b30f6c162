"""Addresses of the register of providers."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.selectors import add_object_page
from backend.kernel.web import STAFF, Entry, add_entries
from providers import cards
from providers.permissions import OFFICERS
from providers.views import applications, catalogues, decisions, oversight, public, register, systems

__all__ = ["cards"]  # registers what waits

app_name = "providers"
add_entries(Entry(_("Providers"), "providers:list", STAFF | {Role.ADMINISTRATOR}, 30))
add_entries(Entry(_("Authorisation"), "providers:authorisations", OFFICERS | {Role.PROVIDER}, 35))
add_object_page("providers.provider", lambda pk: reverse("providers:detail", args=[pk]))
add_object_page("providers.application", lambda pk: reverse("providers:application", args=[pk]))
add_object_page("providers.proposal", lambda pk: reverse("providers:proposal", args=[pk]))
add_object_page("providers.deviation", lambda pk: reverse("providers:deviation", args=[pk]))

urlpatterns = [
    path("providers/", register.ProviderList.as_view(), name="list"),
    path("providers/new/", register.ProviderCreate.as_view(), name="create"),
    path("providers/<int:pk>/", register.ProviderDetail.as_view(), name="detail"),
    path("providers/<int:pk>/change/", register.ProviderChange.as_view(), name="change"),
    path("providers/<int:pk>/tax/", register.RecordTax.as_view(), name="tax"),
    path("providers/<int:pk>/account/", register.EnterAccount.as_view(), name="account"),
    path("providers/<int:pk>/group/", register.RecordGroupCompany.as_view(), name="group"),
    path("providers/<int:pk>/subcontractor/", register.ApproveSubcontractor.as_view(), name="subcontractor"),
    path("providers/<int:pk>/member/", register.AdmitMember.as_view(), name="member"),
    path("providers/<int:pk>/system/", systems.GiveAccess.as_view(), name="system"),
    path("systems/<int:pk>/rotate/", systems.RotateSecret.as_view(), name="system_rotate"),
    path("systems/<int:pk>/revoke/", systems.RevokeAccess.as_view(), name="system_revoke"),
    path("bank-accounts/<int:pk>/confirm/", register.ConfirmAccount.as_view(), name="account_confirm"),
    path("bank-accounts/<int:pk>/end/", register.EndAccount.as_view(), name="account_end"),
    path("subcontractors/<int:pk>/end/", register.EndSubcontractor.as_view(), name="subcontractor_end"),
    path("memberships/<int:pk>/end/", register.EndMembership.as_view(), name="member_end"),
    path("requirements/", catalogues.CatalogueList.as_view(), name="catalogues"),
    path("requirements/<int:pk>/", catalogues.CatalogueDetail.as_view(), name="catalogue"),
    path("services/<int:pk>/requirements/", catalogues.DraftDetail.as_view(), name="draft"),
    path("services/<int:pk>/requirements/add/", catalogues.RequirementAdd.as_view(), name="requirement_add"),
    path("services/<int:pk>/requirements/publish/", catalogues.CataloguePublish.as_view(), name="catalogue_publish"),
    path("requirement-drafts/<int:pk>/", catalogues.RequirementChange.as_view(), name="requirement_change"),
    path("requirement-drafts/<int:pk>/remove/", catalogues.RequirementRemove.as_view(), name="requirement_remove"),
    path("authorisations/", applications.AuthorisationList.as_view(), name="authorisations"),
    path("applications/", applications.ApplicationList.as_view(), name="applications"),
    path("applications/new/", applications.ApplicationCreate.as_view(), name="apply"),
    path("applications/<int:pk>/", applications.ApplicationDetail.as_view(), name="application"),
    path("applications/<int:pk>/submit/", applications.ApplicationSubmit.as_view(), name="application_submit"),
    path("applications/<int:pk>/withdraw/", applications.ApplicationWithdraw.as_view(), name="application_withdraw"),
    path("applications/<int:pk>/register/", applications.ApplicationRegister.as_view(), name="application_register"),
    path("applications/<int:pk>/return/", applications.ApplicationReturn.as_view(), name="application_return"),
    path("applications/<int:pk>/propose/", decisions.DecisionPropose.as_view(), name="application_propose"),
    path("applications/<int:pk>/<int:requirement>/evidence/", applications.EvidenceAdd.as_view(), name="evidence_add"),
    path("applications/<int:pk>/<int:requirement>/assess/", applications.Assess.as_view(), name="assess"),
    path("application-evidence/<int:pk>/", applications.EvidenceFile.as_view(), name="evidence"),
    path("decisions/<int:pk>/", decisions.ProposalDetail.as_view(), name="proposal"),
    path("decisions/<int:pk>/answer/", decisions.ProposalAnswer.as_view(), name="proposal_answer"),
    path("decisions/<int:pk>/return/", decisions.ProposalReturn.as_view(), name="proposal_return"),
    path("decisions/<int:pk>/decide/", decisions.ProposalDecide.as_view(), name="proposal_decide"),
    path("decisions/<int:pk>/document/", decisions.DecisionFile.as_view(), name="proposal_document"),
    path("providers/<int:pk>/measure/", decisions.MeasurePropose.as_view(), name="measure"),
    path("providers/<int:pk>/visit/", oversight.RecordVisit.as_view(), name="visit"),
    path("providers/<int:pk>/complaint/", oversight.RecordComplaint.as_view(), name="complaint"),
    path("providers/<int:pk>/deviation/", oversight.RecordDeviation.as_view(), name="deviation_new"),
    path("complaints/<int:pk>/settle/", oversight.SettleComplaint.as_view(), name="complaint_settle"),
    path("deviations/", oversight.DeviationList.as_view(), name="deviations"),
    path("deviations/<int:pk>/", oversight.DeviationDetail.as_view(), name="deviation"),
    path("deviations/<int:pk>/answer/", oversight.AnswerDeviation.as_view(), name="deviation_answer"),
    path("deviations/<int:pk>/reopen/", oversight.ReopenDeviation.as_view(), name="deviation_reopen"),
    path("deviations/<int:pk>/close/", oversight.CloseDeviation.as_view(), name="deviation_close"),
    path("subcontractors/<int:pk>/check/", oversight.CheckSubcontractor.as_view(), name="subcontractor_check"),
    path("register/", public.Register.as_view(), name="public"),
    path("register.csv", public.register_csv, name="public_csv"),
    path("register.json", public.register_json, name="public_json"),
]
