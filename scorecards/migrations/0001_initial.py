import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import scorecards.states


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("outcomes", "0003_identity"),
        ("providers", "0004_settlement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MeasureTarget",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("measure", models.CharField(max_length=40)),
                ("value", models.DecimalField(decimal_places=4, max_digits=14)),
                ("valid_from", models.DateField()),
                ("set_at", models.DateTimeField()),
                (
                    "district",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="outcomes.district"
                    ),
                ),
                (
                    "set_by",
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
            name="ScorecardRun",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_month", models.DateField()),
                ("until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("computing", "computing"),
                            ("computed", "computed"),
                            ("hearing", "hearing"),
                            ("final", "final"),
                            ("superseded", "superseded"),
                            ("discarded", "discarded"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("queued_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("done", models.PositiveSmallIntegerField(default=0)),
                ("total", models.PositiveSmallIntegerField(default=0)),
                ("knowledge_at", models.DateTimeField(null=True)),
                ("computed_at", models.DateTimeField(null=True)),
                ("method_version", models.CharField(blank=True, default="", max_length=30)),
                ("code_version", models.CharField(blank=True, default="", max_length=64)),
                ("inputs_digest", models.CharField(blank=True, default="", max_length=64)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
                ("result", models.JSONField(null=True)),
                ("hearing_at", models.DateTimeField(null=True)),
                ("hearing_until", models.DateField(null=True)),
                ("finalised_at", models.DateTimeField(null=True)),
                (
                    "finalised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hearing_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revises",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="scorecards.scorecardrun",
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
            name="ScorecardArchive",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("format", models.CharField(choices=[("docx", "docx"), ("pdf", "PDF")], max_length=4)),
                ("language", models.CharField(max_length=5)),
                ("asked_at", models.DateTimeField()),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, default="", max_length=500)),
                ("content", models.BinaryField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="archives",
                        to="scorecards.scorecardrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Scorecard",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service", models.CharField(max_length=100)),
                ("service_title", models.CharField(max_length=200)),
                ("result", models.JSONField()),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scorecards", to="providers.provider"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scorecards",
                        to="scorecards.scorecardrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HearingAnswer",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="providers.provider"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="scorecards.scorecardrun",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FrozenInputs",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("placements", models.BinaryField()),
                ("names", models.JSONField()),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="inputs", to="scorecards.scorecardrun"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EmploymentRate",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("per_cent", models.DecimalField(decimal_places=1, max_digits=4)),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="employment_rates",
                        to="outcomes.district",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("district", "year"), name="scorecards_rate_once"),
                    models.CheckConstraint(
                        condition=models.Q(("per_cent__gte", 0), ("per_cent__lte", 100)),
                        name="scorecards_rate_per_cent",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewThreshold",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "step 1: warning, and a plan"), (2, "step 2: the authorisation is reviewed")]
                    ),
                ),
                ("measure", models.CharField(max_length=40)),
                (
                    "beyond",
                    models.CharField(choices=[("95", "the 95 % limit"), ("998", "the 99.8 % limit")], max_length=3),
                ),
                ("periods", models.PositiveSmallIntegerField()),
                ("announced_on", models.DateField()),
                ("valid_from", models.DateField()),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("periods__gte", 1)), name="scorecards_threshold_periods"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_from__gte", models.F("announced_on"))),
                        name="scorecards_threshold_announced",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("diarienummer", models.CharField(max_length=50)),
                (
                    "proposal",
                    models.CharField(
                        choices=[
                            ("nothing", "no measure"),
                            ("plan", "warning, and a plan for improvement"),
                            ("withdraw", "the authorisation is withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reasons", models.TextField()),
                ("thresholds", models.JSONField()),
                ("proposed_at", models.DateTimeField()),
                ("is_approved", models.BooleanField(null=True)),
                ("decision_reasons", models.TextField(blank=True, default="")),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "scorecard",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="scorecards.scorecard"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("scorecard",),
                        name="scorecards_review_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="scorecards_review_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("is_approved__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("is_approved__isnull", False)),
                            _connector="OR",
                        ),
                        name="scorecards_review_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="scorecards_review_two_officers",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gte", models.F("first_month"))), name="scorecards_run_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_month__day", 1)), name="scorecards_run_first_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            scorecards.states.ScorecardState["QUEUED"],
                            scorecards.states.ScorecardState["COMPUTING"],
                            scorecards.states.ScorecardState["COMPUTED"],
                            scorecards.states.ScorecardState["HEARING"],
                            scorecards.states.ScorecardState["FINAL"],
                            scorecards.states.ScorecardState["SUPERSEDED"],
                            scorecards.states.ScorecardState["DISCARDED"],
                        ],
                    )
                ),
                name="scorecards_run_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("revises", None), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="scorecards_run_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hearing_at__isnull", True), ("hearing_by__isnull", True)),
                    models.Q(("hearing_at__isnull", False), ("hearing_by__isnull", False)),
                    _connector="OR",
                ),
                name="scorecards_run_hearing",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hearing_at__isnull", True), ("hearing_until__isnull", True)),
                    models.Q(("hearing_at__isnull", False), ("hearing_until__isnull", False)),
                    _connector="OR",
                ),
                name="scorecards_run_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finalised_at__isnull", True), ("finalised_by__isnull", True)),
                    models.Q(("finalised_at__isnull", False), ("finalised_by__isnull", False)),
                    _connector="OR",
                ),
                name="scorecards_run_finalised",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(
                    (
                        "state__in",
                        [scorecards.states.ScorecardState["COMPUTING"], scorecards.states.ScorecardState["QUEUED"]],
                    )
                ),
                name="scorecards_run_one_unfinished",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            scorecards.states.ScorecardState["COMPUTING"],
                            scorecards.states.ScorecardState["DISCARDED"],
                            scorecards.states.ScorecardState["QUEUED"],
                        ],
                    ),
                    models.Q(
                        ("computed_at__isnull", False),
                        ("digest__regex", "^[0-9a-f]{64}$"),
                        ("inputs_digest__regex", "^[0-9a-f]{64}$"),
                        ("knowledge_at__isnull", False),
                        ("result__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="scorecards_run_computed",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecardarchive",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", True), ("finished_at__isnull", True)),
                    models.Q(("content__isnull", False), ("finished_at__isnull", False)),
                    _connector="OR",
                ),
                name="scorecards_archive_finished",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.UniqueConstraint(fields=("run", "provider", "service"), name="scorecards_scorecard_once"),
        ),
    ]
