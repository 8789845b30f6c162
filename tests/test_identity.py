"""Identity numbers: which are right, how they are stored, found and read, and what stands in the audit trail."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from backend.kernel.errors import DomainError
from backend.kernel.models import AuditEvent, Role
from backend.kernel.secrets import KeyMissingError, KeyRing
from outcomes.identity import IdentityKind, read_identity
from outcomes.models import ParticipantIdentity
from outcomes.services import find_participant, renew_keys, reveal_identities
from tests.people import NUMBER, OTHER_NUMBER, identify, make_participant, protect
from tests.small_world import NOW, make_user

OLD, NEW = ("old:" + "A" * 43, "new:" + "B" * 43)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NUMBER, IdentityKind.PERSONAL),
        ("198001011231", IdentityKind.PERSONAL),
        ("19800101 1231", IdentityKind.PERSONAL),
        ("19800161-1238", IdentityKind.COORDINATION),
        ("19800101-TF01", IdentityKind.TEMPORARY),
        ("19800101tf01", IdentityKind.TEMPORARY),
    ],
)
def test_each_kind_of_number_is_known(text: str, kind: IdentityKind) -> None:
    assert read_identity(text, "number").kind is kind


@pytest.mark.parametrize(
    "text", ["19800101-1232", "800101-1231", "19801301-1234", "19800230-TF01", "19800199-1230", "", "x", None, 19800101]
)
def test_what_is_none_is_refused_without_being_repeated(text: object) -> None:
    with pytest.raises(DomainError) as refused:
        read_identity(text, "number")
    assert [breach.value for breach in refused.value.breaches] == ["…"]


@given(st.text(), st.text())
def test_what_is_encrypted_is_read_again_only_as_what_it_was(text: str, about: str) -> None:
    ring = KeyRing.read("KEYS", OLD)
    key, sealed = ring.encrypt(text, about)
    assert ring.decrypt(key, sealed, about) == text
    with pytest.raises(Exception, match=r"^$"):  # InvalidTag says nothing, on purpose
        ring.decrypt(key, sealed, about + "!")


@pytest.mark.parametrize("text", ["", "id:short", ":" + "A" * 43, "no key"])
def test_a_ring_without_a_right_key_says_so(text: str) -> None:
    with pytest.raises(KeyMissingError, match="KEYS"):
        KeyRing.read("KEYS", text).encrypt("x", "y")


@pytest.mark.django_db
class TestStored:
    def test_a_number_stands_nowhere_in_the_database(self) -> None:
        participant, by = make_participant(), make_user(Role.HANDLER)
        identify(participant, by=by)
        find_participant(number=NUMBER, reason="asked by phone", by=by, now=NOW)
        row = ParticipantIdentity.objects.get()
        digits = NUMBER.replace("-", "").encode()
        assert digits not in bytes(row.number)
        assert digits not in bytes(row.digest)
        for event in AuditEvent.objects.all():
            assert "19800101" not in json.dumps([event.earlier, event.later, event.object_id])

    def test_it_is_found_with_a_reason_that_stands_in_the_audit_trail(self) -> None:
        participant, by = make_participant(), make_user(Role.HANDLER)
        identify(participant)
        assert find_participant(number="198001011231", reason="asked by phone", by=by, now=NOW) == participant
        assert find_participant(number=OTHER_NUMBER, reason="by mistake", by=by, now=NOW) is None
        found, missed = AuditEvent.objects.filter(action="find_participant").order_by("pk")
        assert (found.object_id, found.later) == (str(participant.pk), {"reason": "asked by phone", "shown": True})
        assert (missed.object_id, missed.later) == ("", {"reason": "by mistake"})

    def test_a_protected_participant_is_found_by_named_handlers_only(self) -> None:
        participant, named, other = make_participant(), make_user(Role.HANDLER), make_user(Role.HANDLER)
        identify(participant)
        protect(participant, named)
        assert find_participant(number=NUMBER, reason="x", by=named, now=NOW) == participant
        assert find_participant(number=NUMBER, reason="x", by=other, now=NOW) is None
        newest = AuditEvent.objects.filter(action="find_participant").latest("pk")
        assert newest.later == {"reason": "x", "shown": False}

    def test_numbers_are_read_with_a_reason(self) -> None:
        participant, by = make_participant(), make_user(Role.HANDLER)
        identify(participant, "19800101-TF01")
        identify(participant)
        shown = reveal_identities(participant=participant, reason="a letter", by=by, now=NOW)
        assert [str(identity) for identity in shown] == [NUMBER, "19800101-TF01"]
        assert AuditEvent.objects.get(action="reveal_identities").later == {"reason": "a letter"}

    def test_keys_are_changed_without_losing_anybody(self, settings: Settings) -> None:
        participant, by = make_participant(), make_user(Role.HANDLER)
        settings.IDENTITY_KEYS = settings.IDENTITY_HASH_KEYS = OLD
        identify(participant)
        settings.IDENTITY_KEYS = settings.IDENTITY_HASH_KEYS = f"{NEW},{OLD}"
        assert find_participant(number=NUMBER, reason="x", by=by, now=NOW) == participant
        with pytest.raises(DomainError, match="has this identity number already"):
            identify(make_participant())
        assert renew_keys() == 1
        assert renew_keys() == 0
        settings.IDENTITY_KEYS = settings.IDENTITY_HASH_KEYS = NEW
        assert find_participant(number=NUMBER, reason="x", by=by, now=NOW) == participant
        assert str(reveal_identities(participant=participant, reason="x", by=by, now=NOW)[0]) == NUMBER
