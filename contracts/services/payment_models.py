"""Drafts of payment models, and their publication: one officer proposes, another publishes."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from backend.kernel.audit import record_event
from backend.kernel.calendar import local_day
from backend.kernel.errors import gettext_noop, refuse, rule
from backend.kernel.models import Role, User
from backend.kernel.permissions import require_role
from contracts.models import ModelStep, PaymentModelDraft, PaymentModelVersion
from contracts.reading import check_publishable, model_digest, model_document, read_model
from contracts.terms import PaymentModel

VALID_FROM_PAST = rule(
    "version_valid_from", gettext_noop("a version is valid from the day of its publication, {today}, at the earliest")
)
VALID_FROM_ORDER = rule(
    "version_order", gettext_noop("a version is valid from a later day than the one before it, {before}")
)
VERSION_UNCHANGED = rule("version_unchanged", gettext_noop("version {number} already says exactly this"))
NOT_PROPOSED = rule("draft_not_proposed", gettext_noop("the draft is not proposed for publication"))
OWN_PROPOSAL = rule("own_proposal", gettext_noop("whoever proposed a model, or saved it last, does not publish it"))


@transaction.atomic
def save_draft(*, document: Mapping[str, object], by: User, now: datetime) -> PaymentModelDraft:
    """Keep a checked payment model as the draft of its code, in place of the earlier draft."""
    require_role(by, Role.PROCUREMENT)
    model = read_model(document)
    earlier = PaymentModelDraft.objects.select_for_update().filter(code=model.code).first()
    draft, _ = PaymentModelDraft.objects.update_or_create(
        code=model.code,
        defaults={
            "document": model_document(model),
            "saved_by": by,
            "saved_at": now,
            "proposed_by": None,  # what was proposed was another text
            "proposed_at": None,
            "proposed_from": None,
        },
    )
    record_event(
        by=by,
        action="save",
        on=draft,
        now=now,
        earlier={"document": earlier.document} if earlier else None,
        later={"document": draft.document},
    )
    return draft


@transaction.atomic
def publish_model(*, model: PaymentModel, valid_from: date, by: User, now: datetime) -> PaymentModelVersion:
    """Publish a payment model as the next version of its code. A draft is published as `read_model(draft.document)`."""
    require_role(by, Role.PROCUREMENT)
    check_publishable(model)
    if valid_from < local_day(now):
        raise refuse(VALID_FROM_PAST, field="valid_from", value=valid_from, today=local_day(now))
    before = PaymentModelVersion.objects.filter(code=model.code).order_by("-number").first()
    digest = model_digest(model)
    if before and before.digest == digest:
        raise refuse(VERSION_UNCHANGED, field="model", value=model.code, number=before.number)
    if before and before.valid_from >= valid_from:
        raise refuse(VALID_FROM_ORDER, field="valid_from", value=valid_from, before=before.valid_from)
    version = PaymentModelVersion.objects.create(
        code=model.code,
        number=before.number + 1 if before else 1,
        title=model.title,
        source=model.source,
        document=model_document(model),
        digest=digest,
        valid_from=valid_from,
        published_at=now,
        published_by=by,
    )
    ModelStep.objects.bulk_create(
        ModelStep(version=version, position=position, code=step.code, title=step.title, trigger=step.trigger.value)
        for position, step in enumerate(model.steps)
    )
    record_event(
        by=by,
        action="publish",
        on=version,
        now=now,
        later={"code": model.code, "digest": digest, "valid_from": valid_from},
    )
    return version


@transaction.atomic
def propose_draft(*, draft: PaymentModelDraft, valid_from: date, by: User, now: datetime) -> PaymentModelDraft:
    """Propose that a draft be published from a day on; another officer does so."""
    require_role(by, Role.PROCUREMENT)
    draft = PaymentModelDraft.objects.select_for_update().get(pk=draft.pk)
    check_publishable(read_model(draft.document))
    if valid_from < local_day(now):
        raise refuse(VALID_FROM_PAST, field="valid_from", value=valid_from, today=local_day(now))
    draft.proposed_by, draft.proposed_at, draft.proposed_from = by, now, valid_from
    draft.save(update_fields=["proposed_by", "proposed_at", "proposed_from"])
    record_event(by=by, action="propose", on=draft, now=now, later={"valid_from": valid_from})
    return draft


@transaction.atomic
def publish_draft(*, draft: PaymentModelDraft, by: User, now: datetime) -> PaymentModelVersion:
    """Publish a draft that somebody else proposed. The draft is then done with."""
    draft = PaymentModelDraft.objects.select_for_update().get(pk=draft.pk)
    if draft.proposed_from is None:
        raise refuse(NOT_PROPOSED, field="draft", value=draft.code)
    if by.pk in (draft.proposed_by_id, draft.saved_by_id):
        raise refuse(OWN_PROPOSAL, field="by", value=by.get_username())
    version = publish_model(model=read_model(draft.document), valid_from=draft.proposed_from, by=by, now=now)
    draft.delete()
    return version


@transaction.atomic
def discard_draft(*, draft: PaymentModelDraft, by: User, now: datetime) -> None:
    """Throw a draft away; its last text stays in the audit trail."""
    require_role(by, Role.PROCUREMENT)
    draft = PaymentModelDraft.objects.select_for_update().get(pk=draft.pk)
    record_event(by=by, action="discard", on=draft, now=now, earlier={"document": draft.document})
    draft.delete()
