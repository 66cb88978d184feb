/*
Grain    one row per period in which accounts' answers about stages add up otherwise since the last publication
Measure  none
Nulls    none
*/
{{ changed('int_stage_answers_summed', 'period_key') }}
