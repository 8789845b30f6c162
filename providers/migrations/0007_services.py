"""Services stand beside providers, who are authorised for them: the table moves here from contracts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0006_group_companies"), ("contracts", "0004_recovery_by_sample")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE contracts_service RENAME TO providers_service",
                    "ALTER TABLE providers_service RENAME TO contracts_service",
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Service",
                    fields=[
                        (
                            "id",
                            models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                        ),
                        ("code", models.CharField(max_length=30, unique=True)),
                        ("title", models.CharField(max_length=200)),
                    ],
                ),
            ],
        ),
    ]
