"""`python -m ingest.contracts` writes the dbt sources that follow from the contracts."""

from ingest.contracts.dbt_sources import TARGET, dbt_sources_yaml

if __name__ == "__main__":
    TARGET.write_text(dbt_sources_yaml(), encoding="utf-8")
    print(TARGET)
