"""Is a table right? Contracts as Great Expectations suites, rules across tables as SQL.

`suite.py` validates one table, `rules.py` runs the files of `sql/checks/`, `gx_duckdb.py` teaches GX
to read DuckDB. Imports of GX stay inside functions: it takes seconds.
"""
