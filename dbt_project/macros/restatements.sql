{#- Rows of a table the publisher keeps that speak of the last publication; none before the first one. -#}
{% macro last_published(table) -%}
    select remembered.*
    from {{ source('memory', table) }} as remembered
    inner join (
        select max(version) as version from {{ source('memory', 'publications') }}
    ) as last_publication on remembered.version = last_publication.version
{%- endmacro %}

{#-
    What landed since the last publication did to records, out of their landed versions: one row per record that became
    another one. `change` is new (nobody knew the record, or it was deleted), corrected (one of the columns) or deleted.
    Each column is told as it is now and, as `was_<column>`, as the last publication saw it: empty for a new record. Before
    the first publication there is none.

    keys            what names a record
    columns         what makes it another record when it differs
    has_deletions   whether its versions say is_deleted
    condition       which versions count
    people          whether it names a contact, who is a key from here on
-#}
{% macro landed_changes(versions, keys, columns=[], has_deletions=true, people=false, condition='true') -%}
    {%- set told = [] -%}
    {%- for name in keys + columns if name != 'contact_id' %}{% do told.append('changes.' ~ name) %}{% endfor -%}
    {%- for name in columns if name != 'contact_id' %}{% do told.append('changes.was_' ~ name) %}{% endfor -%}
    {%- if people %}{% do told.append('contact_keys.contact_key') %}{% endif -%}
    {%- if 'contact_id' in columns %}{% do told.append('was_contact_keys.contact_key as was_contact_key') %}{% endif -%}
with

published_loads as (

    {{ last_published('published_loads') }}

),

new_loads as (

    select load_id
    from {{ source('raw', 'load_ledger') }}
    where exists (select 1 from published_loads)

    except

    select load_id from published_loads

),

touched as (

    select {{ keys | join(', ') }}
    from {{ versions }}
    where
        _load_id in (select new_loads.load_id from new_loads)
        and {{ condition }}
    group by {{ keys | join(', ') }}

),

versions as (

    select
        landed.*,
        {%- if not has_deletions %}
        false as is_deleted,
        {%- endif %}
        published_loads.load_id is not null as is_published,
        {{ version_rank(prefixed('landed', keys)) }} as now_rank,
        {{ version_rank(prefixed('landed', keys) + ['published_loads.load_id is not null']) }} as was_rank
    from {{ versions }} as landed
    inner join touched on {{ same('landed', 'touched', keys) }}
    left join published_loads on landed._load_id = published_loads.load_id
    where {{ condition }}

),

changes as (

    select
        {%- for column in keys %}
        now.{{ column }},
        {%- endfor %}
        {%- for column in columns %}
        now.{{ column }},
        was.{{ column }} as was_{{ column }},
        {%- endfor %}
        case
            when coalesce(now.is_deleted, false) and not coalesce(was.is_deleted, was.updated_at is null)
                then 'deleted'
            when not coalesce(now.is_deleted, false) and coalesce(was.is_deleted, was.updated_at is null)
                then 'new'
            {%- if columns %}
            when
                not coalesce(now.is_deleted, false)
                and {{ any_differs(columns, 'now.', 'was.') }}
                then 'corrected'
            {%- endif %}
        end as change
    from versions as now
    left join versions as was
        on {{ same('now', 'was', keys) }} and was.is_published and was.was_rank = 1
    where now.now_rank = 1

)

select
    {{ told | join(',\n    ') }},
    changes.change
from changes
{%- if people %}
left join {{ source('vault', 'contact_keys') }} as contact_keys on changes.contact_id = contact_keys.contact_id
{%- endif %}
{%- if 'contact_id' in columns %}
left join {{ source('vault', 'contact_keys') }} as was_contact_keys
    on changes.was_contact_id = was_contact_keys.contact_id
{%- endif %}
where changes.change is not null
{%- endmacro %}

{#- Whether one of the columns is another one than it was when last published. -#}
{% macro any_differs(columns, now='', was='was_') -%}
    ({% for column in columns %}
        {{- ' or ' if not loop.first }}{{ now }}{{ column }} is distinct from {{ was }}{{ column }}
    {%- endfor %})
{%- endmacro %}

{% macro prefixed(relation, columns) -%}
    {%- set names = [] -%}
    {%- for column in columns %}{% do names.append(relation ~ '.' ~ column) %}{% endfor -%}
    {{ return(names) }}
{%- endmacro %}

{#- The numbers that are remembered from publication to publication, out of headlines and contributions of teams. -#}
{% macro restated_numbers(headlines, teams) -%}
    select
        'headline' as number,
        level,
        {{ period_key() }} as period_key,
        period_grain,
        period_start,
        period_end,
        cast(null as varchar) as attribution_rule,
        cast(null as varchar) as team_id,
        score as points
    from {{ headlines }}

    union all

    select
        'team_contribution' as number,
        level,
        {{ period_key() }} as period_key,
        period_grain,
        period_start,
        period_end,
        attribution_rule,
        team_id,
        contribution as points
    from {{ teams }}
    where weighting = '{{ var("headline_weighting") }}'
{%- endmacro %}

{#-
    Responses whose parts rest on some of the interactions in `spots`, with the reason why those are looked at: the one
    asked about, those of its journey, the respondent's own, or the account's where there are none of the respondent.
-#}
{% macro responses_about(spots, responses, matched_by_account) -%}
select
    responses.response_id,
    spots.reason
from {{ responses }} as responses
inner join {{ spots }} as spots on responses.interaction_id = spots.interaction_id
where responses.level = 'touchpoint'

union

select
    responses.response_id,
    spots.reason
from {{ responses }} as responses
inner join {{ spots }} as spots
    on
        responses.journey_id = spots.journey_id
        and responses.counted_account_id = spots.counted_account_id
        and responses.submitted_at >= spots.occurred_at
where responses.level = 'experience'

union

select
    responses.response_id,
    spots.reason
from {{ responses }} as responses
inner join {{ spots }} as spots
    on
        responses.contact_key = spots.contact_key
        and {{ in_attribution_window('spots', 'responses') }}
where responses.level = 'relationship'

union

select
    responses.response_id,
    spots.reason
from {{ responses }} as responses
inner join {{ matched_by_account }} as by_account on responses.response_id = by_account.response_id
inner join {{ spots }} as spots
    on
        responses.counted_account_id = spots.counted_account_id
        and {{ in_attribution_window('spots', 'responses') }}
where responses.level = 'relationship'
{%- endmacro %}
