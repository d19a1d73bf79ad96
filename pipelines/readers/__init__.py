"""Raw formats, one module each, all handing out the same records and the same rejects.

Here: `FORMATS`, the registry. A new format is a module with a `READER` and a line below. Shared by
them: `records` (the tables), `source` (what a reader is given), `opening` (compression, archives,
damage), `delimited` and `engine` (text tables through DuckDB), `detect` (what a file looks like),
`stage` (records by year on disk). Not here: inclusion rules, geocoding, anything of Dagster.
"""

from pipelines.readers import (
    crossref,
    derassenfosse,
    epo_fulltext,
    lens,
    medline,
    openalex,
    patentscope,
    patentsview,
    patstat,
    redbook,
    regpat,
    scopus,
    tabular,
    wos,
)
from pipelines.readers.source import Reader

FORMATS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        # patents
        regpat.READER,
        patstat.READER,
        patentsview.READER,
        patentscope.READER,
        redbook.READER,
        redbook.PCT_READER,
        epo_fulltext.READER,
        epo_fulltext.PCT_READER,
        lens.READER,
        derassenfosse.READER,
        # publications
        openalex.READER,
        wos.READER,
        scopus.READER,
        medline.READER,
        crossref.READER,
        # both
        tabular.READER,
    )
}
"""Every raw format by the name that a configuration uses."""
