from django.db import migrations

from backend.kernel.history import append_only


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_initial")]

    operations = [append_only("providers_authorisation")]
