"""Landing zone → schema raw: the first stage of the data, in pure Python and DuckDB.

Belongs here: reading landed files, typing them by contract, quarantine, the load ledger, the programme's folder.
Does not: what a model does with a record (dbt), when anything runs (orchestration), the commands (answerable).
"""


class IngestError(Exception):
    """The environment is wrong, not the data (disk, lock, permission, key, programme); one line with the remedy."""
