"""What the repository does in a project: transactions, errors, the outbox, migrations."""

import importlib
import sys
import traceback
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.db.models.signals import post_delete

import consent_core as cc
from consent_core.adapters.django.models import LONGEST_SITE, Event, Record
from consent_core.adapters.django.repository import DjangoRepository
from consent_core.testing.arrange import consent, creation, email, erasure_of, revision_of

ADA = "ada@example.org"


class StopError(Exception):
    """The caller gives up."""


def service(using: str) -> cc.ConsentService:
    """One for a new site."""
    return cc.ConsentService(DjangoRepository(using, site=uuid4().hex))


def test_a_commit_is_part_of_the_callers_transaction(using: str) -> None:
    """What the caller rolls back was never stored; what was before it stays."""
    consents = service(using)
    consents.opt_in("before@example.org")
    with pytest.raises(StopError), transaction.atomic(using=using):  # noqa: PT012  # a caller
        assert consents.opt_in(ADA).consent is not None
        assert consents.may_contact(ADA)
        raise StopError
    assert not consents.may_contact(ADA)
    assert consents.may_contact("before@example.org")


def test_a_conflict_leaves_the_callers_transaction_whole(using: str) -> None:
    """Only the savepoint is rolled back: the caller goes on, and commits."""
    repository = DjangoRepository(using, site=uuid4().hex)
    first = consent(email("ada"))
    with transaction.atomic(using=using):
        repository.commit([creation(first)])
        with pytest.raises(cc.Conflict):
            repository.commit([creation(consent(email("grace"))), creation(first)])
        with pytest.raises(cc.Conflict):
            repository.commit([revision_of(revision_of(first).consent or first)])
    assert set(repository.find([email("ada"), email("grace")])) == {email("ada")}


def test_after_the_commit_is_after_the_callers(using: str) -> None:
    """``on_commit`` runs once everything is stored, and not where it is rolled back."""
    consents, mailed = service(using), []
    with pytest.raises(StopError), transaction.atomic(using=using):  # noqa: PT012  # a caller
        consents.opt_in(ADA)
        transaction.on_commit(lambda: mailed.append("lost"), using=using)
        raise StopError
    with transaction.atomic(using=using):
        consents.opt_in(ADA)
        transaction.on_commit(lambda: mailed.append("mailed"), using=using)
        assert mailed == []
    assert mailed == ["mailed"]


def test_listeners_to_deletions_do_not_make_an_erasure_two_steps(using: str) -> None:
    """Where the project listens to deletions, Django would look first and erase then."""
    post_delete.connect(_listen)
    try:
        repository = DjangoRepository(using, site=uuid4().hex)
        stored = consent(email("ada"))
        repository.commit([creation(stored)])
        connections[using].force_debug_cursor = True
        connections[using].queries_log.clear()
        repository.commit([erasure_of(stored)])
        said = [query["sql"].split()[0] for query in connections[using].queries]
    finally:
        post_delete.disconnect(_listen)
        connections[using].force_debug_cursor = False
    assert [word for word in said if word in {"SELECT", "DELETE"}] == ["DELETE", "DELETE"]


def _listen(**_: object) -> None:
    """A receiver of a signal."""


def test_an_id_that_is_taken_is_a_conflict(using: str) -> None:
    """A record with the id of another, or an event with that of another, stores nothing."""
    repository = DjangoRepository(using, site=uuid4().hex)
    stored = consent(email("ada"))
    repository.commit([creation(stored)])
    with pytest.raises(cc.Conflict):
        repository.commit([creation(consent(email("grace"), id=stored.id))])
    Record.objects.using(using).filter(site=repository.site).delete()
    with pytest.raises(cc.Conflict):
        repository.commit([creation(stored)])
    assert repository.find([email("ada"), email("grace")]) == {}


def test_a_rule_of_the_database_is_no_lost_race(using: str) -> None:
    """What a row violates, it violates again: trying on would never end."""
    repository = DjangoRepository(using, site="ruled")
    name = "refuse_ruled"
    _add_rule(using, name)
    try:
        with pytest.raises(cc.Unavailable) as caught:
            repository.commit([creation(consent(email("ada")))])
    finally:
        _drop_rule(using, name)
    written = "".join(traceback.format_exception(caught.value))
    assert caught.value.error_class in {"IntegrityError", "CheckViolation"}
    assert "@" not in written
    assert caught.value.__context__ is None


def _add_rule(using: str, name: str) -> None:
    with connections[using].cursor() as cursor:
        if using == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE INSERT ON consent_core_event WHEN NEW.site = 'ruled'"
                " BEGIN SELECT RAISE(ABORT, 'no ada@example.org'); END"
            )
        else:
            cursor.execute(
                f"ALTER TABLE consent_core_event ADD CONSTRAINT {name} CHECK (site <> 'ruled')"
            )


def _drop_rule(using: str, name: str) -> None:
    with connections[using].cursor() as cursor:
        if using == "sqlite":
            cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute(f"ALTER TABLE consent_core_event DROP CONSTRAINT {name}")


