"""Raw formats, one module each, all handing out the same records and the same rejects.

Here: `FORMATS`, the registry. A new format is a module with a `READER` and a line below. Shared by
them: `records` (the tables), `source` (what a reader is given), `opening` (compression, archives,
damage), `delimited` and `engine` (text tables through DuckDB), `detect` (what a file looks like),
`stage` (records by year on disk). Not here: inclusion rules, geocoding, anything of Dagster.
"""

from pipelines.readers import openalex, regpat, tabular
from pipelines.readers.source import Reader

FORMATS: dict[str, Reader] = {
    module.READER.name: module.READER for module in (openalex, regpat, tabular)
}
"""Every raw format by the name that a configuration uses."""
