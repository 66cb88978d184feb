"""Landing zone → raw: the first room of the house, pure Python and DuckDB.

Belongs here: reading landed files, typing them by contract, quarantine, the load ledger, the programme's folder.
Does not: what a model does with a record (dbt), when anything runs (orchestration), what a person types (answerable).
"""


class IngestError(Exception):
    """The surroundings, not the data, are wrong (disk, lock, permission, key, programme); one line with the remedy."""
