/*
Grain    one row per survey level, period, split and group of the frame that answered
Measure  value_voice and account_voice: how much of the voice of its accounts, under these weightings, their answering
         roles cover; own_coverage: of a single account, whatever its voice; value_, account_ and none_answered_value:
         annual value of accounts with a response that weighs in the group under each weighting
Nulls    own_coverage is null where no present role of the group weighs
*/
with

parts as (

    select
        coverages.*,
        accounts.{{ account_attributes() | join(',\n        accounts.') }},
        accounts.annual_value,
        voices.value_voice,
        voices.account_voice
    from {{ ref('int_nps__coverage_by_account') }} as coverages
    inner join {{ ref('int_frame__accounts_to_score') }} as accounts
        on
            coverages.period_key = accounts.period_key
            and coverages.account_id = accounts.account_id
    left join {{ ref('int_frame__account_weights') }} as voices
        on
            coverages.period_key = voices.period_key
            and coverages.account_id = voices.account_id

)

select
    level,
    period_key,
    part as split,
    part_id as group_id,
    {{ covered_sums() }}
from parts
where part <> 'account'
group by
    level,
    period_key,
    part,
    part_id

union all

select
    level,
    period_key,
    {{ group_columns(account_splits()) }},
    {{ covered_sums() }}
from parts
where part = 'account'
{{ group_sets(['level', 'period_key'], account_splits()) }}  -- noqa: PRS
