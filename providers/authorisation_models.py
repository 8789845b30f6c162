"""From a requirement to a decision: the catalogue, applications with their evidence, assessments, decisions."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.kernel.models import AppendOnly, LocalDay
from providers.states import CLOSED, ApplicationState

USER = settings.AUTH_USER_MODEL
TEXT_MOST = 5000  # characters of a reason, a note or an answer


class LegalBasis(models.TextChoices):
    """What a decision stands on; `remedies.toml` says what can be done against it."""

    AUTHORISATION = "authorisation", _("authorisation by the municipality")
    LOV = "lov", _("approval under the Act on System of Choice (LOV)")
    LOU = "lou", _("procurement under the Public Procurement Act (LOU)")
    IN_HOUSE = "in_house", _("in-house assignment")


class RequirementDraft(models.Model):
    """A requirement of a service's next catalogue: free to change until it is published."""

    service = models.ForeignKey("Service", models.PROTECT, related_name="drafts")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=TEXT_MOST)
    evidence = models.CharField(max_length=1000)  # what a provider shows it with
    source = models.CharField(max_length=1000)  # which decision, act or document asks for it
    saved_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "code"], name="providers_requirementdraft_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Catalogue(AppendOnly):
    """The requirements of a service as published: numbered, dated and unchanging, in force until the next one is."""

    service = models.ForeignKey("Service", models.PROTECT, related_name="catalogues")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="providers_catalogue_number"),
            models.UniqueConstraint(fields=["service", "valid_from"], name="providers_catalogue_valid_from"),
            models.CheckConstraint(
                condition=Q(valid_from__gte=LocalDay("published_at")), name="providers_catalogue_not_before_publication"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.number}"


class Requirement(AppendOnly):
    """What an authorised provider must meet, and the evidence that shows it."""

    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="requirements")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=TEXT_MOST)
    evidence = models.CharField(max_length=1000)
    source = models.CharField(max_length=1000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["catalogue", "code"], name="providers_requirement_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Application(models.Model):
    """A provider asks to be authorised for a service, by the catalogue that was in force when it began to."""

    provider = models.ForeignKey("Provider", models.PROTECT, related_name="applications")
    service = models.ForeignKey("Service", models.PROTECT, related_name="applications")
    catalogue = models.ForeignKey(Catalogue, models.PROTECT, related_name="applications")
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in ApplicationState])
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    diarienummer = models.CharField(max_length=50, default="", blank=True)  # given when an officer takes it up
    legal_basis = models.CharField(max_length=20, choices=LegalBasis.choices, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "service"],
                condition=~Q(state__in=sorted(state.value for state in CLOSED)),
                name="providers_application_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["assessing", "proposed", "decided"])
                | ~(Q(diarienummer="") | Q(legal_basis="")),
                name="providers_application_registered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider.name}, {self.service.title}"


class ApplicationStep(AppendOnly):
    """That an application came into a state, with what was said of it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in ApplicationState])
    note = models.CharField(max_length=TEXT_MOST, default="", blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")


class Evidence(AppendOnly):
    """A document that shows that a requirement is met."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="evidence")
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)  # a key of `uploads.KINDS`
    size = models.PositiveIntegerField()  # bytes
    digest = models.CharField(max_length=64)  # SHA-256 of the content
    content = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "requirement", "digest"], name="providers_evidence_once"),
        ]


class Assessment(AppendOnly):
    """Whether an application meets a requirement; the newest counts."""

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        CONDITION = "condition", _("met on a condition")
        NOT_MET = "not_met", _("not met")

    application = models.ForeignKey(Application, models.PROTECT, related_name="assessments")
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.CharField(max_length=TEXT_MOST)
    assessed_at = models.DateTimeField()
    assessed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")


class Proposal(AppendOnly):
    """A decision as one officer proposes it; a second one decides it or sends it back.

    What burdens the provider is communicated first: the provider may answer until `answer_by`, unless it is too
    urgent for that, and why.
    """

    class Kind(models.TextChoices):
        GRANTED = "granted", _("granted")
        CONDITIONS = "conditions", _("granted with conditions")
        REFUSED = "refused", _("refused")
        SUSPENDED = "suspended", _("suspended")
        RESUMED = "resumed", _("suspension lifted")
        REVOKED = "revoked", _("revoked")

    provider = models.ForeignKey("Provider", models.PROTECT, related_name="proposals")
    service = models.ForeignKey("Service", models.PROTECT, related_name="proposals")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="proposals")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    diarienummer = models.CharField(max_length=50)
    legal_basis = models.CharField(max_length=20, choices=LegalBasis.choices)
    reasons = models.CharField(max_length=TEXT_MOST)
    conditions = models.CharField(max_length=TEXT_MOST, default="", blank=True)
    valid_from = models.DateField()
    valid_through = models.DateField(null=True)
    answer_by = models.DateField(null=True)  # null: it burdens nobody, or is urgent
    urgency = models.CharField(max_length=1000, default="", blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_through__isnull=True) | Q(valid_through__gte=F("valid_from")),
                name="providers_proposal_days",
            ),
            models.CheckConstraint(
                condition=Q(kind="conditions") ^ Q(conditions=""), name="providers_proposal_conditions"
            ),
        ]


class ProposalAnswer(AppendOnly):
    """What the provider says of a proposal; it stands in the decision."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="answer")
    text = models.CharField(max_length=TEXT_MOST)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(USER, models.PROTECT, related_name="+")


class ProposalReturn(AppendOnly):
    """The second officer sends a proposal back."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="returned")
    reason = models.CharField(max_length=TEXT_MOST)
    returned_at = models.DateTimeField()
    returned_by = models.ForeignKey(USER, models.PROTECT, related_name="+")


class Decision(AppendOnly):
    """A proposal as the second officer decided it, with the document that was sent."""

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="decision")
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")  # the proposal's, for the constraint
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    document = models.BinaryField()  # docx
    digest = models.CharField(max_length=64)  # SHA-256 of the document

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="providers_decision_two_people"),
        ]
