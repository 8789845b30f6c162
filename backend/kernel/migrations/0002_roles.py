"""Finance officers examine or decide; administrators manage accounts."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("kernel", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="user",
            name="kernel_user_known_roles",
        ),
        migrations.AlterField(
            model_name="user",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("procurement", "procurement officer"),
                        ("handler", "handler"),
                        ("examiner", "finance examiner"),
                        ("decider", "finance decider"),
                        ("provider", "provider"),
                        ("auditor", "auditor"),
                        ("administrator", "administrator"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.RunSQL(
            "UPDATE kernel_user SET roles = array_remove(roles, 'finance') || '{examiner,decider}'"
            " WHERE 'finance' = ANY (roles)",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "roles__contained_by",
                        ["procurement", "handler", "examiner", "decider", "provider", "auditor", "administrator"],
                    )
                ),
                name="kernel_user_known_roles",
            ),
        ),
    ]
