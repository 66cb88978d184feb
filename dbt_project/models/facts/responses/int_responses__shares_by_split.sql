{%- set splits = interaction_splits() -%}
/*
Grain    one row per scored touchpoint or experience response, split and group of the relevant interactions it asks
         about
Measure  share: the group's part of the response by the relevance of its interactions; per split the shares of a
         response sum to 1
Nulls    none: what has no such group, and a response with nothing to share, is `unknown`
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where
        nps_value is not null
        and level in ('touchpoint', 'experience')

),

matches as (

    select * from {{ ref('int_responses__matches_by_interaction') }}

),

products as (

    select * from {{ ref('stg_crm__products') }}

),

bundles as (

    select * from {{ ref('int_accounts__bundles') }}

),

touchpoints as (

    select * from {{ ref('stg_programme__touchpoints') }}

),

placed as (

    select
        matches.response_id,
        matches.weight,
        coalesce(products.product_id, 'unknown') as product,
        coalesce(bundles.bundle_id, 'unknown') as bundle,
        coalesce(touchpoints.journey, 'unknown') as journey,
        coalesce(touchpoints.stage, 'unknown') as stage,
        matches.touchpoint
    from matches
    left join products on matches.product_id = products.product_id
    left join bundles on matches.account_id = bundles.account_id
    left join touchpoints on matches.touchpoint = touchpoints.touchpoint

),

groups as (

    {% for split in splits -%}
    select
        response_id,
        '{{ split }}' as split,
        {{ split }} as group_id,
        {{ stable_sum('weight') }} as weight
    from placed
    group by
        response_id,
        {{ split }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

splits as (

    {% for split in splits -%}
    select '{{ split }}' as split
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor %}

)

{{ shares_of_responses('responses', 'splits', 'groups', 'split', 'group_id', 'unknown') }}
