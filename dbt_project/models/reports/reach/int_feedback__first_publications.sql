/*
Grain    one row per response ever landed
Measure  when it was loaded, and served by the first version published after that
Nulls    served_at until there is such a version
*/
with

loads as (

    select * from {{ ref('stg_survey__response_loads') }}

),

instants as (

    select first_loaded_at
    from loads
    group by first_loaded_at

),

publications as (

    select
        instants.first_loaded_at,
        min(publications.published_at) as served_at
    from instants
    inner join {{ source('memory', 'publications') }} as publications
        on instants.first_loaded_at <= publications.published_at
    group by instants.first_loaded_at

)

select
    loads.response_id,
    loads.first_loaded_at as loaded_at,
    publications.served_at
from loads
left join publications on loads.first_loaded_at = publications.first_loaded_at
