/*
Grain    one row per payment
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    a negative amount is a refund.
*/
{{ latest_version('billing_payments', ['payment_id'], happened='paid_at') }}
