/*
Grain    one row per payment
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    an empty kind is a payment; a payment below 0 is a refund, which the steps that read it see to.
*/
{{ latest_version('billing_payments', ['payment_id'], defaults={'kind': "'payment'"}, happened='paid_at') }}
