"""The contract files against the promise of the landing zone, the standard's schema and what is generated from them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from ingest import contracts
from ingest.contracts import FOLDER, load_contracts
from ingest.contracts.dbt_sources import COLUMNS, TARGET, dbt_sources_yaml, landed_columns_macro

# `*` key, `!` required, `%` personal; a type after a colon where it is not told by the name.
PROMISED = {
    "crm.accounts": "account_id* account_name! parent_account_id account_type:code segment:code industry region "
    "country time_zone currency annual_value:money customer_since:date status:code renewal_on churned_on owner_email% "
    "merged_into_account_id is_deleted updated_at!",
    "crm.sites": "site_id* account_id! site_name country time_zone is_deleted updated_at!",
    "crm.products": "product_id* product_name! product_line is_deleted updated_at!",
    "crm.subscriptions": "subscription_id* account_id! site_id product_id! started_on! ended_on annual_value:money "
    "renewal_on is_deleted updated_at!",
    "crm.contacts": "contact_id* account_id! site_id full_name% email% phone% language preferred_channel:code "
    "is_active has_opted_out:bool merged_into_contact_id is_deleted updated_at!",
    "crm.contact_roles": "contact_id* account_id* role*:code product_id valid_from*:date valid_to:date is_deleted "
    "updated_at!",
    "crm.interactions": "interaction_id* account_id! contact_id site_id product_id touchpoint!:code channel:code "
    "direction:code occurred_at! handled_by_team:code journey_id outcome:code effort_minutes:number is_internal body "
    "is_deleted updated_at!",
    "billing.invoices": "invoice_id* account_id! site_id invoice_number issued_on! due_on! amount!:money currency "
    "is_disputed promised_on collection:code voided_on is_deleted updated_at!",
    "billing.payments": "payment_id* invoice_id! paid_at! amount!:money kind:code method is_deleted updated_at!",
    "billing.notices": "notice_id* invoice_id! account_id! contact_id notice_kind:code channel sent_at! "
    "sent_by_team:code subject body is_deleted updated_at!",
    "survey.surveys": "survey_id* survey_name! level!:code updated_at!",
    "survey.questions": "survey_id* question_id* question_text metric!:code measure:code scale_min:int scale_max:int "
    "is_reversed updated_at!",
    "survey.invitations": "invitation_id* survey_id! account_id! contact_id! channel!:code sent_at! disposition:code "
    "attempts:int interaction_id journey_id is_deleted updated_at!",
    "survey.responses": "response_id* survey_id! invitation_id account_id contact_id channel started_at "
    "submitted_at! language interaction_id journey_id is_deleted updated_at!",
    "survey.answers": "response_id* question_id* score:number text is_deleted updated_at!",
    "survey.follow_ups": "follow_up_id* response_id! team_id!:code opened_at! acknowledged_at contacted_at closed_at "
    "resolution:code notes is_deleted updated_at!",
}
ENDINGS = {"_id": "id", "_at": "ts", "_on": "date"}


def by_name(name: str) -> str:
    if name.startswith("is_"):
        return "bool"
    if name in ("time_zone", "currency"):
        return name
    return next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), "text")


def promised(entry: str) -> tuple[str, str, bool, bool, bool]:
    name, _, kind = entry.partition(":")
    bare = name.rstrip("*!%")
    return bare, kind or by_name(bare), "*" in name, "*" in name or "!" in name, "%" in name


def test_the_contracts_hold_what_is_promised_in_loading_order() -> None:
    found = {
        name: [(c.name, c.type, c.is_key, c.is_required, c.is_personal) for c in contract.columns]
        for name, contract in load_contracts().items()
    }
    assert list(found) == list(PROMISED)
    provenance = [promised("_vendor_file"), promised("_vendor_id:text")]
    assert found == {
        name: [*(promised(entry) for entry in entries.split()), *provenance] for name, entries in PROMISED.items()
    }


def test_closed_lists() -> None:
    closed = {
        f"{name}.{c.name}": " ".join(c.allowed)
        for name, contract in load_contracts().items()
        for c in contract.columns
        if c.allowed
    }
    assert closed == {
        "crm.accounts.status": "prospect active churned other",
        "crm.interactions.channel": "email phone meeting portal chat field system",
        "crm.interactions.direction": "inbound outbound",
        "billing.invoices.collection": "on_terms automatic",
        "billing.payments.kind": "payment refund credit_note write_off",
        "billing.notices.notice_kind": "reminder dunning suspension_warning statement dispute_reply",
        "survey.surveys.level": "relationship experience touchpoint",
        "survey.questions.metric": "nps csat ces loyalty rating comment",
        "survey.invitations.channel": "email phone in_app sms in_person",
        "survey.invitations.disposition": "sent bounced opened started completed partial refused unreachable "
        "ineligible",
    }


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_every_file_follows_the_standard(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(document, json.loads(OpenDataContractStandard.json_schema()))
    assert path.name == f"{document['name']}.odcs.yaml"


def test_every_contract_and_column_is_described_and_owned() -> None:
    for contract in load_contracts().values():
        assert contract.description and contract.grain and "@" in contract.owner, contract.name
        for column in contract.columns:
            assert len(column.description) > 10, f"{contract.name}.{column.name}"


def test_a_contract_at_fault_is_named(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    text = (FOLDER / "crm.sites.odcs.yaml").read_text()
    (tmp_path / "bad.odcs.yaml").write_text(text.replace("physicalType: ts", "physicalType: instant"))
    monkeypatch.setattr(contracts, "FOLDER", tmp_path)
    with pytest.raises(
        ValueError, match=r"bad\.odcs\.yaml: .*column updated_at: physicalType 'instant' is not one of id"
    ):
        load_contracts.__wrapped__()


def test_the_dbt_sources_are_up_to_date() -> None:
    assert TARGET.read_text() == dbt_sources_yaml(), "run: python -m ingest.contracts"
    assert COLUMNS.read_text() == landed_columns_macro(), "run: python -m ingest.contracts"


def test_the_dbt_sources_describe_every_column() -> None:
    sources = {source["name"]: source["tables"] for source in yaml.safe_load(dbt_sources_yaml())["sources"]}
    assert list(sources) == ["raw", "memory", "vault", "quarantine"]
    beside = {table["name"] for table in sources["raw"]} - {contract.table for contract in load_contracts().values()}
    assert beside == {"load_ledger"}
    assert {table["name"] for table in sources["memory"] if not table["name"].startswith("published_")} == {
        *("clock", "last_build", "built_loads", "last_run", "scored_periods"),
        *("publications", "restatements", "deliveries", "notice_checks"),
    }
    assert {table["name"] for table in sources["vault"]} == {
        "crm_accounts",
        "crm_contacts",
        "contact_keys",
        "owner_keys",
    }
    for table in (table for tables in sources.values() for table in tables):
        assert table["description"]
        assert all(column["description"] for column in table["columns"])
    personal = {"full_name", "email", "phone", "owner_email"}
    assert not personal & {column["name"] for table in sources["raw"] for column in table["columns"]}
