"""The table of Django's database cache: attempts to log in are counted there, over all processes."""

from django.db import migrations

CACHE = """
CREATE TABLE kernel_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX kernel_cache_expires ON kernel_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_roles")]

    operations = [migrations.RunSQL(CACHE, "DROP TABLE kernel_cache")]