def test_a_deadlock_is_a_lost_race(postgresql: str) -> None:
    """What PostgreSQL gives up for another transaction is decided again."""
    repository = DjangoRepository(postgresql, site="deadlock")
    with connections[postgresql].cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION give_up() RETURNS trigger AS $$ BEGIN"
            " RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$ LANGUAGE plpgsql"
        )
        cursor.execute(
            "CREATE TRIGGER give_up BEFORE INSERT ON consent_core_event FOR EACH ROW"
            " WHEN (NEW.site = 'deadlock') EXECUTE FUNCTION give_up()"
        )
    try:
        with pytest.raises(cc.Conflict):
            repository.commit([creation(consent(email("ada")))])
    finally:
        with connections[postgresql].cursor() as cursor:
            cursor.execute("DROP TRIGGER give_up ON consent_core_event")


def test_a_broken_transaction_is_unavailable(using: str) -> None:
    """Django's own refusal arrives as the library's error."""
    consents = service(using)
    # Django would name what broke an earlier transaction of the connection.
    connections[using].rollback_exc = None
    with pytest.raises(cc.Unavailable, match="TransactionManagementError"):
        _use_a_broken_transaction(using, consents)


def _use_a_broken_transaction(using: str, consents: cc.ConsentService) -> None:
    with transaction.atomic(using=using):
        transaction.set_rollback(True, using=using)
        consents.may_contact(ADA)


def test_a_mistake_of_the_caller_is_its_own_error(using: str) -> None:
    """What no driver raised is not translated."""
    with pytest.raises(AttributeError):
        DjangoRepository(using).commit(["not a change"])  # type: ignore[list-item]  # on purpose


def test_rules_about_extended_fields_need_a_database_that_knows_json() -> None:
    """A database without a translation says so; it never answers wrongly."""
    from django.db.models import F  # noqa: PLC0415  # only here

    from consent_core.adapters.django.conditions import _JsonText  # noqa: PLC0415  # as above

    with pytest.raises(Exception, match="need SQLite or PostgreSQL"):
        _JsonText(F("document")).as_sql(None, None)


def test_the_outbox(using: str) -> None:
    """Events wait for a relay until they are marked."""
    consents = service(using)
    repository = consents.repository
    assert isinstance(repository, DjangoRepository)
    outcome = consents.opt_in(ADA)
    consents.opt_out(ADA)
    waiting = repository.unpublished()
    assert [type(event) for event in waiting] == [cc.ConsentCreated, cc.ConsentUpdated]
    assert waiting[0] == outcome.events[0]
    assert repository.unpublished(limit=1) == waiting[:1]
    repository.mark_published([waiting[0].id])
    assert repository.unpublished() == waiting[1:]


def test_nothing_to_commit_is_nothing(using: str) -> None:
    """No statement is sent."""
    DjangoRepository(using).commit([])


@pytest.mark.parametrize("site", [1, "\0", "s" * (LONGEST_SITE + 1)])
def test_a_site_that_no_database_holds_is_refused(site: object) -> None:
    """At once, and not by the first statement."""
    with pytest.raises(cc.InvalidConsent) as caught:
        DjangoRepository(site=site)  # type: ignore[arg-type]  # on purpose
    assert [violation.path for violation in caught.value.violations] == ["repository.site"]


def test_rows_say_nothing_of_a_person(sqlite: str) -> None:
    """Neither their names nor those of their events, which end up in logs and in the admin."""
    repository = DjangoRepository(sqlite, site=uuid4().hex)
    repository.commit([creation(consent(email("ada")))])
    rows = [*Record.objects.using(sqlite).filter(site=repository.site)]
    rows += Event.objects.using(sqlite).filter(site=repository.site)
    assert [str(row).split()[0] for row in rows] == ["EMAIL", "created"]
    assert "ada" not in "".join(map(str, rows))


def test_the_migrations_are_current() -> None:
    """The tables are those of the models."""
    said = StringIO()
    call_command("makemigrations", "consent_core", check=True, dry_run=True, stdout=said)
    assert "No changes detected" in said.getvalue()


def test_a_moment_may_be_absent(using: str) -> None:
    """A column of a record's slot that is not filled is NULL, and read as None."""
    consents = service(using)
    site = consents.repository.site  # type: ignore[attr-defined]  # that of this adapter
    consents.opt_out(ADA)
    row = Record.objects.using(using).get(site=site)
    assert row.confirmed_date is None
    assert row.revoked_date == consents.may_contact(ADA).consent.revoked_date  # type: ignore[union-attr]  # stored above


def test_without_django_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the package is imported anew and Django is not there."""
    monkeypatch.delitem(sys.modules, "consent_core.adapters.django")
    monkeypatch.setitem(sys.modules, "django", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"needs django: pip install 'consent_core\[django\]'"
    ):
        importlib.import_module("consent_core.adapters.django")
