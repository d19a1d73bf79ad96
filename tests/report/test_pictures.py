"""Projections, paths, names, and the pictures' files."""

import math
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contracts import TABLES
from pipelines.contracts.common import PARTS_PER_DOCUMENT
from pipelines.report import charts, clustermap, geometry
from pipelines.report.labels import Anchor, Box, place_labels, text_width
from pipelines.report.page import view_of
from pipelines.report.pictures import pictures
from pipelines.report.raster import png, rendered_beside
from pipelines.report.source import read_release
from pipelines.report.tables import ranking
from pipelines.report.worldmap import HEIGHT, WIDTH, world_map
from tests.report import made


def test_gall_is_true_to_scale_at_45_degrees() -> None:
    """One step east, shortened by the cosine of 45 degrees, is as long as one step north."""
    step = 1e-4
    points = np.array([(0.0, 45.0), (step, 45.0), (0.0, 45.0 + step * math.cos(math.radians(45)))])
    start, east, north = geometry.gall(360)(points)
    assert east[0] - start[0] == pytest.approx(step)
    assert start[1] - north[1] == pytest.approx(step, rel=1e-4)


def test_the_local_projection_is_in_kilometres() -> None:
    """A degree of latitude is 111.195 km on the mean sphere, of longitude half of it at 60 degrees;
    the date line is no edge."""
    ((x, y),) = geometry.local(179.5, 60)(np.array([(-179.5, 59.0)]))
    assert (x, y) == (pytest.approx(55.5975, abs=1e-3), pytest.approx(111.195, abs=1e-3))


def test_a_path_is_relative_and_short() -> None:
    square = shapely.Polygon([(0.25, 1), (1, 1), (1, 0), (0.25, 0)])
    assert geometry.path_of(square, decimals=2) == "M.25 1l.75 0 0-1-.75 0z"
    assert geometry.path_of(square, decimals=0) == "M0 1l1 0 0-1-1 0z"


def test_what_shrinks_to_nothing_is_left_out() -> None:
    assert geometry.path_of(shapely.box(0, 0, 0.1, 0.1), decimals=0) == ""
    assert geometry.path_of(shapely.box(0, 0, 3, 0.1), decimals=0) == "", "a line has no inside"


@pytest.mark.parametrize(
    ("place", "lng", "lat", "on_land"),
    [
        ("Moscow", 37.6, 55.75, True),
        ("Anadyr, beyond the date line", 360 - 175.0, 66.5, True),
        ("Taveuni's neighbour Viti Levu", 178.0, -17.8, True),
        ("mid-Atlantic", -35.0, 30.0, False),
        ("the Pacific at the same latitude as Chukotka's coast", 187.0, 50.0, False),
    ],
)
def test_coastlines(place: str, lng: float, lat: float, on_land: bool) -> None:
    assert shapely.intersects_xy(geometry.coastlines(), lng, lat) == on_land, place


def test_the_land_has_its_area() -> None:
    """148.9 million km2 are land, of them 14.2 Antarctica (CIA, World Factbook)."""
    projected = shapely.transform(
        geometry.coastlines(),
        lambda points: np.column_stack(
            [np.radians(points[:, 0]), np.sin(np.radians(points[:, 1]))]  # Lambert: areas are true
        ),
    )
    assert projected.area * 6371.0088**2 == pytest.approx(134.7e6, rel=0.005)


@given(
    st.lists(
        st.tuples(st.floats(0, 300), st.floats(0, 200), st.text("aWi ", min_size=1, max_size=12)),
        max_size=15,
    )
)
def test_names_never_overlap(points: list[tuple[float, float, str]]) -> None:
    frame = Box(0, 0, 300, 200)
    anchors = [Anchor(x, y, 3, text) for x, y, text in points]
    labels = [label for label in place_labels(anchors, frame, 10, limit=8) if label]
    assert len(labels) <= 8
    boxes = []
    for label in labels:
        width = text_width(label.text, 10)
        left = label.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[label.align] * width
        # positions are rounded to hundredths
        boxes.append(Box(left + 0.02, label.y - 7.98, left + width - 0.02, label.y + 2.48))
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[:n])
    assert all(box.left >= 0 and box.right <= 300 for box in boxes)
    assert all(box.top >= -0.01 and box.bottom <= 200.01 for box in boxes)


