"""Services stand in providers now; only what Django knows changes, the table moved there."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_recovery_by_sample"), ("providers", "0007_services")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="contract",
                    name="service",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="providers.service",
                    ),
                ),
                migrations.DeleteModel(name="Service"),
            ],
        ),
    ]
