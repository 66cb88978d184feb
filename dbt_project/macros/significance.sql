{#-
    Two-sided p-values of t statistics with whole degrees of freedom, by the finite series of Abramowitz and Stegun
    26.7.3 and 26.7.4: exact, and made of nothing an engine lacks. With tan(angle) = t / sqrt(n), the chance of a
    smaller |t| is, for n even, sin * (1 + 1/2 cos^2 + 1*3/(2*4) cos^4 + ...) and, for n odd,
    2/pi * (angle + sin * (cos + 2/3 cos^3 + 2*4/(3*5) cos^5 + ...)), with n / 2 terms, rounded down.

    Rows of `tests` with a column p_value; null where the statistic is.

    tests    a CTE with t_statistic and degrees (a whole number, at least 2), named by `keys`
    numbers  a CTE with the column number: whole numbers, as doubles, from 0 to at least half the degrees
-#}
{% macro with_p_values(tests, keys, numbers) -%}
    select
        tests.*,
        -- rounding may lead a hair outside; least and greatest pass over nulls, so what is not known must not reach them
        case when series.p_value is not null then greatest(0.0, least(1.0, series.p_value)) end as p_value
    from {{ tests }} as tests
    left join (
        select
            {% for key in keys %}angles.{{ key }}, {% endfor %}
            1.0 - case
                when angles.is_odd then 2.0 / pi() * (angles.angle + angles.sine * {{ series_sum('odd') }})
                else angles.sine * {{ series_sum('even') }}
            end as p_value
        from (
            select
                {{ keys | join(', ') }},
                degrees,
                degrees % 2 = 1 as is_odd,
                atan(abs(t_statistic) / sqrt(degrees)) as angle,
                abs(t_statistic) / sqrt(degrees + t_statistic * t_statistic) as sine,
                -0.5 * ln(1.0 + t_statistic * t_statistic / degrees) as log_cosine
            from {{ tests }}
            where t_statistic is not null
        ) as angles
        inner join (
            select
                number,
                {{ series_factors('(2 * number - 1) / (2 * number)') }} as even_log,
                {{ series_factors('2 * number / (2 * number + 1)') }} as odd_log
            from {{ numbers }}
        ) as factors on angles.degrees >= 2 * factors.number + 2
        group by
            {% for key in keys %}angles.{{ key }}, {% endfor %}angles.is_odd, angles.angle, angles.sine
    ) as series
        on {{ same('tests', 'series', keys) }}
{%- endmacro %}

{% macro series_factors(factor) -%}
    cast(sum(cast(case when number > 0 then ln({{ factor }}) else 0 end as {{ type_exact() }})) over (
                    order by number
                ) as {{ type_double() }})
{%- endmacro %}

{% macro series_sum(parity) -%}
    {{ stable_sum(
        'exp(factors.' ~ parity ~ '_log + (2 * factors.number + ' ~ (1 if parity == 'odd' else 0)
        ~ ') * angles.log_cosine)'
    ) }}
{%- endmacro %}

{#- What may be said of a change: nothing unless it is more than chance. -#}
{% macro change_verdict(is_detectable, score_change) -%}
    case
        when {{ is_detectable }} and {{ score_change }} > 0 then 'improved'
        when {{ is_detectable }} and {{ score_change }} < 0 then 'declined'
        else 'no detectable change'
    end
{%- endmacro %}
