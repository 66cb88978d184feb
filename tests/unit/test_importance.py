"""Relative weights as SQL finds them, against Johnson's own way by eigenvectors.

Belongs here: the linear algebra of int_importance__relative_weights on correlations of every kind.
Does not: which answers go into them (unit tests of dbt).
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest

DRIVERS = 7
Matrix = Any  # of doubles; the shapes stand where it is made


@pytest.fixture(scope="module")
def query(compiled: dict[str, Any]) -> str:
    """Return the SQL of the model as dbt compiles it."""
    return str(compiled["nodes"]["model.answerable.int_importance__relative_weights"]["compiled_code"])


def weighed(query: str, worlds: list[Matrix]) -> list[tuple[list[float], bool]]:
    """Return the weights and whether drivers are told apart, of correlation matrices with the outcome first."""
    pairs = [(i, j) for i in range(DRIVERS + 1) for j in range(max(i, 1), DRIVERS + 1)]
    names = ", ".join(f"r_{i}_{j} double" for i, j in pairs)
    keys = "level varchar, period_key varchar, split varchar, group_id varchar, replicate integer"
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("create schema warehouse.intermediate")
        connection.execute(f"create table warehouse.intermediate.int_importance__correlations ({keys}, {names})")
        for number, matrix in enumerate(worlds):
            row = ["", "", "", "", number, *(float(matrix[i, j]) for i, j in pairs)]
            marks = ", ".join("?" * len(row))
            connection.execute(f"insert into warehouse.intermediate.int_importance__correlations values ({marks})", row)
        rows = connection.execute(f"select * exclude (level, period_key, split, group_id) from ({query}) order by 1")
        return [(list(row[1:-1]), bool(row[-1])) for row in rows.fetchall()]


def among_strangers(small: Matrix) -> Matrix:
    """Return the matrix with as many drivers as there may be, the further ones like nothing."""
    whole = np.eye(DRIVERS + 1)
    whole[: len(small), : len(small)] = small
    return whole


def by_eigenvectors(matrix: Matrix) -> Matrix:
    """Return relative weights by Johnson (2000): a regression on the orthogonal variables closest to the drivers."""
    values, vectors = np.linalg.eigh(matrix[1:, 1:])
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    return root**2 @ np.linalg.solve(root, matrix[1:, 0]) ** 2


def test_two_drivers_by_hand(query: str) -> None:
    """R = (1, .6; .6, 1), r = (.5, .3): R^1/2 has squares .9 and .1, R^-1/2 r has .225 and .025."""
    [(found, is_told_apart)] = weighed(
        query, [among_strangers(np.array([[1, 0.5, 0.3], [0.5, 1, 0.6], [0.3, 0.6, 1]]))]
    )
    assert found == pytest.approx([0.205, 0.045, 0, 0, 0, 0, 0], abs=1e-12)
    assert is_told_apart


def test_drivers_apart_weigh_the_square_of_their_correlation(query: str) -> None:
    matrix = among_strangers(np.array([[1, 0.5, -0.25, 0.1], [0.5, 1, 0, 0], [-0.25, 0, 1, 0], [0.1, 0, 0, 1]]))
    assert weighed(query, [matrix])[0][0] == pytest.approx([0.25, 0.0625, 0.01, 0, 0, 0, 0], abs=1e-12)


def test_weights_are_those_of_eigenvectors_and_add_up_to_r_squared(query: str) -> None:
    random = np.random.default_rng(7)
    answers = [random.normal(size=(120, 8)) + 1.5 * random.normal(size=(120, 1)) for _ in range(40)]
    worlds = [np.corrcoef(world.T) for world in answers]
    for (found, is_told_apart), matrix, world in zip(weighed(query, worlds), worlds, answers, strict=True):
        assert is_told_apart
        assert found == pytest.approx(by_eigenvectors(matrix), abs=1e-10)
        drivers = np.c_[np.ones(120), world[:, 1:]]
        left = world[:, 0] - drivers @ np.linalg.lstsq(drivers, world[:, 0], rcond=None)[0]
        assert sum(found) == pytest.approx(1 - left.var() / world[:, 0].var(), abs=1e-10)


def test_drivers_that_are_one_another_are_not_weighed(query: str) -> None:
    twins = among_strangers(np.array([[1, 0.5, 0.5], [0.5, 1, 1], [0.5, 1, 1]]))
    assert not weighed(query, [twins])[0][1]
