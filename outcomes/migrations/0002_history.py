from django.db import migrations

from backend.kernel.history import append_only, settable_only

# A version names its placement's own contract.
VERSION_KEY = """
ALTER TABLE outcomes_placementversion ADD CONSTRAINT outcomes_version_of_placement
    FOREIGN KEY (placement_id, contract_id) REFERENCES outcomes_placement (id, contract_id);
"""

# A fact arrives unverified; its one change sets when it was verified, which never lies ahead of the clock.
FACT_GUARD = """
CREATE TRIGGER outcomes_fact_arrives_unverified BEFORE INSERT ON outcomes_fact FOR EACH ROW
    WHEN (NEW.verified IS NOT NULL OR NEW.verified_at IS NOT NULL) EXECUTE FUNCTION kernel_refuse_change();

CREATE FUNCTION outcomes_guard_fact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed outcomes_fact := OLD;
BEGIN
    allowed.verified := NEW.verified;
    allowed.verified_at := NEW.verified_at;
    IF OLD.verified_at IS NOT NULL OR NEW.verified_at IS NULL OR NEW IS DISTINCT FROM allowed THEN
        RAISE EXCEPTION 'UPDATE of outcomes_fact is refused: a fact is verified once and never changes'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.verified_at > clock_timestamp() THEN
        RAISE EXCEPTION 'UPDATE of outcomes_fact is refused: verified_at lies in the future'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER outcomes_fact_guard BEFORE UPDATE ON outcomes_fact
    FOR EACH ROW EXECUTE FUNCTION outcomes_guard_fact();
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial")]

    operations = [
        append_only("outcomes_placementversion"),
        append_only("outcomes_subject"),
        append_only("outcomes_fact", settable=["verified", "verified_at"]),
        append_only("outcomes_verificationdecision"),
        settable_only("outcomes_placement", ["period"]),
        migrations.RunSQL(VERSION_KEY, migrations.RunSQL.noop),
        migrations.RunSQL(FACT_GUARD, migrations.RunSQL.noop),
    ]
