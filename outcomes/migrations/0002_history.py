from django.db import migrations

from backend.kernel.history import append_only, settable_only

# A version names its placement's own contract.
VERSION_KEY = """
ALTER TABLE outcomes_placementversion ADD CONSTRAINT outcomes_version_of_placement
    FOREIGN KEY (placement_id, contract_id) REFERENCES outcomes_placement (id, contract_id);
"""

# A fact arrives unverified; its one change sets when it was verified, once, and never ahead of the clock. Half of each
# page is left free for that change, which then touches no index.
FACT_GUARD = """
ALTER TABLE outcomes_fact SET (fillfactor = 50);

CREATE TRIGGER outcomes_fact_arrives_unverified BEFORE INSERT ON outcomes_fact FOR EACH ROW
    WHEN (NEW.verified IS NOT NULL OR NEW.verified_at IS NOT NULL) EXECUTE FUNCTION kernel_refuse_change();

CREATE TRIGGER outcomes_fact_verified_once BEFORE UPDATE ON outcomes_fact FOR EACH ROW
    WHEN (OLD.verified_at IS NOT NULL OR NEW.verified_at IS NULL OR NEW.verified_at > clock_timestamp())
    EXECUTE FUNCTION kernel_refuse_change();
"""

# Set-wise in place of foreign keys, and stricter: a fact is of a placement of its provider, a correction is of an earlier
# fact of the same placement and kind, a decision names what its fact replaces.
KEYS = """
CREATE FUNCTION outcomes_check_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added
        LEFT JOIN outcomes_placement AS placement ON placement.id = added.placement_id
        LEFT JOIN contracts_contract AS contract ON contract.id = placement.contract_id
        WHERE contract.provider_id IS DISTINCT FROM added.provider_id
    ) OR EXISTS (
        SELECT FROM added LEFT JOIN outcomes_fact AS replaced ON replaced.id = added.replaces_id
        WHERE added.replaces_id IS NOT NULL AND (
            replaced.placement_id IS DISTINCT FROM added.placement_id OR replaced.kind <> added.kind OR replaced.id >= added.id
        )
    ) OR EXISTS (
        SELECT FROM added LEFT JOIN outcomes_subject AS subject ON subject.id = added.subject_id
        WHERE added.subject_id IS NOT NULL AND subject.id IS NULL
    ) OR EXISTS (
        SELECT FROM added LEFT JOIN kernel_user ON kernel_user.id = added.reported_by_id WHERE kernel_user.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a fact refers to what is not there or does not belong to it' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER outcomes_fact_keys AFTER INSERT ON outcomes_fact
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION outcomes_check_facts();

CREATE FUNCTION outcomes_check_decisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added LEFT JOIN outcomes_fact AS fact ON fact.id = added.fact_id
        WHERE fact.id IS NULL OR (added.decision = 'verified' AND added.replaces_id IS DISTINCT FROM fact.replaces_id)
    ) OR EXISTS (
        SELECT FROM added LEFT JOIN kernel_user ON kernel_user.id = added.decided_by_id
        WHERE added.decided_by_id IS NOT NULL AND kernel_user.id IS NULL
    ) THEN
        RAISE EXCEPTION 'a decision refers to what is not there' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER outcomes_decision_keys AFTER INSERT ON outcomes_verificationdecision
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION outcomes_check_decisions();
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
        migrations.RunSQL(KEYS, migrations.RunSQL.noop),
    ]
