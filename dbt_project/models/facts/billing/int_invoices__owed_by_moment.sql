/*
Grain    one row per moment whose invoice landed
Measure  what was known then of the invoice: the version with the latest updated_at (the earliest, where every one is
         later), payments up to and at that instant, credits from their day on; and of the account's other invoices
         that were issued and known by that day: those of its number, and those it may be set off against
Nulls    promised_on without a promise
*/
with

moments as (

    select * from {{ ref('int_billing__moments') }}

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

versions as (

    select * from {{ ref('stg_billing__invoice_versions') }}

),

payments as (

    select
        payments.invoice_id,
        {{ paid_change('payments') }} + {{ credited_change('payments') }} as settled_amount,
        payments.paid_at,
        case
            when {{ credited_change('payments') }} > 0 then {{ local_day('payments.paid_at', 'invoices.time_zone') }}
        end as credited_on
    from {{ ref('stg_billing__payments') }} as payments
    inner join invoices on payments.invoice_id = invoices.invoice_id

),

looked_at as (

    {{ invoices_looked_at('invoices', 'versions') }}

),

states as (

    select
        moments.moment_id,
        moments.on_day,
        moments.known_at,
        looked_at.is_netted,
        looked_at.other_id = looked_at.invoice_id as is_own,
        looked_at.other_id,
        invoices.currency,
        versions.amount,
        versions.is_disputed,
        versions.promised_on,
        coalesce(moments.on_day >= versions.voided_on, false) as is_voided
    from moments
    inner join looked_at on moments.invoice_id = looked_at.invoice_id
    inner join invoices on looked_at.other_id = invoices.invoice_id
    inner join versions
        on
            looked_at.other_id = versions.invoice_id
            and coalesce(moments.known_at >= versions.valid_from, true)
            and coalesce(moments.known_at < versions.valid_to, true)
    where
        looked_at.other_id = moments.invoice_id
        or moments.notice_id is null
        or (
            coalesce(moments.on_day >= invoices.issued_on, true)
            and moments.on_day >= {{ local_day('versions.first_known_at', 'invoices.time_zone') }}
        )

),

settled as (

    select
        states.moment_id,
        states.is_netted,
        states.other_id,
        sum(payments.settled_amount) as settled_amount
    from states
    inner join payments on states.other_id = payments.invoice_id
    where states.known_at >= payments.paid_at or states.on_day >= payments.credited_on
    group by
        states.moment_id,
        states.is_netted,
        states.other_id

),

owed as (

    select
        states.*,
        case
            when states.is_voided then 0
            else {{ owed_amount('states.amount', 'coalesce(settled.settled_amount, 0)') }}
        end as open_amount
    from states
    left join settled
        on
            states.moment_id = settled.moment_id
            and states.is_netted = settled.is_netted
            and states.other_id = settled.other_id

),

others as (

    select
        moment_id,
        sum(case when is_netted then open_amount end) as net_amount,
        sum(case when not is_netted and open_amount > 0 then 1 else 0 end) as open_twin_count
    from owed
    where is_netted or not is_own
    group by moment_id

)

select
    owed.moment_id,
    owed.currency,
    owed.is_disputed,
    owed.promised_on,
    owed.open_amount > 0 as is_open,
    owed.open_amount > 0 and coalesce(others.net_amount > 0, true) as is_owed,
    owed.open_amount > 0 and coalesce(others.open_twin_count > 0, false) as is_billed_twice
from owed
left join others on owed.moment_id = others.moment_id
where owed.is_own and not owed.is_netted
