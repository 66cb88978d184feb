{#-
    Account weights of which none is above `cap`; what is cut off goes to the others pro rata until that is stable.
    The largest accounts are capped one after another until the next, scaled up by what is left, stays below the
    cap. A cap that cannot be met (fewer than 1/cap accounts) makes all equal.

    shares  a CTE with period_key, account_id, weights that add up to 1 in a period, and account_count, how many
    weight  the column with the weight
-#}
{% macro capped_shares(shares, weight, cap) -%}
select
    period_key,
    account_id,
    case
        when account_count * {{ cap }} <= 1.0 then 1.0 / account_count
        when share_rank <= capped_count then {{ cap }}
        -- the capped ones had it all: what was cut off goes to the others in equal parts
        when 1.0 - capped_weight <= {{ var('tolerance') }}
            then (1.0 - capped_count * {{ cap }}) / (account_count - capped_count)
        else {{ weight }} * (1.0 - capped_count * {{ cap }}) / (1.0 - capped_weight)
    end as {{ weight }}
from (
    select
        *,
        min(case when is_below then share_rank - 1 end) over (partition by period_key) as capped_count,
        min(case when is_below then larger_weight end) over (partition by period_key) as capped_weight
    from (
        select
            *,
            {{ weight }} * (1.0 - (share_rank - 1) * {{ cap }})
            <= {{ cap }} * (1.0 - larger_weight) as is_below
        from (
            select
                *,
                row_number() over (partition by period_key order by {{ weight }} desc, account_id) as share_rank,
                cast(coalesce(sum(cast({{ weight }} as {{ type_exact() }})) over (
                    partition by period_key order by {{ weight }} desc, account_id
                    rows between unbounded preceding and 1 preceding
                ), 0) as {{ type_double() }}) as larger_weight
            from {{ shares }}
        ) as ordered
    ) as compared
) as counted
{%- endmacro %}