def test_a_name_at_the_lower_edge_finds_room_above_or_not_at_all() -> None:
    low, frame = Anchor(20, 99, 1, "M"), Box(0, 0, 40, 100)
    (label,) = place_labels([low], frame, 10, limit=1)
    assert label
    # above it: the point's radius and three tenths of the letters' height away
    assert (label.x, label.y, label.align) == (20, 95, "middle")
    assert place_labels([low], Box(0, 95, 40, 100), 10, limit=1) == [None]


def test_boxes_side_by_side_do_not_overlap() -> None:
    box = Box(0, 0, 10, 10)
    for beside in (Box(10, 0, 20, 10), Box(-10, 0, 0, 10), Box(0, 10, 10, 20), Box(0, -10, 10, 0)):
        assert not box.overlaps(beside)
        assert not beside.overlaps(box)
    assert box.overlaps(Box(9.9, 9.9, 20, 20))


def test_widths_of_letters() -> None:
    assert text_width("東京", 10) == 20, "as wide as high"
    assert text_width("W", 10) > text_width("n", 10) > text_width("i", 10) > 0


def test_circles_have_areas_as_the_shares(releases: Path) -> None:
    release = read_release(releases / "2024/1")
    a, c, *_ = world_map(release, ranking(release)).spots
    assert (c.radius / a.radius) ** 2 == pytest.approx(42 / 45, rel=1e-3)
    assert all(0 < spot.x < WIDTH and 0 < spot.y < HEIGHT for spot in (a, c))
    assert a.outline.startswith("M")
    assert a.outline.endswith("z")


def test_what_lies_west_of_the_pictures_edge_stands_at_its_right(tmp_path: Path) -> None:
    """The edge is at 169 degrees west: 175 west is 354 of the 360 degrees from it."""
    folder = made.release(tmp_path, 2024)
    west = {"cluster_id": "a", "lat": 0.0, "lng": -175.0, "patent_parts": 1, "publication_parts": 0}
    made.write(TABLES["clusters"], [west], folder / "clusters.parquet", 2024)
    outline = shapely.MultiPolygon([shapely.box(-175.1, -0.1, -174.9, 0.1)])
    area = {"cluster_id": "a", "geometry": shapely.to_wkb(outline)}
    made.write(TABLES["cluster_areas"], [area], folder / "cluster_areas.parquet", 2024)
    release = read_release(folder)
    (spot,) = world_map(release, ranking(release)).spots
    assert spot.x == pytest.approx(354 / 360 * WIDTH, abs=0.01)
    assert float(spot.outline[1:].split()[0]) == pytest.approx(spot.x, abs=0.4)


def test_the_legend_has_the_shares_that_somebody_reaches(tmp_path: Path) -> None:
    folder = made.release(tmp_path, 2024)
    rows = [{**row, "total_share": 0.02} for row in made.ranking(2024)]
    made.write(TABLES["ranking"], rows, folder / "ranking.parquet", 2024)
    release = read_release(folder)
    found = world_map(release, ranking(release))
    assert [share for share, _ in found.legend] == [0.02, 0.005]
    assert [radius for _, radius in found.legend] == [found.spots[0].radius, 13.0]


def test_a_cluster_of_many_cells_is_drawn_in_coarser_ones() -> None:
    centre = h3.latlng_to_cell(35.68, 139.69, 8)
    cells = [
        {"h3_cell": h3.str_to_int(cell), "patent_parts": PARTS_PER_DOCUMENT, "publication_parts": 0}
        for cell in h3.grid_disk(centre, 12)
    ]
    assert len(cells) == 469
    found = clustermap.cluster_map(cells, {"patent": 1000 * PARTS_PER_DOCUMENT})
    assert found
    assert found.resolution == 7
    assert 60 < found.cells <= 100
    assert found.cities[0].label.text == "Tokyo", "the most populous first"


def test_a_small_cluster_is_drawn_in_its_own_cells() -> None:
    cell = h3.latlng_to_cell(36.35, 127.38, 8)
    row = {"h3_cell": h3.str_to_int(cell), "patent_parts": 5, "publication_parts": 0}
    found = clustermap.cluster_map([row], {})
    assert found
    assert (found.resolution, found.cells) == (8, 1)
    assert [bool(level) for level in found.levels] == [False, False, False, True]
    assert found.scale_km == 5


def cells_of(*rows: tuple[float, float, int]) -> list[dict[str, int]]:
    """Cells at latitude and longitude, with applications."""
    return [
        {
            "h3_cell": h3.str_to_int(h3.latlng_to_cell(lat, lng, 8)),
            "patent_parts": applications * PARTS_PER_DOCUMENT,
            "publication_parts": 0,
        }
        for lat, lng, applications in rows
    ]


