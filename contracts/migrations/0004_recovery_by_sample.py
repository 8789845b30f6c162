"""Contracts say whether the error rate of a sample may be extrapolated to all that was paid."""

from django.db import migrations, models

from backend.kernel.history import append_only_again


class Migration(migrations.Migration):
    dependencies = [("contracts", "0003_amendments")]

    operations = [
        migrations.AddField(
            model_name="contractversion", name="recovers_by_sample", field=models.BooleanField(default=False)
        ),
        append_only_again("contracts_contractversion"),
    ]
