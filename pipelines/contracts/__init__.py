"""Every table of the project, described once: `TABLES` by name.

One module per stage. To change a column, edit its contract; schema, checks, UI, codebook and data
package follow. The snapshot test shows the change as a text difference.
"""

from pipelines.contracts import clusters, extracts, geocoding, indicators
from pipelines.contracts.model import SCHEMA_VERSION, Column, Rule, Table

TABLES: dict[str, Table] = {
    table.name: table
    for stage in (extracts, geocoding, clusters, indicators)
    for table in stage.TABLES
}

__all__ = ["SCHEMA_VERSION", "TABLES", "Column", "Rule", "Table"]
