"""SQL for migrations: two roles, and tables whose rows are only ever added.

The first wall is that the app's role has no right to change history; triggers are the second, for whoever has.
"""

from collections.abc import Sequence
from typing import Any

from django.db import migrations

Statement = str | tuple[str, dict[str, Any] | list[Any] | tuple[Any, ...] | None]  # as RunSQL takes them

APP_ROLE = "utfall_app"

TWO_ROLES = f"""
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: history is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""  # noqa: S608  # the role is a constant


NEVER_REMOVED = """
CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()
"""

# A column-wise trigger only looks at what an UPDATE names, so that updates of settable columns cost nothing more.
FIXED_COLUMNS = """
DO $do$ BEGIN
    EXECUTE (
        SELECT 'CREATE TRIGGER {table}_fixed BEFORE UPDATE OF ' || string_agg(quote_ident(attname), ', ')
            || ' ON {table} FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()'
        FROM pg_attribute
        WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped
            AND attname <> ALL (string_to_array('{settable}', ', '))
    );
END $do$
"""


def append_only(table: str, *, settable: Sequence[str] = ()) -> migrations.RunSQL:
    """Make a table history. Columns in `settable` may be updated, as far as a trigger of the table's own lets them."""
    statements: list[Statement] = [
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE}",
        NEVER_REMOVED.format(table=table),
        FIXED_COLUMNS.format(table=table, settable=", ".join(settable)),
    ]
    if settable:
        statements.append(f"GRANT UPDATE ({', '.join(settable)}) ON {table} TO {APP_ROLE}")
    return migrations.RunSQL(statements, migrations.RunSQL.noop)


def append_only_again(table: str) -> migrations.RunSQL:
    """Guard columns that were added to a table of history after `append_only`."""
    again = FIXED_COLUMNS.format(table=table, settable="")
    return migrations.RunSQL([f"DROP TRIGGER {table}_fixed ON {table}", again], migrations.RunSQL.noop)


def settable_only(table: str, columns: Sequence[str]) -> migrations.RunSQL:
    """Let the app's role update these columns of an ordinary table and delete nothing."""
    return migrations.RunSQL(
        [
            f"REVOKE UPDATE, DELETE ON {table} FROM {APP_ROLE}",
            f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {APP_ROLE}",
        ],
        migrations.RunSQL.noop,
    )


def never_deleted(table: str) -> migrations.RunSQL:
    """Let the app's role delete nothing from an ordinary table that history refers to."""
    return migrations.RunSQL(f"REVOKE DELETE ON {table} FROM {APP_ROLE}", migrations.RunSQL.noop)
