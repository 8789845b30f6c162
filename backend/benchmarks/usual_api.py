"""What `./dev bench ingest` compares with: the same facts through Django REST framework as it is usually written.

A ModelSerializer whose relations and unique ids are looked up row by row, and a ListSerializer that stores the list at
once. Tokens are checked as in the API; rules beyond one field, audit and corrections are left out.
"""

from typing import Any

from django.db import transaction
from django.urls import include, path
from rest_framework import generics, serializers
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from backend import urls
from outcomes.models import Fact, Placement, Subject
from providers.api import BearerToken


class Authenticated(BasePermission):
    """Any valid token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None


class ProviderOfToken:
    """The default of a hidden field: the provider that the request acts for."""

    requires_context = True

    def __call__(self, field: serializers.Field) -> Any:
        return field.context["request"].auth.application.api_client.membership.provider


class FactListSerializer(serializers.ListSerializer):
    """A list, stored at once."""

    def create(self, validated_data: list[dict[str, Any]]) -> list[Fact]:
        with transaction.atomic():
            return Fact.objects.bulk_create(Fact(**each) for each in validated_data)


class FactSerializer(serializers.ModelSerializer):
    """A fact in the columns that it is kept in."""

    provider = serializers.HiddenField(default=ProviderOfToken())
    placement = serializers.SlugRelatedField("number", queryset=Placement.objects.all())
    subject = serializers.SlugRelatedField("text", queryset=Subject.objects.all(), required=False)

    class Meta:
        model = Fact
        list_serializer_class = FactListSerializer
        fields = (
            "external_id", "placement", "provider", "kind", "from_day", "through_day", "quantity", "subject", "detail",
            "reported", "first_reported", "reported_by",
        )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["through_day"] and attrs["through_day"] < attrs["from_day"]:
            raise serializers.ValidationError("through_day comes before from_day")
        return attrs


class UsualFacts(generics.CreateAPIView):
    """One fact, or a list of them."""

    authentication_classes = [BearerToken]
    permission_classes = [Authenticated]
    parser_classes = [JSONParser]
    serializer_class = FactSerializer
    queryset = Fact.objects.all()

    def get_serializer(self, *args: Any, **kwargs: Any) -> serializers.BaseSerializer:
        return super().get_serializer(*args, many=isinstance(kwargs.get("data"), list), **kwargs)


urlpatterns = [path("usual/facts/", UsualFacts.as_view()), path("", include(urls))]
