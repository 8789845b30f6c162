from django.db import migrations

from backend.kernel.history import append_only, never_deleted


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial")]

    operations = [
        append_only("contracts_paymentmodelversion"),
        append_only("contracts_modelstep"),
        append_only("contracts_contractterms"),
        append_only("contracts_contractbudget"),
        never_deleted("contracts_contract"),
    ]
