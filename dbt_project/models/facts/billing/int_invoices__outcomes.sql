/*
Grain    one row per invoice and change of what is known about its payment: it falls due unpaid, is paid, is voided
Measure  what the change adds to its account's record: known and on-time invoices, days late of paid ones, and the
         number and due days of those that are late and unpaid, so that days late of any day are one subtraction away
Nulls    known_at is null for changes that come with a calendar day; a day's own changes go before what happens in it
*/
with

invoices as (

    select
        *,
        {{ days_between("date '1970-01-01'", 'due_on') }} as due_day,
        {{ days_between('due_on', 'paid_on') }} as paid_days_late,
        {{ add_days('due_on', 1) }} as late_from,
        coalesce(voided_on, {{ end_of_time() }}) as void_day,
        coalesce(paid_on, {{ end_of_time() }}) as paid_day
    from {{ ref('int_invoices__settlements') }}
    where amount > 0

),

late as (

    select
        *,
        'fell_due' as outcome,
        late_from as on_day,
        cast(null as {{ type_instant() }}) as known_at,
        1 as known_change,
        0 as on_time_change,
        0 as days_late_change,
        1 as unpaid_change,
        due_day as unpaid_due_change
    from invoices
    where due_on < paid_day and late_from < void_day

),

paid as (

    select
        *,
        'paid' as outcome,
        paid_on as on_day,
        paid_at as known_at,
        case when paid_on > due_on then 0 else 1 end as known_change,
        case when paid_on > due_on then 0 else 1 end as on_time_change,
        case when paid_on > due_on then paid_days_late else 0 end as days_late_change,
        case when paid_on > due_on then -1 else 0 end as unpaid_change,
        case when paid_on > due_on then -due_day else 0 end as unpaid_due_change
    from invoices
    where paid_on is not null and paid_on < void_day

),

voided as (

    select
        *,
        'voided' as outcome,
        voided_on as on_day,
        cast(null as {{ type_instant() }}) as known_at,
        -1 as known_change,
        case when paid_day < void_day and paid_day <= due_on then -1 else 0 end as on_time_change,
        case when paid_day < void_day and paid_day > due_on then -paid_days_late else 0 end as days_late_change,
        case when paid_day >= void_day then -1 else 0 end as unpaid_change,
        case when paid_day >= void_day then -due_day else 0 end as unpaid_due_change
    from invoices
    where voided_on is not null and (paid_day < void_day or late_from < void_day)

),

changes as (

    select * from late
    union all
    select * from paid
    union all
    select * from voided

)

select
    invoice_id,
    account_id,
    counted_account_id,
    currency,
    outcome,
    on_day,
    known_at,
    cast(known_change as bigint) as known_change,
    cast(on_time_change as bigint) as on_time_change,
    cast(days_late_change as bigint) as days_late_change,
    cast(unpaid_change as bigint) as unpaid_change,
    cast(unpaid_due_change as bigint) as unpaid_due_change
from changes
