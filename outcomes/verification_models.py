"""What verification stands on: evidence."""

from django.conf import settings
from django.db import models

from backend.kernel.models import AppendOnly
from backend.kernel.uploads import KINDS


class Evidence(AppendOnly):
    """A file that a fact is verified against. Its digest finds the same document where it is used twice."""

    id = models.BigAutoField(primary_key=True)
    fact = models.ForeignKey("outcomes.Fact", models.PROTECT, related_name="evidence")
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100, choices=[(kind, name) for name, kind in KINDS.items()])
    size = models.PositiveIntegerField()  # bytes
    digest = models.CharField(max_length=64)  # SHA-256 of the content
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "digest"], name="outcomes_evidence_once")]
        indexes = [models.Index(fields=["digest"], name="outcomes_evidence_digest")]

    def __str__(self) -> str:
        return self.name
