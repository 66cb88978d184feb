"""Records that are wrong, odd or hostile, as people type them into a spreadsheet.

Belongs here: the fixed text of small files, one record per line of source, each with the reason it is here. Good
records between the bad ones must load. Each entity has fewer than 20 bad ones, so that no batch stops.
Does not: errors at a rate (landing, and the SQL of each entity).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sheet:
    """A small landed file: its path, its header (none for JSON Lines) and its records, as raw text."""

    path: str
    header: str
    records: tuple[str, ...]

    @property
    def entity(self) -> str:
        """The `source.entity` the file belongs to."""
        return ".".join(self.path.split("/")[:2])

    def content(self) -> bytes:
        """The bytes of the file; one saved by a spreadsheet program (`_excel`) has a byte order mark and CRLF."""
        lines = [line for line in (self.header, *self.records) if line]
        if "_excel" in self.path:
            return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
        return ("\n".join(lines) + "\n").encode()


SHEETS = (
    Sheet(
        "crm/accounts/accounts_hand_kept_excel.csv",
        "account_id,account_name,account_type,time_zone,currency,annual_value,customer_since,status,"
        "is_deleted,updated_at,remark",  # remark: a column nobody knows
        (
            '00099001,"Vale & Brook, ""Family"" Ltd",small_business,Europe/London,GBP,5400.00,2019-05-01,'
            "active,FALSE,2026-08-01T09:00:00+02:00,an offset and a boolean in capitals",
            "0010A00000AbCdE,Case One AB,mid_market,Europe/Berlin,EUR,80,2020-01-01,active,0,2026-08-01T08:00:00Z,15",
            "0010A00000aBcDe,Case Two AB,mid_market,Europe/Berlin,EUR,80,2020-01-01,active,0,2026-08-01T08:00:00Z,15",
            "0010A00000AbCdEEA2,Case One Long,mid_market,,EUR,80,2020-01-01,active,0,2026-08-01T08:00:00Z,18",
            "00099010,Bad Date Ltd,mid_market,UTC,EUR,9000,31.02.2020,active,false,2026-08-02T08:00:00Z,bad date",
            "00099011,,mid_market,UTC,EUR,90,2020-01-01,active,false,2026-08-02T08:00:00Z,no name",
            "00099012,Bad Status Ltd,mid_market,UTC,EUR,90,2020-01-01,lost,false,2026-08-02T08:00:00Z,status",
            "00099013,Bad Zone Ltd,mid_market,Mars/Olympus,EUR,90,2020-01-01,active,false,2026-08-02T08:00:00Z,zone",
            "00099014,Bad Code Ltd,Enterprise,UTC,EUR,90,2020-01-01,active,false,2026-08-02T08:00:00Z,capital code",
            "00099015,Bad Money Ltd,mid_market,UTC,EUR,9.000 EUR,2020-01-01,active,false,2026-08-02T08:00:00Z,money",
            "00099016,Too Narrow Ltd,mid_market",
            ",No Key Ltd,mid_market,UTC,EUR,90,2020-01-01,active,false,2026-08-02T08:00:00Z,no key",
            "unknown,Reserved Ltd,mid_market,UTC,EUR,90,2020-01-01,active,false,2026-08-02T08:00:00Z,reserved key",
        ),
    ),
    Sheet(
        "crm/accounts/accounts_hand_kept_fixed.jsonl",
        "",
        (
            '{"account_id": "00099010", "account_name": "Good Date Ltd", "account_type": "mid_market", '
            '"customer_since": "2020-02-29", "status": "active", "updated_at": "2026-08-20T08:00:00Z"}',  # corrected
            '{"account_id": "00099020", "account_name": "Broken line',
        ),
    ),
    Sheet(
        "crm/sites/sites_hand_kept.csv",
        "site_id,account_id,site_name,time_zone,updated_at",
        (
            "S-HAND-1,00004000,Annex,Europe/Berlin,2026-08-01T10:00:00Z",
            "S-HAND-2,ACCOUNT-NOBODY-KNOWS,Orphan,Europe/Berlin,2026-08-01T10:00:00Z",
            "S-HAND-3,00004000,No instant,Europe/Berlin,",
        ),
    ),
    Sheet(
        "crm/products/products_hand_kept.csv",
        "product_id,product_name,product_line,updated_at",
        ("PRD-900,Trial kit,equipment,2026-08-01T10:00:00Z", "PRD-901,,equipment,2026-08-01T10:00:00Z"),
    ),
    Sheet(
        "crm/subscriptions/subscriptions_hand_kept.csv",
        "subscription_id,account_id,product_id,started_on,annual_value,updated_at",
        (
            "SUB-HAND-1,00099001,PRD-900,2026-08-01,120.00,2026-08-01T10:00:00Z",
            "SUB-HAND-2,00099001,PRD-900,01/08/2026,120.00,2026-08-01T10:00:00Z",
        ),
    ),
    Sheet(
        "crm/contacts/contacts_hand_kept_excel.csv",
        "contact_id,account_id,full_name,email,phone,language,preferred_channel,is_active,has_opted_out,updated_at",
        (
            'C-HAND-1,00099001,"Nováková, Zoë",zoe@example.org,+49 30 5559001,cs,email,TRUE,0,2026-08-01T10:00:00Z',
            "C-HAND-2,0010A00000AbCdE,=1+1,sum@example.org,,en,email,1,0,2026-08-01T10:00:00Z",
            "C-HAND-3,00099001,No Boolean,nb@example.org,,en,email,yes,0,2026-08-01T10:00:00Z",
            ",00099001,No Key,nk@example.org,,en,email,1,0,2026-08-01T10:00:00Z",
            "C-HAND-4,00099001,Too,wide@example.org,,en,email,1,0,2026-08-01T10:00:00Z,one,two",
        ),
    ),
    Sheet(
        "crm/contacts/contacts_hand_kept_deleted.csv",  # all that the export of deletions has
        "contact_id,is_deleted,updated_at",
        (
            "0030000031000,true,2026-08-20T10:00:00Z",
            "0030000047001,true,2026-08-20T10:00:00Z",
            "C-HAND-GONE,true,2026-08-20T10:00:00Z",  # nobody landed before
        ),
    ),
    Sheet(
        "crm/contact_roles/contact_roles_hand_kept.csv",
        "contact_id,account_id,role,valid_from,valid_to,updated_at",
        (
            "C-HAND-1,00099001,buyer,2019-05-01,,2026-08-01T10:00:00Z",
            "C-HAND-1,0010A00000AbCdE,user,2025-01-01,,2026-08-01T10:00:00Z",  # a second account
            "C-HAND-2,0010A00000AbCdE,brand_ambassador,2020-01-01,,2026-08-01T10:00:00Z",  # a role nobody defined
            "C-HAND-2,0010A00000AbCdE,user,2025-13-01,,2026-08-01T10:00:00Z",
            "C-HAND-2,0010A00000AbCdE,,2025-01-01,,2026-08-01T10:00:00Z",
        ),
    ),
    Sheet(
        "crm/interactions/interactions_hand_kept.csv",
        "interaction_id,account_id,contact_id,touchpoint,channel,direction,occurred_at,journey_id,effort_minutes,body,"
        "updated_at,entered_by",
        (
            "IXH-1,00099001,C-HAND-1,usage_report,email,outbound,2026-08-03T10:00:00+02:00,,5,"
            '"Two lines,\nand a ""quote""",2026-08-03T10:00:00Z,ann',  # a scope without owner, a quoted line break
            "IXH-2,ACCOUNT-NOBODY,C-HAND-1,sales_call,phone,outbound,2026-08-03T10:00:00Z,,5,,2026-08-03T10:00:00Z,ann",
            "IXH-3,00099001,CONTACT-NOBODY,sales_call,phone,outbound,2026-08-03T10:00:00Z,,5,,2026-08-03T10:00:00Z,ann",
            "IXH-4,00099001,C-HAND-1,trade_fair_booth,meeting,inbound,2026-08-04T10:00:00Z,,30,,2026-08-04T10:00:00Z,ann",
            "IXH-5,00099001,C-HAND-1,sales_call,phone,outbound,yesterday,,5,,2026-08-04T10:00:00Z,ann",
            "IXH-6,00099001,C-HAND-1,sales_call,pigeon,outbound,2026-08-04T10:00:00Z,,5,,2026-08-04T10:00:00Z,ann",
            "IXH-7,00099001,C-HAND-1,sales_call,phone,sideways,2026-08-04T10:00:00Z,,5,,2026-08-04T10:00:00Z,ann",
            "IXH-8,,C-HAND-1,sales_call,phone,outbound,2026-08-04T10:00:00Z,,5,,2026-08-04T10:00:00Z,ann",
            "IXH-9,00099001,C-HAND-1,Sales_Call,phone,outbound,2026-08-04T10:00:00Z,,5,,2026-08-04T10:00:00Z,ann",
            "IXH-10,00099001,,sales_call,phone,outbound,2026-08-04T10:00:00Z,,half hour,,2026-08-04T10:00:00Z,ann",
            "unassigned,00099001,C-HAND-1,sales_call,phone,outbound,2026-08-04T10:00:00Z,,5,,2026-08-04T10:00:00Z,ann",
            "IXH-11,00099001,C-HAND-1",
        ),
    ),
    Sheet(
        "billing/invoices/invoices_hand_kept_excel.csv",
        "invoice_id,account_id,invoice_number,issued_on,due_on,amount,currency,updated_at",
        (
            "00000123,00099001,H-1,2026-08-01,2026-08-31,1350.00,GBP,2026-08-01T10:00:00Z",
            "00000124,ACCOUNT-NOBODY-KNOWS,H-2,2026-08-01,2026-08-31,10.00,GBP,2026-08-01T10:00:00Z",
            "00000125,00099001,H-3,2026-01-31,2026-02-30,10.00,GBP,2026-08-01T10:00:00Z",
            '00000126,00099001,H-4,2026-08-01,2026-08-31,"1.234,50",GBP,2026-08-01T10:00:00Z',
            "00000127,00099001,H-5,2026-08-01,,10.00,GBP,2026-08-01T10:00:00Z",
        ),
    ),
    Sheet(
        "billing/payments/payments_hand_kept.jsonl",
        "",
        (
            '{"payment_id": "PAY-HAND-1", "invoice_id": "00000123", "paid_at": "2026-08-30T12:00:00", '
            '"amount": "1350.00", "updated_at": "2026-08-30T12:05:00Z"}',
            '{"payment_id": "PAY-HAND-2", "invoice_id": "INVOICE-NOBODY-KNOWS", "paid_at": "2026-08-30T12:00:00Z", '
            '"amount": 20, "updated_at": "2026-08-30T12:05:00Z", "bank": {"bic": "XXXX"}}',
            '{"payment_id": "PAY-HAND-3", "invoice_id": "00000123", "paid_at": "end of month", "amount": 20, '
            '"updated_at": "2026-08-30T12:05:00Z"}',
            '{"payment_id": "PAY-HAND-4", "invoice_id": "00000123", "paid_at": ',
        ),
    ),
    Sheet(
        "billing/notices/notices_hand_kept.csv",
        "notice_id,invoice_id,account_id,contact_id,notice_kind,channel,sent_at,sent_by_team,subject,body,updated_at",
        (
            "NT-HAND-1,00000123,00099001,C-HAND-1,reminder,email,2026-08-27T09:00:00Z,billing,Due soon,"
            '"Thank you,\nfor paying in time",2026-08-27T09:00:00Z',
            "NT-HAND-2,00000123,00099001,C-HAND-1,Dunning,email,2026-08-27T09:00:00Z,billing,Due,,2026-08-27T09:00:00Z",
            "NT-HAND-3,,00099001,C-HAND-1,reminder,email,2026-08-27T09:00:00Z,billing,Due,,2026-08-27T09:00:00Z",
        ),
    ),
    Sheet(
        "survey/surveys/surveys_hand_kept.csv",
        "survey_id,survey_name,level,updated_at",
        ("PULSE,Pulse,pulse,2026-08-01T10:00:00Z",),
    ),
    Sheet(
        "survey/questions/questions_hand_kept.csv",
        "survey_id,question_id,question_text,metric,scale_min,scale_max,updated_at",
        (
            "REL,STARS,How many stars?,stars,1,5,2026-08-01T10:00:00Z",
            "REL,OTHER,Other,rating,one,5,2026-08-01T10:00:00Z",
        ),
    ),
    Sheet(
        "survey/invitations/invitations_hand_kept.csv",
        "invitation_id,survey_id,account_id,contact_id,channel,sent_at,disposition,attempts,updated_at",
        (
            "SI-HAND-1,REL,00004000,0030000000001,phone,2026-09-08T09:00:00Z,completed,2,2026-09-10T09:00:00Z",
            "SI-HAND-2,REL,00099001,C-HAND-1,email,2026-09-08T09:00:00Z,,1,2026-09-08T09:00:00Z",
            "SI-HAND-3,REL,00099001,C-HAND-1,fax,2026-09-08T09:00:00Z,sent,1,2026-09-08T09:00:00Z",
            "SI-HAND-4,REL,00099001,C-HAND-1,email,2026-09-08T09:00:00Z,ignored,1,2026-09-08T09:00:00Z",
            "SI-HAND-5,REL,00099001,C-HAND-1,email,2026-09-08T09:00:00Z,sent,many,2026-09-08T09:00:00Z",
        ),
    ),
    Sheet(
        "survey/responses/responses_hand_kept.csv",
        "response_id,survey_id,invitation_id,account_id,contact_id,channel,submitted_at,updated_at",
        (
            "SR-HAND-1,REL,SI-HAND-1,00004000,0030000000001,phone,2026-09-10T08:00:00Z,2026-09-10T08:00:00Z",
            "SR-HAND-2,TP_FIELD,,00004000,0030000000003,phone,2026-09-10T09:00:00Z,2026-09-10T09:00:00Z",
            "SR-HAND-3,TP_FIELD,,00004000,0030000000004,phone,2026-09-10T10:00:00Z,2026-09-10T10:00:00Z",
            "SR-HAND-4,TP_FIELD,,00004000,0030000000006,phone,2026-09-10T11:00:00Z,2026-09-10T11:00:00Z",
            "SR-HAND-5,REL,,00004000,0030000000007,phone,,2026-09-10T12:00:00Z",
        ),
    ),
    Sheet(
        "survey/answers/answers_hand_kept.csv",
        "response_id,question_id,score,text,updated_at",
        (
            "SR-HAND-1,NPS,8,,2026-09-10T08:00:00Z",
            'SR-HAND-1,WHY,,"Fine, <b>mostly</b>; call me on +49 30 5550001",2026-09-10T08:00:00Z',
            "SR-HAND-1,CSAT,6,,2026-09-10T08:00:00Z",  # off the scale 1–5
            "SR-HAND-2,NPS,11,,2026-09-10T09:00:00Z",  # off the scale 0–10
            "SR-HAND-3,NPS,7.5,,2026-09-10T10:00:00Z",  # not whole
            "SR-HAND-4,NPS,,,2026-09-10T11:00:00Z",  # a score is required
            "SR-HAND-4,CSAT,ten,,2026-09-10T11:00:00Z",
            ",NPS,9,,2026-09-10T11:00:00Z",
        ),
    ),
    Sheet(
        "survey/follow_ups/follow_ups_hand_kept.csv",
        "follow_up_id,response_id,team_id,opened_at,notes,updated_at",
        (
            "FU-HAND-1,SR-HAND-1,support,2026-09-11T08:00:00Z,Called back,2026-09-11T08:00:00Z",
            "FU-HAND-2,SR-HAND-1,,2026-09-11T08:00:00Z,No team,2026-09-11T08:00:00Z",
            "FU-HAND-3,SR-HAND-1,support,soon,No instant,2026-09-11T08:00:00Z",
        ),
    ),
)


def write(out: Path, *, broken_files: bool) -> Counter[str]:
    """Write every sheet below `out` and return their records per `source.entity`.

    `broken_files` adds three unreadable files (not counted): a truncated Parquet file, one without a required
    column, and one that is not UTF-8.
    """
    for sheet in SHEETS:
        (out / sheet.path).write_bytes(sheet.content())
    # Not by default, so that the first run of a new user ends with exit code 0.
    if broken_files:
        whole = out / "crm/interactions/interactions_001.parquet"
        (out / "crm/interactions/interactions_truncated.parquet").write_bytes(whole.read_bytes()[:-200])
        (out / "billing/invoices/invoices_without_due_day.csv").write_text(
            "invoice_id,account_id,issued_on,amount,updated_at\n00000200,00099001,2026-08-01,10.00,2026-08-01T10:00:00Z\n"
        )
        (out / "crm/contacts/contacts_latin1.csv").write_bytes(
            "contact_id,account_id,full_name,updated_at\nC-HAND-9,00099001,Jörg,2026-08-01T10:00:00Z\n".encode(
                "latin-1"
            )
        )
    counts: Counter[str] = Counter()
    for sheet in SHEETS:
        counts[sheet.entity] += len(sheet.records)
    return counts
