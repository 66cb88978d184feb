/*
Money of several currencies can't be added up: each of them needs a rate on the last day of every period in which its
accounts are clients. Each currency is named once, with the first of its accounts.
*/
with

without_rate as (

    select
        accounts.account_id,
        coalesce(accounts.currency, '(empty)') as currency,
        min(periods.period_end) as first_end
    from {{ ref('int_frame__accounts') }} as framed
    inner join {{ ref('int_accounts__current') }} as accounts on framed.account_id = accounts.account_id
    inner join {{ ref('int_periods__listed') }} as periods on framed.period_key = periods.period_key
    where framed.annual_value is null
    group by
        accounts.account_id,
        coalesce(accounts.currency, '(empty)')

),

ranked as (

    select
        *,
        row_number() over (partition by currency order by account_id) as place,
        count(*) over (partition by currency) as account_count
    from without_rate

)

select
    currency,
    'currency_rates.csv: no rate for ' || currency || ' on the day before ' || cast(min(first_end) as varchar)
    || ', and not all accounts have their value in one currency: '
    || {{ string_agg_sorted('account_id', ', ', 'account_id') }}
    || case when max(account_count) > 10 then ' and ' || cast(max(account_count) - 10 as varchar) || ' more' else '' end
        as issue
from ranked
where place <= 10
group by currency
