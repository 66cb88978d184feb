"""The guard: may this notice go out? It answers, and blocks and sends nothing.

Belongs here: a question, the answer looked up in the published version, the wording of one text judged by the run's own
SQL, the answer in words. Does not: any rule; the verdicts are those of `rpt_notice_guard`.
"""
