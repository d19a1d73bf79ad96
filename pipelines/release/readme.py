"""`README.md` of a release: what it is, whether it is simulated, how to read it.

Here: the text. Not here: what the tables and columns are (`codebook.csv`), what changed
(`CHANGES.md`).
"""

from collections.abc import Sequence

from pipelines.release.datapackage import title_of
from pipelines.release.manifest import Provenance
from pipelines.release.tables import Released

_SIMULATED = """
**Simulated.** The numbers below come from a made world, not from patents and articles that exist.
They show how the tables look and must not be quoted as a ranking.
"""

_COUNTED = {
    "patent_years": "PCT applications published",
    "publication_years": "articles published",
}

_READING = """
## Reading it

`report.html` shows the edition - map, ranking, a section for each cluster - and opens from disk.

DuckDB:

```sql
SELECT rank, name, total_share FROM 'ranking.parquet' ORDER BY rank LIMIT 20;
```

All editions at once, from the folder that holds them (where links are not possible, take the
revision from each edition's `latest.json`):

```sql
SELECT edition, rank, name FROM 'releases/*/latest/ranking.parquet' ORDER BY edition, rank;
```

Python: `pandas.read_parquet("ranking.parquet")`, `polars.read_parquet("ranking.parquet")`,
`pyarrow.parquet.read_table("ranking.parquet")` (each column with its meaning and unit),
`geopandas.read_parquet("cluster_areas.parquet")`. R: `arrow::read_parquet("ranking.parquet")`.
QGIS: drag `cluster_areas.geojson` onto the map; `cluster_areas.parquet` (GeoParquet 1.1) where its
GDAL reads Parquet.

## Checking it

`sha256sum -c SHA256SUMS` in this folder, or `stclusters verify` on it. `manifest.json` says what
each file holds and what it was made from; its content hashes are of a table's values, whatever the
encoding. `codebook.csv` explains every column, `CHANGES.md` says what is new. A release never
changes: new numbers come as a new revision.
"""


def readme(provenance: Provenance, revision: int, tables: Sequence[Released]) -> str:
    """The text of `README.md`."""
    lines = [f"# {title_of(provenance)}, revision {revision}"]
    if provenance.simulated:
        lines.append(_SIMULATED.rstrip())
    if provenance.note:
        lines.append(f"\n{provenance.note}")
    lines.append(f"\n{_what_counts(provenance)}")
    lines += ["\n| file | each row is | rows |", "|---|---|---:|"]
    lines += [
        f"| `{table.file}` | {table.contract.row} | {table.rows.num_rows:,} |" for table in tables
    ]
    return "\n".join(lines) + "\n" + _READING


def _what_counts(provenance: Provenance) -> str:
    counted = " and ".join(
        f"{words} {first}-{last}"
        for name, words in _COUNTED.items()
        if name in provenance.parameters
        for first, last in [provenance.parameters[name]["value"]]
    )
    return (
        f"Counted are {counted},\neach worth 1, divided among its addresses. A document to which the raw "
        "records give several years\nof publication, such as those of early access and issue, counts in each."
    )
