"""Where compiled models put rows in an order, and how often two rows share it.

Belongs here: reading SQL. Does not: which orders are fine (conventions), the rows (property tests).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

# What a row gets from these follows from its place among the others.
PLACED = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Ntile)
# What these make of a group follows from the order of its rows.
GATHERED = (exp.ArgMax, exp.ArgMin, exp.First, exp.Last, exp.AnyValue, exp.ArrayAgg)


# Versions of a record that share these are copies of each other: any one of them is the record.
COPIES = ("updated_at", "_record_hash")


@dataclass(frozen=True)
class Order:
    """One order of rows whose outcome depends on their places: `partition` and `terms` as SQL."""

    model: str
    partition: tuple[str, ...]
    terms: tuple[str, ...]
    shared: str
    """A query that finds how many rows share partition and terms at most; null where there are no rows."""

    def __str__(self) -> str:
        return f"{self.model}: partition by {', '.join(self.partition)} order by {', '.join(self.terms)}"


def orders_of(model: str, sql: str) -> Iterator[Order]:
    """Yield the orders of a model's windows, in which rows that tie would be placed by chance.

    Aggregates over a range frame, the default, take rows that tie together: their order is of no matter.
    """
    for window in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Window):
        frame = window.args.get("spec")
        counts_rows = frame is not None and str(frame.args.get("kind")).upper() == "ROWS"
        if not isinstance(window.this, PLACED) and not (counts_rows and window.args.get("order")):
            continue
        partition = tuple(part.sql("duckdb", comments=False) for part in window.args.get("partition_by") or ())
        ordered = window.args["order"].expressions if window.args.get("order") else ()
        terms = tuple(term.this.sql("duckdb", comments=False) for term in ordered)
        yield Order(model, partition, terms, _shared(window, partition + terms))


def gathered(sql: str) -> list[str]:
    """Return the aggregates that pick or join rows without an order of their own."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    return [
        *(found.sql("duckdb") for found in tree.find_all(*GATHERED)),
        *(found.sql("duckdb") for found in tree.find_all(exp.GroupConcat) if not found.find(exp.Order)),
    ]


def _shared(window: exp.Window, columns: tuple[str, ...]) -> str:
    """The rows the window looks at, with all they are read through, counted by what places them."""
    select = window.find_ancestor(exp.Select)
    assert select is not None
    counted = f"count(*) over (partition by {', '.join(columns)}) as row_count" if columns else "count(*) as row_count"
    query = select.copy()
    query.set("expressions", [sqlglot.parse_one(counted, read="duckdb")])
    query.set("qualify", None)
    sql, inner = query.sql("duckdb"), select
    while (outer := inner.parent) is not None:
        if isinstance(outer, exp.With):
            known = outer.expressions[: outer.expressions.index(inner)]
        else:
            known = [] if isinstance(inner, exp.With) else getattr(outer, "ctes", [])
        if known:
            sql = f"with {', '.join(cte.sql('duckdb') for cte in known)} select * from ({sql}) as looked_at"
        inner = outer
    return f"select max(row_count) from ({sql}) as counted"
