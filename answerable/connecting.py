"""What a person reads about connections: what landed, or what a check found.

Belongs here: words. Does not: find anything out (ingest.connections).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.connections.syncing import Report

_SHOWN = 12


def landed(report: Report) -> Iterator[str]:
    """Yield what a sync did, line by line."""
    if report.is_unchanged:
        yield f"{report.name}: nothing new; neither its files nor its maps changed"
        return
    what = ", ".join(f"{change.landed:,} {change.entity}" for change in report.changes if change.landed)
    yield f"{report.name}: {f'landed {what}' if what else 'nothing new'}"
    gone = sum(change.vanished for change in report.changes)
    stale = sum(change.stale for change in report.changes)
    if gone:
        yield f"  deleted there, and so here: {gone:,} records"
    if stale:
        yield f"  older than what landed before, so skipped: {stale:,} records"
    yield from _linked(report)
    if report.unknown:
        rows = sum(one.count for one in report.unknown)
        yield (
            f"  without a code of the programme: {len(report.unknown):,} values in {rows:,} rows; "
            f"see `answerable connect --check {report.name}`"
        )


def checked(report: Report) -> Iterator[str]:
    """Yield what a check found, line by line."""
    yield f"{report.name} ({report.title})"
    for table, rows in report.rows.items():
        if rows is not None:
            yield f"  found      {table}: {rows:,} rows"
    for table, rows in report.rows.items():
        if rows is None and report.lost.get(table):
            yield f"  not found  {table}; without it: {report.lost[table]}"
    for column in report.missing:
        names = ", ".join(column.names)
        yield f"  no column  {column.table}.{column.column} in {column.file} (looked for {names})"
    if report.others:
        yield f"  not read   {', '.join(report.others)}"
    for one in report.census:
        said = one.code if one.is_mapped else f"{one.code} (its own words)"
        verdict = "" if one.is_known else f"  not in {one.known_as}: a line of maps/{one.map}.csv is missing"
        yield f"  {one.map:<18} {one.value}: {one.count:,} → {said}{verdict}"
    yield from (f"  {line}: a line of the map is missing" for line in report.apart)
    yield from _linked(report)
    for change in report.changes:
        yield f"  {change.entity}: {change.mapped:,} records, {change.landed:,} of them new or changed"
    yield from (f"  to finish  {path}" for path in report.todo)


def _linked(report: Report) -> Iterator[str]:
    links = report.links
    if links.by_rule or links.unlinked:
        by_rule = ", ".join(f"{count:,} by {rule}" if rule != "created" else f"{count:,} accounts of their own"
                            for rule, count in links.by_rule.items())  # fmt: skip
        why = "lines of links.csv are missing" if links.candidates else "connect first who owns the accounts"
        lost = f"; {links.unlinked:,} without an account: {why}" if links.unlinked else ""
        yield f"  customers linked: {by_rule or 'none'}{lost}"
