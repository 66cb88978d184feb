/*
Grain    one row per response and reason for which its parts may belong to other teams than when last published
Measure  interactions asked about that landed, changed, have another owner or are relevant to others now
Nulls    none
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where nps_value is not null

),

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

interaction_changes as (

    {{ landed_changes(
        source('raw', 'crm_interactions'),
        ['interaction_id'],
        ['account_id', 'contact_id', 'touchpoint', 'occurred_at', 'handled_by_team', 'journey_id'],
        people=true
    ) }}

),

touched as (

    select
        interaction_id,
        case change when 'new' then 'late_record' when 'deleted' then 'deletion' else 'correction' end as reason,
        account_id,
        contact_key,
        journey_id,
        occurred_at
    from interaction_changes
    where change <> 'deleted'

    union

    select
        interaction_id,
        case change when 'deleted' then 'deletion' else 'correction' end as reason,
        was_account_id as account_id,
        was_contact_key as contact_key,
        was_journey_id as journey_id,
        was_occurred_at as occurred_at
    from interaction_changes
    where change <> 'new'

),

spots as (

    select
        touched.interaction_id,
        touched.reason,
        {{ counted_account_id('merged', 'touched.account_id') }} as counted_account_id,
        touched.contact_key,
        touched.journey_id,
        touched.occurred_at
    from touched
    left join {{ ref('int_accounts__merges') }} as merged on touched.account_id = merged.landed_account_id

    union all

    select
        interactions.interaction_id,
        changed_interactions.reason,
        interactions.counted_account_id,
        interactions.contact_key,
        interactions.journey_id,
        interactions.occurred_at
    from interactions
    inner join {{ ref('int_changes__interactions') }} as changed_interactions
        on interactions.interaction_id = changed_interactions.interaction_id

),

of_account as (

    select response_id
    from {{ ref('int_responses__matches_by_window') }}
    where is_of_account
    group by response_id

)

{{ responses_about('spots', 'responses', 'of_account') }}
