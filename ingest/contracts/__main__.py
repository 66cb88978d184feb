"""`python -m ingest.contracts` writes what of the dbt project follows from the contracts."""

from ingest.contracts.dbt_sources import COLUMNS, TARGET, dbt_sources_yaml, landed_columns_macro

if __name__ == "__main__":
    for file, text in ((TARGET, dbt_sources_yaml()), (COLUMNS, landed_columns_macro())):
        file.write_text(text, encoding="utf-8")
        print(file)
