"""Is a table right? Contracts as Great Expectations suites, rules across tables as SQL.

`suite.py` validates one table, `rules.py` runs the files of `sql/checks/`, `data_docs.py` keeps what
both found and builds a site of it. `gx_duckdb.py` teaches GX to read DuckDB, `gx_expectations.py` to check
all rules of a contract in one query, `gx_site.py` to make pages that need no network. Imports of GX stay
inside functions: it takes seconds.
"""

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # no network; read when GX is imported
# What GX itself sets when it first looks at a table. By then steps are done side by side, and a variable that
# is new moves all of them, while another thread's library may be looking one up: the process would end.
os.environ["SF_PARTNER"] = "great_expectations_oss"
