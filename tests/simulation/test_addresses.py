import numpy as np
import polars as pl

from pipelines.geocoder import Gazetteer, Geocoder
from pipelines.simulation.addresses import author_pool, inventor_pool
from pipelines.simulation.areas import Areas
from pipelines.simulation.calibration import Calibration
from pipelines.simulation.organisations import make_organisations

STRINGS = 9
FIELDS = ("city", "region", "postcode", "institution", "institution_id")


def test_most_addresses_of_a_clusters_main_city_lead_to_it(
    areas: Areas, calibration: Calibration
) -> None:
    """Of inventors there, and of authors at its greatest organisation, by which it gets its name."""
    organisations = make_organisations(areas)
    inventors = inventor_pool(areas, 1)
    authors = author_pool(areas, organisations, 1)
    part = np.diff(organisations.at_place.owner_end, prepend=0.0)
    at_place = organisations.table["place"].to_numpy()
    published = {cluster.name for cluster in calibration.clusters}
    asked = []
    for number, placed in enumerate(areas.clusters):
        if placed.cluster.name not in published:
            continue
        city = placed.cluster.cities[0]
        place = np.flatnonzero((areas.place_area == number) & (areas.places == city))[0]
        at_city = np.flatnonzero(at_place == place)
        owners = ((inventors, place), (authors, at_city[np.argmax(part[at_city])]))
        for kind, (pool, owner) in enumerate(owners):
            first, end = (int(at) for at in pool.start[owner : owner + 2])
            asked += [
                (placed.cluster.name, kind, city, text, areas.gazetteer.country[city])
                for text in pool.text[first : min(end, first + STRINGS)]
            ]
    frame = pl.DataFrame(
        asked, schema=["cluster", "kind", "row", "address", "country"], orient="row"
    ).with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in FIELDS),
        *(pl.lit(None, pl.Float64).alias(name) for name in ("lat", "lng")),
    )
    found = Geocoder(Gazetteer.default()).resolve(frame.drop("cluster", "kind", "row"))["place_id"]
    wanted = areas.gazetteer.table["place_id"].gather(frame["row"])
    by_city = (
        frame.with_columns(is_there=found.eq_missing(wanted))
        .group_by("cluster", "kind")
        .agg(pl.col("is_there").mean(), pl.col("address").first())
    )
    assert by_city.height == 200
    assert by_city.filter(pl.col("is_there") <= 0.5).rows() == []
