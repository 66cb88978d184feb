{#-
    A suppressed row shows no figure, and a row shows its figures unless it is suppressed or weighs nothing. Columns
    in `hidden` are withheld with the others and may be empty for reasons of their own.
-#}
{% test hides_suppressed(model, figures, hidden=[]) %}

select
    *,
    'suppressed_reason ' || coalesce(suppressed_reason, '(empty)') || ' with '
    || {{ named_values(figures + hidden) }} as issue
from {{ model }}
where
    (
        suppressed_reason is not null
        and (
            {%- for figure in figures + hidden %}
            {{ 'or ' if not loop.first }}{{ figure }} is not null
            {%- endfor %}
        )
    )
    or (
        suppressed_reason is null
        and weight_share > 0
        and (
            {%- for figure in figures %}
            {{ 'or ' if not loop.first }}{{ figure }} is null
            {%- endfor %}
        )
    )

{% endtest %}
