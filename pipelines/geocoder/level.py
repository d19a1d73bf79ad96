"""How much of the geocoder is switched on: the steps of the ablation.

Here: `Level` alone. Add a level when a new means is worth measuring by itself.
"""

from enum import IntEnum


class Level(IntEnum):
    """Each level does all that the ones before it do."""

    NAMES = 0  # main names anywhere in the address, in the stated country; largest wins
    ALTERNATES = 1  # GeoNames' further names and native scripts
    FORMS = 2  # ranks, abbreviations, syllables, country and region taken off the end
    REGIONS = 3  # agreement with provinces and states; a province's name is no town
    POSTCODES = 4  # postcodes as a second witness, and as a place where nothing else is named
    INSIDE = 5  # a town's name inside an organisation's
    SPELLINGS = 6  # other romanisations
    FUZZY = 7  # near misses
    INSTITUTIONS = 8  # organisations by name or id: witness, and place where none is named
