"""Addresses of contracts and payment models."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.selectors import add_object_page
from backend.kernel.web import STAFF, Entry, add_entries
from contracts import cards
from contracts.views import agreements, payment_models

__all__ = ["cards"]  # registers what waits

app_name = "contracts"
add_entries(
    Entry(_("Contracts"), "contracts:list", STAFF, 31), Entry(_("Payment models"), "contracts:models", STAFF, 32)
)
add_object_page("contracts.contract", lambda pk: reverse("contracts:detail", args=[pk]))
add_object_page("contracts.paymentmodelversion", lambda pk: reverse("contracts:version", args=[pk]))

urlpatterns = [
    path("contracts/", agreements.ContractList.as_view(), name="list"),
    path("contracts/new/", agreements.ContractCreate.as_view(), name="create"),
    path("contracts/<int:pk>/", agreements.ContractDetail.as_view(), name="detail"),
    path("contracts/<int:pk>/amend/", agreements.Amend.as_view(), name="amend"),
    path("contracts/<int:pk>/terms/", agreements.TieTerms.as_view(), name="terms"),
    path("contracts/<int:pk>/budget/", agreements.SetBudget.as_view(), name="budget"),
    path("services/", agreements.ServiceList.as_view(), name="services"),
    path("services/new/", agreements.ServiceCreate.as_view(), name="service"),
    path("courses/", agreements.CourseList.as_view(), name="courses"),
    path("courses/new/", agreements.CourseCreate.as_view(), name="course"),
    path("models/", payment_models.ModelList.as_view(), name="models"),
    path("models/<int:pk>/", payment_models.VersionDetail.as_view(), name="version"),
    path("models/<int:pk>/changes/", payment_models.Changes.as_view(), name="changes"),
    path("drafts/new/", payment_models.DraftCreate.as_view(), name="draft_create"),
    path("drafts/<int:pk>/", payment_models.DraftDetail.as_view(), name="draft"),
    path("drafts/<int:pk>/head/", payment_models.DraftHead.as_view(), name="draft_head"),
    path("drafts/<int:pk>/add/<slug:trigger>/", payment_models.StepPage.as_view(), name="step_add"),
    path("drafts/<int:pk>/steps/<str:code>/", payment_models.StepPage.as_view(), name="step"),
    path("drafts/<int:pk>/steps/<str:code>/remove/", payment_models.StepRemove.as_view(), name="step_remove"),
    path("drafts/<int:pk>/steps/<str:code>/up/", payment_models.StepUp.as_view(), name="step_up"),
    path("drafts/<int:pk>/propose/", payment_models.Propose.as_view(), name="draft_propose"),
    path("drafts/<int:pk>/publish/", payment_models.Publish.as_view(), name="draft_publish"),
    path("drafts/<int:pk>/discard/", payment_models.Discard.as_view(), name="draft_discard"),
]
