"""Tables that a user hands over, and those that a command hands back: CSV or Parquet, by extension.

Here: reading, with every fault named by file, column and line (of a CSV file with its header; a row of a
Parquet file); writing, whole or not at all. Not here: raw extracts (`readers/`), tables of the workspace
(`storage.py`).
"""

import csv
from contextlib import suppress
from pathlib import Path

import polars as pl

from pipelines.encoding import conversion, not_utf8, require_utf8_name
from pipelines.errors import UserError
from pipelines.storage import written_aside


def check_output(path: Path, *inputs: Path) -> None:
    """Refuse a file to write that is of no known kind, or that is one of those that are read."""
    _kind(path)
    if path.is_dir():
        raise UserError(f"--out {path}: is a folder. Give a file.")
    if any(path.exists() and source.exists() and path.samefile(source) for source in inputs):
        raise UserError(f"--out {path}: that is the file that is read. Give another one.")


def read_table(
    path: Path, *, required: tuple[str, ...], adds: tuple[str, ...] = ()
) -> pl.DataFrame:
    """A CSV or Parquet file by its extension, with the columns that it must have.

    All columns of a CSV file are texts, as they were written: 007 is not 7. Columns that the command `adds`
    are refused, as they would be lost.
    """
    if not path.is_file():
        raise UserError(f"There is no file {path}.")
    try:
        if _kind(path) == "parquet":
            frame = pl.read_parquet(path, glob=False)
        else:
            frame = pl.read_csv(path, infer_schema=False, glob=False)
    except pl.exceptions.NoDataError:
        raise UserError(
            f"{path} is empty. Expected a header with {', '.join(required)}, and rows below it."
        ) from None
    except (pl.exceptions.PolarsError, OSError) as error:
        says = _fault_of_csv(path) if _kind(path) == "csv" else None
        raise UserError(
            f"{path} cannot be read as {_kind(path)}: {says or str(error).splitlines()[0]}"
        ) from None
    if any("\0" in name for name in frame.columns):
        raise UserError(
            f"{path} cannot be read as csv: expected UTF-8 text, found UTF-16. {conversion('UTF-16')}."
        )
    twice = [name for name in frame.columns if f"{name}_duplicated_0" in frame.columns]
    if twice:  # Polars renames the second
        raise UserError(f"{path}: has two columns {twice[0]}. Rename or remove one of them.")
    missing = [name for name in required if name not in frame.columns]
    if missing:
        commas = " Columns of a CSV file are separated by commas." if frame.width == 1 else ""
        raise UserError(
            f"{path}: column {missing[0]} is missing. It must have {', '.join(required)}; "
            f"it has {', '.join(frame.columns)}.{commas}"
        )
    lost = [name for name in adds if name in frame.columns]
    if lost:
        raise UserError(
            f"{path}: has a column {lost[0]} already, and this command adds one of that name. "
            "Rename or remove it."
        )
    return frame


def _fault_of_csv(path: Path) -> str | None:
    """What is wrong with a CSV file that Polars refuses without saying where."""
    data = path.read_bytes()
    if says := not_utf8(data):
        return says
    rows = csv.reader(data.decode("utf-8-sig").splitlines(keepends=True))
    with suppress(csv.Error):  # a field beyond all measure
        header = next(rows, [])
        for row in rows:
            if len(row) > len(header):
                return (
                    f"line {rows.line_num} has {len(row)} fields, the header {len(header)}. Columns are "
                    "separated by commas; a text with a comma in it stands in quotation marks."
                )
    return None


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a CSV or Parquet file by its extension, whole or not at all."""
    with written_aside(path) as aside:
        if _kind(path) == "parquet":
            frame.write_parquet(aside)
            return
        try:
            frame.write_csv(aside)
        except pl.exceptions.ComputeError as error:  # lists, structs, bytes
            raise UserError(
                f"{path} cannot be written as csv: {str(error).splitlines()[0]}. "
                "Give --out a file that ends in .parquet."
            ) from None


def _kind(path: Path) -> str:
    """Whether a file is csv or parquet, by its extension."""
    require_utf8_name(path)
    kind = path.suffix[1:].lower()
    if kind not in ("csv", "parquet"):
        raise UserError(f"{path}: files are .csv or .parquet, by their extension.")
    return kind


def place_in(path: Path, row: int) -> str:
    """Where people find a row, counted from 0: its line, or its row where a file has no lines."""
    return f"{path}, line {row + 2}" if _kind(path) == "csv" else f"{path}, row {row + 1}"


def degrees(column: pl.Series, path: Path, limit: int) -> pl.Series:
    """A column as degrees from -limit to limit; refuses the first row that is none."""
    _require_numbers(column, path)
    degrees = column.cast(pl.Float64, strict=False)
    is_degrees = (degrees.abs() <= limit).fill_null(value=False)  # NaN is above all numbers
    refuse(
        ~is_degrees, column, path, f'is "{{}}", not a number of degrees from -{limit} to {limit}.'
    )
    return degrees


def whole_numbers(column: pl.Series, path: Path, why: str = "") -> pl.Series:
    """Whole numbers without a way through floating point, which is exact up to 2**53 only.

    Args:
        column: the column.
        path: its file, for the message.
        why: ends the message, after "not a whole number below 2**63".
    """
    _require_numbers(column, path)
    digits = column.str.replace(r"\.0*$", "") if column.dtype == pl.String else column
    whole = digits.cast(pl.Int64, strict=False)
    uneven = column.cast(pl.Float64, strict=False) != whole.cast(pl.Float64)
    refuse(
        whole.is_null() | uneven.fill_null(value=True),
        column,
        path,
        f"is {{}}, not a whole number below 2**63{why}.",
    )
    return whole


def _require_numbers(column: pl.Series, path: Path) -> None:
    if not (column.dtype.is_numeric() or column.dtype == pl.String):
        raise UserError(f"{path}: column {column.name} holds {column.dtype}, not numbers.")
    refuse(column.is_null(), column, path, "is empty, not a number.")


def refuse(wrong: pl.Series, column: pl.Series, path: Path, says: str) -> None:
    """Name the first row that is wrong, and what is wrong with it.

    Args:
        wrong: which rows are.
        column: their values.
        path: the file.
        says: what follows the column's name, with {} for the value.

    Raises:
        UserError: a row is wrong.
    """
    if wrong.any():
        row = wrong.arg_max() or 0
        raise UserError(f"{place_in(path, row)}: {column.name} {says.format(column[row])}")