def test_classes_of_cells_go_by_the_root_of_their_output() -> None:
    """A sixteenth of the most has a root of a quarter, where the second class begins."""
    seoul = [(37.5, 127.0, 16), (37.52, 127.0, 4), (37.54, 127.0, 1)]
    found = clustermap.cluster_map(cells_of(*seoul), {})
    assert found
    assert [level.count("M") for level in found.levels] == [0, 1, 1, 1]


@pytest.mark.parametrize("east", [-179.2, -179.8])
def test_the_date_line_is_no_edge_of_a_clusters_map(east: float) -> None:
    """Labasa lies at 179.4 degrees east, and its cluster goes on to the west of it."""
    across = clustermap.cluster_map(cells_of((-16.43, 179.3, 1), (-16.43, east, 1)), {})
    inland = clustermap.cluster_map(cells_of((-16.43, 19.3, 1), (-16.43, east + 200, 1)), {})
    assert across
    assert inland
    assert across.scale_km == inland.scale_km
    assert across.scale_width == pytest.approx(inland.scale_width, rel=0.02)
    assert "Labasa" in [city.label.text for city in across.cities]


def test_slopes_follow_the_ranks(releases: Path) -> None:
    found = charts.slopes([read_release(releases / f"{e}/1") for e in (2023, 2024)])
    assert found
    ranks = {slope.key: [(k.edition, k.rank) for k in slope.knots] for slope in found.slopes}
    assert ranks == {
        "a": [(2023, 1), (2024, 1)],
        "c": [(2023, 3), (2024, 2)],
        "b": [(2023, 2), (2024, 3)],
        "n": [(2024, 4)],
    }
    assert charts.slopes([read_release(releases / "2024/1")]) is None


def test_pictures_are_svg_and_png(releases: Path) -> None:
    release, before = (read_release(releases / f"{e}/1") for e in (2024, 2023))
    found = dict(pictures(view_of(release, [before])))
    assert list(found) == ["map", "top-20", "economies", "ranges", "slopes"]
    for svg in found.values():
        root = ElementTree.fromstring(svg)  # noqa: S314
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "simulated" in "".join(root.itertext())
        assert svg.count("http") == 1, "only the name space"
    assert "深圳 &lt;script&gt;" in found["top-20"]
    assert png(found["top-20"])[:8] == b"\x89PNG\r\n\x1a\n"
    assert png(found["top-20"]) == png(found["top-20"])


def test_the_file_of_slopes_has_its_key_and_tells_which_edition_counted_one_source(
    tmp_path: Path,
) -> None:
    """On the page the paragraph above the picture says so; the file stands alone."""
    before, now = (made.release(tmp_path, edition) for edition in (2023, 2024))
    releases = read_release(now), [read_release(before)]
    whole = dict(pictures(view_of(*releases)))["slopes"]
    assert "Blue: up two places or more since 2023." in whole
    made.of_patents_alone(before)
    alone = dict(pictures(view_of(read_release(now), [read_release(before)])))["slopes"]
    note = "Edition 2023 counted PCT applications alone."
    assert note not in whole
    root, shorter = ElementTree.fromstring(alone), ElementTree.fromstring(whole)  # noqa: S314
    (line,) = [text for text in root.iter() if text.text == note]
    assert float(line.attrib["y"]) == float(shorter.attrib["height"]) + 4
    assert float(root.attrib["height"]) == float(shorter.attrib["height"]) + 22


def test_a_folder_s_pictures_are_rendered_beside_as_here(tmp_path: Path) -> None:
    """In another process, and the same bytes."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><text y="40">{}</text></svg>'
    for name in "深a":
        (tmp_path / f"{name}.svg").write_text(svg.format(name), encoding="utf-8")
    with rendered_beside(tmp_path):
        pass
    for name in "深a":
        assert (tmp_path / f"{name}.png").read_bytes() == png(svg.format(name))


def test_a_picture_that_cannot_be_rendered_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.svg").write_text("<svg", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError), rendered_beside(tmp_path):
        pass


def test_png_knows_the_letters_of_names() -> None:
    """A letter that no font has would be the same box, or the same nothing, whatever it is."""

    def drawn(letter: str) -> bytes:
        text = f'<text y="40" font-size="40" font-weight="bold">{letter}</text>'
        return png(f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">{text}</svg>')

    letters = "ÅűžЖяΩλ深圳臺灣東京さ서울–+%"
    assert len({drawn(letter) for letter in [*letters, "", "\U00012345"]}) == len(letters) + 1
