"""Requirements, applications and decisions; authorisations by service, with suspension and revocation."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.kernel.models
from backend.kernel.history import append_only, settable_only


class Migration(migrations.Migration):
    dependencies = [
        ("providers", "0007_services"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="authorisation",
            name="effect",
            field=models.CharField(
                choices=[("authorised", "authorised"), ("suspended", "suspended"), ("revoked", "revoked")],
                default="authorised",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="authorisation",
            name="service",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="authorisations",
                to="providers.service",
            ),
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("assessing", "assessing"),
                            ("returned", "returned"),
                            ("proposed", "proposed"),
                            ("decided", "decided"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("diarienummer", models.CharField(blank=True, default="", max_length=50)),
                (
                    "legal_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("authorisation", "authorisation by the municipality"),
                            ("lov", "approval under the Act on System of Choice (LOV)"),
                            ("lou", "procurement under the Public Procurement Act (LOU)"),
                            ("in_house", "in-house assignment"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="providers.provider",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="applications", to="providers.service"
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApplicationStep",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("assessing", "assessing"),
                            ("returned", "returned"),
                            ("proposed", "proposed"),
                            ("decided", "decided"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=5000)),
                ("recorded_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="providers.application"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Catalogue",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("published_at", models.DateTimeField()),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="catalogues", to="providers.service"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="application",
            name="catalogue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="applications", to="providers.catalogue"
            ),
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decided_at", models.DateTimeField()),
                ("document", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="authorisation",
            name="decision",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="authorisation",
                to="providers.decision",
            ),
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("granted", "granted"),
                            ("conditions", "granted with conditions"),
                            ("refused", "refused"),
                            ("suspended", "suspended"),
                            ("resumed", "suspension lifted"),
                            ("revoked", "revoked"),
                        ],
                        max_length=10,
                    ),
                ),
                ("diarienummer", models.CharField(max_length=50)),
                (
                    "legal_basis",
                    models.CharField(
                        choices=[
                            ("authorisation", "authorisation by the municipality"),
                            ("lov", "approval under the Act on System of Choice (LOV)"),
                            ("lou", "procurement under the Public Procurement Act (LOU)"),
                            ("in_house", "in-house assignment"),
                        ],
                        max_length=20,
                    ),
                ),
                ("reasons", models.CharField(max_length=5000)),
                ("conditions", models.CharField(blank=True, default="", max_length=5000)),
                ("valid_from", models.DateField()),
                ("valid_through", models.DateField(null=True)),
                ("answer_by", models.DateField(null=True)),
                ("urgency", models.CharField(blank=True, default="", max_length=1000)),
                ("proposed_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="providers.application",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="providers.provider"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="providers.service"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="proposal",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="decision", to="providers.proposal"
            ),
        ),
        migrations.CreateModel(
            name="ProposalAnswer",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=5000)),
                ("answered_at", models.DateTimeField()),
                (
                    "answered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="answer", to="providers.proposal"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProposalReturn",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=5000)),
                ("returned_at", models.DateTimeField()),
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returned", to="providers.proposal"
                    ),
                ),
                (
                    "returned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Requirement",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("text", models.CharField(max_length=5000)),
                ("evidence", models.CharField(max_length=1000)),
                ("source", models.CharField(max_length=1000)),
                (
                    "catalogue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requirements",
                        to="providers.catalogue",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=10)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="providers.application"
                    ),
                ),
                (
                    "requirement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.requirement"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("met", "met"), ("condition", "met on a condition"), ("not_met", "not met")],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(max_length=5000)),
                ("assessed_at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="providers.application",
                    ),
                ),
                (
                    "assessed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "requirement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.requirement"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RequirementDraft",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("text", models.CharField(max_length=5000)),
                ("evidence", models.CharField(max_length=1000)),
                ("source", models.CharField(max_length=1000)),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="drafts", to="providers.service"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="catalogue",
            constraint=models.UniqueConstraint(fields=("service", "number"), name="providers_catalogue_number"),
        ),
        migrations.AddConstraint(
            model_name="catalogue",
            constraint=models.UniqueConstraint(fields=("service", "valid_from"), name="providers_catalogue_valid_from"),
        ),
        migrations.AddConstraint(
            model_name="catalogue",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_from__gte", backend.kernel.models.LocalDay("published_at"))),
                name="providers_catalogue_not_before_publication",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["decided", "withdrawn"],
                    ),
                    _negated=True,
                ),
                fields=("provider", "service"),
                name="providers_application_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["assessing", "proposed", "decided"]), _negated=True),
                    models.Q(("diarienummer", ""), ("legal_basis", ""), _connector="OR", _negated=True),
                    _connector="OR",
                ),
                name="providers_application_registered",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_through__isnull", True), ("valid_through__gte", models.F("valid_from")), _connector="OR"
                ),
                name="providers_proposal_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "conditions"), ("conditions", ""), _connector="XOR"),
                name="providers_proposal_conditions",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                name="providers_decision_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="requirement",
            constraint=models.UniqueConstraint(fields=("catalogue", "code"), name="providers_requirement_code"),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                fields=("application", "requirement", "digest"), name="providers_evidence_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="requirementdraft",
            constraint=models.UniqueConstraint(fields=("service", "code"), name="providers_requirementdraft_code"),
        ),
        # the trigger of authorisations names the columns that there were before
        migrations.RunSQL(
            "DROP TRIGGER providers_authorisation_append_only ON providers_authorisation;"
            "DROP TRIGGER providers_authorisation_fixed ON providers_authorisation",
            migrations.RunSQL.noop,
        ),
        *(
            append_only(f"providers_{name}")
            for name in (
                "authorisation",
                "catalogue",
                "requirement",
                "applicationstep",
                "evidence",
                "assessment",
                "proposal",
                "proposalanswer",
                "proposalreturn",
                "decision",
            )
        ),
        settable_only("providers_application", ["state", "diarienummer", "legal_basis"]),
    ]
