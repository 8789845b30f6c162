"""What of scorecards is history, and can only be added to."""

from django.db import migrations

from backend.kernel.history import append_only, never_deleted, settable_only

# what was computed is set once, and a final run never changes
FINAL_STAYS = """
CREATE FUNCTION scorecards_run_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('final', 'superseded', 'discarded') OR (OLD.digest <> '' AND (
        NEW.digest, NEW.inputs_digest, NEW.result, NEW.knowledge_at, NEW.method_version, NEW.code_version,
        NEW.first_month, NEW.until, NEW.revises_id
    ) IS DISTINCT FROM (
        OLD.digest, OLD.inputs_digest, OLD.result, OLD.knowledge_at, OLD.method_version, OLD.code_version,
        OLD.first_month, OLD.until, OLD.revises_id
    )) THEN
        RAISE EXCEPTION 'computed scorecards do not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER scorecards_run_stays BEFORE UPDATE ON scorecards_scorecardrun
    FOR EACH ROW EXECUTE FUNCTION scorecards_run_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0001_initial")]

    operations = [
        *(
            append_only(f"scorecards_{table}")
            for table in ("measuretarget", "frozeninputs", "scorecard", "hearinganswer", "reviewthreshold")
        ),
        never_deleted("scorecards_employmentrate"),
        never_deleted("scorecards_scorecardrun"),
        migrations.RunSQL(FINAL_STAYS, migrations.RunSQL.noop),
        settable_only("scorecards_review", ["is_approved", "decision_reasons", "decided_by_id", "decided_at"]),
        settable_only("scorecards_scorecardarchive", ["total", "done", "finished_at", "failure", "content"]),
    ]
