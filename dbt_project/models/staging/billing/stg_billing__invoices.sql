/*
Grain    one row per invoice
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed; an empty collection is on terms.
*/
{{ latest_version(
    'billing_invoices', ['invoice_id'], defaults={'is_disputed': 'false', 'collection': "'on_terms'"}
) }}
