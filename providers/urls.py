"""Addresses of the register of providers."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import Role
from backend.kernel.selectors import add_object_page
from backend.kernel.web import STAFF, Entry, add_entries
from providers import cards, views

__all__ = ["cards"]  # registers what waits

app_name = "providers"
add_entries(Entry(_("Providers"), "providers:list", STAFF | {Role.ADMINISTRATOR}, 30))
add_object_page("providers.provider", lambda pk: reverse("providers:detail", args=[pk]))

urlpatterns = [
    path("providers/", views.ProviderList.as_view(), name="list"),
    path("providers/new/", views.ProviderCreate.as_view(), name="create"),
    path("providers/<int:pk>/", views.ProviderDetail.as_view(), name="detail"),
    path("providers/<int:pk>/change/", views.ProviderChange.as_view(), name="change"),
    path("providers/<int:pk>/authorise/", views.Authorise.as_view(), name="authorise"),
    path("providers/<int:pk>/tax/", views.RecordTax.as_view(), name="tax"),
    path("providers/<int:pk>/account/", views.EnterAccount.as_view(), name="account"),
    path("providers/<int:pk>/subcontractor/", views.ApproveSubcontractor.as_view(), name="subcontractor"),
    path("providers/<int:pk>/member/", views.AdmitMember.as_view(), name="member"),
    path("bank-accounts/<int:pk>/confirm/", views.ConfirmAccount.as_view(), name="account_confirm"),
    path("bank-accounts/<int:pk>/end/", views.EndAccount.as_view(), name="account_end"),
    path("subcontractors/<int:pk>/end/", views.EndSubcontractor.as_view(), name="subcontractor_end"),
    path("memberships/<int:pk>/end/", views.EndMembership.as_view(), name="member_end"),
]
