/*
Grain    one row per calendar day
Measure  every day from the first recorded event to the last one or the clock, whichever is later
Nulls    none
*/
with

instants as (

    select as_of as happened_at from {{ source('memory', 'clock') }}

    union all

    select min(occurred_at) from {{ ref('stg_crm__interactions') }}

    union all

    select max(occurred_at) from {{ ref('stg_crm__interactions') }}

    union all

    select min(submitted_at) from {{ ref('stg_survey__responses') }}

    union all

    select max(submitted_at) from {{ ref('stg_survey__responses') }}

    union all

    select min(sent_at) from {{ ref('stg_survey__invitations') }}

    union all

    select max(sent_at) from {{ ref('stg_survey__invitations') }}

    union all

    select {{ instant_of('min(issued_on)') }} from {{ ref('stg_billing__invoices') }}

    union all

    select {{ instant_of('max(due_on)') }} from {{ ref('stg_billing__invoices') }}

),

bounds as (

    select
        cast(date_trunc('month', min(happened_at)) as date) as first_day,
        {{ day_of('max(happened_at)') }} as last_day
    from instants

)

{{ day_series('bounds.first_day', 'bounds.last_day', 'bounds') }}
