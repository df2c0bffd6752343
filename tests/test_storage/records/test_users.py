from __future__ import annotations

from typing import TYPE_CHECKING

from storage.models import Role
from storage.models.tables import users as table
from storage.records import users
from tests.records import a_person

if TYPE_CHECKING:
    from bot.scenarios.clock import ManualClock
    from storage.database.runner import Runner, Transaction


async def test_a_person_is_found_by_either_id(runner: Runner) -> None:
    anna = await runner.run(lambda tx: a_person(tx, 2**40))

    assert await runner.run(lambda tx: users.get(tx, anna.id)) == anna
    assert await runner.run(lambda tx: users.by_telegram_id(tx, 2**40)) == anna


async def test_nobody_is_found_by_an_unknown_id(runner: Runner) -> None:
    assert await runner.run(lambda tx: users.get(tx, 999)) is None
    assert await runner.run(lambda tx: users.by_telegram_id(tx, 999)) is None


async def test_a_notice_to_roles_goes_to_everyone_in_them_but_the_blocked(runner: Runner) -> None:
    def work(tx: Transaction) -> list[str]:
        a_person(tx, 1, "Анна")
        a_person(tx, 2, "Сергей", Role.MANAGER)
        a_person(tx, 3, "Пётр", Role.CREW)
        blocked = a_person(tx, 4, "Олег", Role.MANAGER)
        tx.connection.execute(table.update().where(table.c.id == blocked.id).values(is_blocked=True))
        return [person.full_name for person in users.by_roles(tx, [Role.MANAGER, Role.CREW])]

    assert await runner.run(work) == ["Сергей", "Пётр"]
    assert await runner.run(lambda tx: users.by_roles(tx, [])) == []


async def test_the_first_time_a_person_could_not_be_reached_counts(runner: Runner, clock: ManualClock) -> None:
    await runner.run(lambda tx: a_person(tx, 1))
    first = clock.advance(hours=1)
    await runner.run(lambda tx: users.mark_unreachable(tx, 1))
    clock.advance(hours=1)
    await runner.run(lambda tx: users.mark_unreachable(tx, 1))

    since = table.select().with_only_columns(table.c.unreachable_since)
    assert await runner.run(lambda tx: tx.connection.execute(since).scalar_one()) == first
