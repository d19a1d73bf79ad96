"""From an address as written to a place, offline.

Order of reading: `text` (folding) - `sources`, `names` (the gazetteer's tables) - `countries`,
`gazetteer`, `institutions` (indices) - `parse`, `lookup`, `evidence`, `choose`, `resolve` (the way of
a batch of addresses) - `evaluate`.
"""

from pipelines.geocoder.gazetteer import Gazetteer
from pipelines.geocoder.resolve import Geocoder

__all__ = ["Gazetteer", "Geocoder"]
