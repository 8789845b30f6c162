"""When a placement last changed, so that providers' systems can ask for what is new."""

import django.db.models.functions.datetime
from django.db import migrations, models

from backend.kernel.history import settable_only


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0002_history"),
        ("outcomes", "0003_identity"),
    ]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="updated_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["contract", "updated_at"], name="outcomes_placement_updated"),
        ),
        settable_only("outcomes_placement", ["period", "updated_at"]),
    ]
