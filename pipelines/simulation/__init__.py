"""A made world: applications and articles calibrated on a published ranking, in real raw formats.

No raw PCT or Web of Science file may be shipped, so that the embedded default, the benchmark and many
tests read this world instead. Everything it writes says that it is simulated.

The way through the package: `calibration` reads the published table; `geography`, `neighbours` and
`landscape` find places of the `gazetteer` for its clusters and for the rest of the world; `quotas`
and `areas` deal documents out to areas and years; `documents` makes a year's documents, with
`collaboration` mixing their addresses; `organisations`, `writing`, `postcodes` and `addresses` write
what stands on them, `texts` lays it out as tables, `native` and `extracts` write files, `world` ties
it together. Not here: anything that real data pass through.
"""

from pipelines.simulation.quotas import YEARS
from pipelines.simulation.world import DEFAULT_SEED, Summary, simulate

__all__ = ["DEFAULT_SEED", "YEARS", "Summary", "simulate"]
