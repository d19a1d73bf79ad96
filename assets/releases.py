"""Stage 5, releases: the immutable folder that leaves the house, by edition.

The asset gathers validated tables and their provenance; everything about the folder itself lives in
`pipelines/release/`.
"""

from pipelines.release_step import release_asset

release = release_asset()
