"""The page as a whole: what it says, what it leaves out, what it must never do."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipelines.release.folder import earlier_releases
from pipelines.release.manifest import Provenance, read_manifest
from pipelines.report import write_report
from pipelines.report.page import ANCHORS, MOST_BYTES
from tests.report import made


def report(releases: Path, into: Path, provenance: Provenance | None = None) -> str:
    """The page of edition 2024, written into a copy of the releases."""
    copied = shutil.copytree(releases, into / "copied")
    folder = copied / "2024/1"
    write_report(folder, earlier_releases(copied, 2024), provenance=provenance)
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return report(releases, tmp_path_factory.mktemp("report"))


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.found if (value := attrs.get(attribute))]


def section(page: str, key: str) -> str:
    found = re.search(rf'<details class="cluster" id="{key}">.*?</details>', page, re.DOTALL)
    assert found
    return found.group()


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_every_part_is_there_and_every_link_leads_somewhere(page: str) -> None:
    elements = Elements(page)
    ids = elements.values("id")
    assert len(ids) == len(set(ids))
    assert set(ANCHORS) <= set(ids)
    assert {"a", "b", "c", "n", "tokyo-yokohama", "boston-ma"} <= set(ids)
    for href in elements.values("href"):
        assert href[1:] in ids if href.startswith("#") else href.startswith("pictures/")


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    elements = Elements(page)
    assert "://" not in page
    assert elements.values("src") == []
    assert "url(" not in page
    assert "@import" not in page
    (policy,) = [
        attrs["content"]
        for _, attrs in elements.found
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy
    assert policy.startswith("default-src 'none';")


def test_names_are_other_peoples_text(page: str) -> None:
    assert page.count("<script>") == 1, "the page's own"
    assert "alert(1)</script>" not in page
    assert "深圳 &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Optics &amp; &lt;lasers&gt;" in page
    assert "Made &lt;Works&gt;" in page
    assert "A world made for &lt;tests&gt;." in page


def test_it_says_simulated_exactly_where_it_is(page: str, releases: Path, tmp_path: Path) -> None:
    assert '<p class="banner"><strong>Simulated:</strong> A world made for &lt;tests&gt;.' in page
    manifest = read_manifest(releases / "2024/1")
    real = manifest.model_copy(update={"simulated": False, "note": None})
    assert "imulated" not in report(releases, tmp_path, real)
    picture = tmp_path / "copied/2024/1/pictures/map.svg"
    assert "imulated" not in picture.read_text(encoding="utf-8")


def test_page_and_pictures_say_the_profile_exactly_where_there_is_one(
    page: str, releases: Path, tmp_path: Path
) -> None:
    assert "profile" not in page
    profile = {"profile": {"value": "african", "certainty": "V"}}
    manifest = read_manifest(releases / "2024/1")
    african = report(releases, tmp_path, manifest.model_copy(update={"parameters": profile}))
    assert african.count("edition 2024, African profile") >= 2, "in the title and the heading"
    pictures = sorted((tmp_path / "copied/2024/1/pictures").glob("*.svg"))
    assert len(pictures) == 5
    for picture in pictures:
        assert "edition 2024, African profile" in picture.read_text(encoding="utf-8")


def test_a_section_tells_how_sure_the_rank_is_and_why_it_moved(page: str) -> None:
    told = words(section(page, "c"))
    assert "Its rank stays 2 whichever year of its windows is left out." in told
    assert "From rank 3 in edition 2023 to rank 2." in told
    assert "those of the editions released before" in page, "what the page is made from"
    assert (
        "edition) ▲ 1 Its own share of the world’s output ▲ 1 The others ▼ 1 Together ▲ 1" in told
    )
    assert "Edition 2023 20.0 0.0 Boundary +6.0 0.0 Dropped −4.0 2018" in told
    assert "New +20.0 2023" in told
    assert "Passed: Boston, MA ." in told
    assert "Continues 深圳" in told
    assert "It has 2 cells, 1 of them new; 1 former cell is no longer part of it." in told


def test_an_edition_of_one_source_has_no_lead_and_no_word_of_the_other(tmp_path: Path) -> None:
    made.of_patents_alone(made.release(tmp_path / "releases", 2024))
    page = report(tmp_path / "releases", tmp_path / "out")
    marks = {mark for value in Elements(page).values("class") for mark in value.split()}
    assert "patent" in marks
    assert not {"patent-led", "science-led", "balanced", "publication"} & marks
    body = words(page.partition("</style>")[2].partition("<script>")[0])
    assert "world’s PCT applications (2019–2023) alone." in body
    assert "37.50 % of the world’s PCT applications (45.0)." in body
    assert ">Lead<" not in page
    for absent in ("rticle", "ubli", "both shares", "-led"):
        assert absent not in body
    for picture in (tmp_path / "out/copied/2024/1/pictures").glob("*.svg"):
        svg = picture.read_text(encoding="utf-8").partition("</style>")[2]
        assert not re.search("rticle|Publication|-led", svg), picture.name


def test_after_an_edition_of_one_source_a_section_says_so(releases: Path, tmp_path: Path) -> None:
    before = shutil.copytree(releases, tmp_path / "releases")
    made.of_patents_alone(before / "2023/1")
    assert "Edition 2023 counted PCT applications alone." in words(
        section(report(before, tmp_path / "out"), "c")
    )


def test_a_new_cluster_has_no_move(page: str) -> None:
    told = words(section(page, "n"))
    assert "Edition 2023 has no such cluster" in told
    assert "30 % of that one’s weight lies in it, 20 % of its own comes from there." in told
    assert "Appears: it holds most of no cluster of edition 2023, and most of it comes from" in told


def test_a_section_has_partners_fields_organisations_years(page: str) -> None:
    told = words(section(page, "a"))
    assert "Patents: 40 % of the output is made with others elsewhere, 15 % with others" in told
    assert "Made &lt;Works&gt; 25.0 %" in told
    assert "Optics &amp; &lt;lasers&gt; 50 % 5.0" in told
    assert "2018 1.0* 0.0* 2019 6.0 0.0" in told
    assert told.count("10.0 %") == 2, "joint share with each partner"


def test_values_to_sort_by_are_exact(page: str) -> None:
    table = re.search(r'id="ranking-table".*?</table>', page, re.DOTALL)
    assert table
    rows = re.findall(r"<tr data-find.*?</tr>", table.group(), re.DOTALL)
    sortable = [re.findall(r'data-value="([^"]*)"', row) for row in rows]
    assert [(*values[:3], values[5]) for values in sortable] == [
        ("1", "0", "0", "0.375"),
        ("2", "0", "1", "0.35"),
        ("3", "0", "-1", "0.2"),
        ("4", "0", "", "0.1"),
    ]


def test_tables_and_pictures_speak(page: str) -> None:
    elements = Elements(page)
    for tag, attrs in elements.found:
        if tag == "svg":
            assert attrs.get("aria-label")
        if tag == "th":
            assert attrs.get("scope") in ("row", "col")
        if tag == "button" and "data-sort" in attrs:
            assert attrs["type"] == "button"
    assert sum(attrs.get("aria-sort") == "ascending" for _, attrs in elements.found) == 1
    assert ("html", {"lang": "en"}) in elements.found
    assert ("a", {"class": "skip", "href": "#main"}) in elements.found


def test_a_release_of_fewer_tables_has_fewer_parts(tmp_path: Path) -> None:
    made.release(
        tmp_path / "releases",
        2024,
        without=(
            *("collaboration", "cluster_fields", "cluster_organisations"),
            *("economies", "world", "rank_sensitivity"),
        ),
    )
    page = report(tmp_path / "releases", tmp_path / "out")
    ids = set(Elements(page).values("id"))
    assert {"map", "ranking", "geocoding", "clusters", "a"} <= ids
    assert not {"ranges", "slopes", "collaboration", "fields", "economies", "world"} & ids
    assert ">Range<" not in page
    assert "No edition was released before this one." in words(section(page, "a"))
    assert "is left out" not in page
    assert "those of the editions released before" not in page
    assert not (tmp_path / "out/copied/2024/1/pictures/slopes.png").exists()


def test_what_does_not_fit_is_the_sections_of_the_last_clusters(
    page: str, releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = len(page.encode()) - 1
    assert most < MOST_BYTES == 5_000_000
    monkeypatch.setattr("pipelines.report.page.MOST_BYTES", most)
    less = report(releases, tmp_path)
    assert len(less.encode()) <= most
    ids = Elements(less).values("id")
    assert {"a", "c", "b"} <= set(ids)
    assert "n" not in ids
    assert "The first 3 clusters by rank." in words(less)
    assert all(href[1:] in ids for href in Elements(less).values("href") if href[0] == "#")


def test_equal_inputs_give_equal_bytes(releases: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        report(releases, tmp_path / name)
    one, two = (tmp_path / name / "copied/2024/1" for name in ("one", "two"))
    before = {path.name for path in (releases / "2024/1").iterdir()}
    files = sorted(path.relative_to(one) for path in one.rglob("*.*") if path.name not in before)
    assert [path.as_posix() for path in files] == [
        "pictures/economies.png",
        "pictures/economies.svg",
        "pictures/map.png",
        "pictures/map.svg",
        "pictures/ranges.png",
        "pictures/ranges.svg",
        "pictures/slopes.png",
        "pictures/slopes.svg",
        "pictures/top-20.png",
        "pictures/top-20.svg",
        "report.html",
    ]
    for file in files:
        assert (one / file).read_bytes() == (two / file).read_bytes()


def test_in_a_browser(page: str, tmp_path: Path) -> None:
    """Sorting, searching and opening, done by the page's own script."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no chromium: install Debian's package to try the page's script")
    trial = """<script>
      const names = () => [...document.querySelectorAll("#ranking-table tbody tr:not([hidden])")]
        .map((row) => row.cells[0].textContent).join("");
      const click = (n) => document.querySelectorAll("#ranking-table thead button")[n].click();
      const told = [names()];
      click(0); told.push(names());          // rank, descending
      click(2); told.push(names());          // change, greatest first, none last
      click(2); told.push(names());
      const search = document.getElementById("search");
      search.value = "shen zhen"; search.dispatchEvent(new Event("input")); told.push(names());
      search.value = "JAPAN"; search.dispatchEvent(new Event("input")); told.push(names());
      const sorted = document.querySelector("#ranking-table [aria-sort]");
      told.push(sorted.textContent + " " + sorted.getAttribute("aria-sort"));
      told.push([...document.querySelectorAll("details.cluster[open]")].map((one) => one.id).join());
      document.body.insertAdjacentHTML("beforeend", `<p id="told">${told.join("|")}</p>`);
    </script></body>"""
    unguarded = re.sub(r"<meta http-equiv[^>]*>", "", page).replace("</body>", trial)
    file = tmp_path / "trial.html"
    file.write_text(unguarded, encoding="utf-8")
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            f"{file.as_uri()}#boston-ma",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    # the first match is the script itself
    *_, told = re.findall(r'<p id="told">(.*?)</p>', done.stdout)
    assert told.split("|") == [
        "1234",
        "4321",
        "2134",
        "3124",
        "2",
        "1",
        "Change ascending",
        "b",
    ]
