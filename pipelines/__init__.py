"""Everything the assets call: readers, geocoder, delineation, tables on disk, releases, the command.

No asset is defined here; the graph is in `assets/`, the SQL in `sql/`.
"""

__version__ = "0.1.0"
