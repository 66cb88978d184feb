/*
Grain    one row per product
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('crm_products', ['product_id']) }}
