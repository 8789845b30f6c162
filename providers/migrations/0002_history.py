from django.db import migrations

from backend.kernel.history import append_only, never_deleted


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_initial")]

    operations = [append_only("providers_authorisation"), never_deleted("providers_provider")]
