"""Spells of a role that coincide, overlap or touch after merges are the days on which it was held.

Belongs here: the compiled step on small tables, in any order of rows. Does not: what follows from the spells.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

START, OPEN, PEOPLE = date(2024, 1, 1), 12, 60
SURVIVORS = {"A": "A", "B": "A", "C": "A", "D": "D", "gone": "unknown"}
PERSONS = {"k": "k", "k2": "k", "l": "l", "left": "unknown"}
Spell = tuple[str, str, str, int, int]  # contact, account, role, first day, day after the last one

spells = st.lists(
    st.tuples(
        st.sampled_from((*PERSONS, "stranger")),
        st.sampled_from((*SURVIVORS, "never_landed")),
        st.sampled_from(("buyer", "user")),
        st.integers(0, 8),
        st.sampled_from((*range(10), OPEN)),
    ),
    min_size=1,
    max_size=16,
)


@pytest.fixture(scope="module")
def step(compiled: dict[str, Any]) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Return a database with the tables that the step reads, and its SQL."""
    model = compiled["nodes"]["model.answerable.int_contacts__role_spells"]
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        connection.execute("create schema staging; create schema intermediate; set threads = 2")
        connection.execute(
            "create table staging.stg_crm__contact_roles"
            "(contact_key varchar, account_id varchar, role varchar, valid_from date, valid_to date)"
        )
        connection.execute(
            "create table intermediate.int_accounts__merges (landed_account_id varchar, surviving_account_id varchar)"
        )
        connection.executemany("insert into intermediate.int_accounts__merges values (?, ?)", list(SURVIVORS.items()))
        connection.execute(
            "create table intermediate.int_contacts__merges (landed_contact_key varchar, surviving_contact_key varchar)"
        )
        connection.executemany(
            "insert into intermediate.int_contacts__merges values (?, ?)",
            [
                (f"{person} {number}", "unknown" if survivor == "unknown" else f"{survivor} {number}")
                for person, survivor in PERSONS.items()
                for number in range(PEOPLE)
            ],
        )
        yield connection, model["compiled_code"]


@settings(max_examples=40, deadline=None)
@given(landed=spells, seed=st.integers(0, 1000))
def test_spells_are_the_days_a_role_was_held(
    step: tuple[duckdb.DuckDBPyConnection, str], landed: list[Spell], seed: int
) -> None:
    connection, sql = step
    # many people alike, since a handful of rows is sorted in the order in which it lies there
    landed = [(f"{contact} {number}", *rest) for number in range(PEOPLE) for contact, *rest in landed]
    rows = [(*who, day(first), None if end == OPEN else day(end)) for *who, first, end in landed]
    # a spell lands at two accounts that become one
    rows += [(contact, "B", *rest) for contact, account, *rest in rows if account == "A"]
    random.Random(seed).shuffle(rows)
    connection.execute("delete from staging.stg_crm__contact_roles")
    connection.executemany("insert into staging.stg_crm__contact_roles values (?, ?, ?, ?, ?)", rows)
    found = connection.execute(
        f"select contact_key, counted_account_id, role, valid_from, valid_to from ({sql}) as spells order by all"
    ).fetchall()
    assert found == expected(landed)


def expected(landed: list[Spell]) -> list[tuple[Any, ...]]:
    """Return the longest runs of days on each of which some spell holds, one row a run."""
    held: dict[tuple[str, str, str], set[int]] = {}
    for contact, account, role, first, end in landed:
        survivor = SURVIVORS.get(account, "unknown")
        counted = account if survivor == "unknown" else survivor
        person, number = contact.split()
        one = PERSONS.get(person, "unknown")
        counted_contact = contact if one == "unknown" else f"{one} {number}"
        held.setdefault((counted_contact, counted, role), set()).update(range(first, end))
    runs = []
    for who, days in held.items():
        for _, run in groupby(enumerate(sorted(days)), lambda numbered: numbered[1] - numbered[0]):
            numbers = [number for _, number in run]
            last = numbers[-1] + 1
            runs.append((*who, day(numbers[0]), None if last == OPEN else day(last)))
    return sorted(runs)


def day(number: int) -> date:
    return START + timedelta(days=number)
