"""What a user sets, in one TOML file: workspace, sources, gazetteer additions, small thresholds.

Here: the file's shape, its checks, and errors that name the key. Everything is checked before any
work starts. Not here: the method's own figures (`editions.toml`) and the demo's world
(`simulation/`), which `demo.toml` at the project's root asks for like any other configuration.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable
from fnmatch import translate
from functools import cached_property
from glob import escape, has_magic, iglob
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from pipelines.editions import Edition, Figure, Kind, editions, profiles, require_edition
from pipelines.encoding import not_utf8, require_utf8_name
from pipelines.errors import UserError
from pipelines.readers import FORMATS, tabular
from pipelines.readers.source import SINGLE, Reader

PROJECT = Path(__file__).parent.parent
DEMO = PROJECT / "demo.toml"
ENVIRONMENT = "STCLUSTERS_CONFIG"
DELIVERY = "{delivery}"
"""Stands in globs of files where those that belong together have the same text, such as a year."""

_NAME = r"^[a-z][a-z0-9_]*$"
_SIZE = r"^\d{1,6}(\.\d+)?\s*[KMGT]i?B$"
_ISSN = r"^\d{4}-?\d{3}[\dXx]$"
_WRITTEN = {
    _NAME: "is written with small letters, digits and _, a letter first",
    _SIZE: 'is written like "8GB" or "500 MB"',
    _ISSN: 'is written like "0028-0836"',
}
"""What a text must be like, in words."""
_MUST_BE = {
    "extra_forbidden": "is not a key of the configuration; remove or correct it",
    "missing": "is missing",
    "string_too_short": "is empty",
    "too_short": "is empty",
    "string_": "must be a text, in quotation marks",
    "bool_": "must be true or false",
    "int_": "must be a whole number",
    "float_": "must be a number",
    "list_": 'must be a list, such as ["a", "b"]',
    "tuple_": 'must be written like "2010-2023" or "2015, 2018"',
    "dict_": "must be a table of keys",
    "model_": "must be a table of keys",
}
"""What is wrong, by how the type of pydantic's error begins; the first that fits counts."""


def _years(value: object) -> object:
    """Read `"2010-2014, 2018"`, `2018` or a list of years as a tuple of years."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, str):
        years: list[int] = []
        for piece in value.split(","):
            first, dash, last = (part.strip() for part in piece.partition("-"))
            last = last if dash else first
            is_years = len(first) == len(last) == 4 and (first + last).isdecimal()
            if not (is_years and "1900" <= first <= last <= "2100"):
                raise ValueError(
                    f'years are written like "2010-2023" or "2015, 2018", not "{value}"'
                )
            years.extend(range(int(first), int(last) + 1))
        return tuple(years)
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _by_role(value: object) -> object:
    return value if isinstance(value, dict) else {SINGLE: value}


def _by_edition(value: object) -> object:
    return value if isinstance(value, dict) else {"default": value}


Year = Annotated[int, Field(ge=1900, le=2100)]
Years = Annotated[tuple[Year, ...], BeforeValidator(_years), Field(min_length=1)]
Globs = Annotated[list[str], BeforeValidator(_as_list)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """One source of raw files: what they are, where they lie, which years they hold."""

    name: str = Field(pattern=_NAME)
    kind: Kind
    format: str
    years: Years
    files: Annotated[dict[str, Globs], BeforeValidator(_by_role)]
    columns: dict[str, dict[str, str]] = {}
    licence: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    issns: list[Annotated[str, Field(pattern=_ISSN)]] = []
    """Journals that count, for a source that cannot tell (OpenAlex has no SCIE flag)."""


class Institutions(_Strict):
    """A table of institutions with coordinates: a dump of ROR or of OpenAlex, told apart by its contents."""

    files: Globs


class GazetteerAdditions(_Strict):
    """What a user adds to the packaged gazetteer."""

    places: Globs = []
    """Own places, CSV in the columns of the table `gazetteer`."""
    geonames: Globs = []
    """GeoNames' `allCountries.txt` or single countries' files, unpacked."""
    alternate_names: Globs = []
    """GeoNames' `alternateNamesV2.txt`, unpacked."""
    postcodes: Globs = []
    """GeoNames' postcodes: `allCountries.txt` of its folder `zip`, or single countries' files."""


class Population(_Strict):
    """A raster of inhabitants per pixel, such as a GeoTIFF of GHS-POP, for intensity."""

    raster: str


class Simulation(_Strict):
    """The made world that this configuration reads: made before the first run."""

    scale: float = Field(gt=0, le=1)
    seed: int = Field(ge=0)
    folder: str


class Config(_Strict):
    """A checked configuration. `base` is the folder that its relative paths start from."""

    base: Path
    workspace: str = Field(min_length=1)
    simulated: bool = False
    profile: str | None = None
    """A profile of `editions.toml`, whose figures take the place of the editions' own."""
    min_points: Annotated[
        dict[str, Annotated[int, Field(gt=0, lt=2**63, strict=True)]], BeforeValidator(_by_edition)
    ] = {}
    """By edition and `default`; one number alone is the default."""
    known_breaks: list[Annotated[Year, Field(strict=True)]] = []
    """Years whose coverage rightly differs from the year before; checks do not compare them with it."""
    memory_limit: str = Field(default="8GB", pattern=_SIZE)
    threads: int | None = Field(default=None, ge=1, le=1024)
    simulation: Simulation | None = None
    sources: Annotated[list[Source], BeforeValidator(_as_list), Field(min_length=1)]
    """A single one may be written `[sources]`."""
    institutions: Institutions | None = None
    gazetteer: GazetteerAdditions = GazetteerAdditions()
    population: Population | None = None

    @property
    def workspace_folder(self) -> Path:
        """Where everything that the project makes is kept."""
        return (self.base / self.workspace).resolve()

    def edition(self, number: int) -> Edition:
        """An edition as this configuration runs it: under its profile, with its threshold."""
        edition = editions()[number]
        if self.profile:
            edition = edition.under(self.profile)
        chosen = self.min_points.get(str(number), self.min_points.get("default"))
        if chosen in (None, edition.min_points.value):
            return edition
        return edition.model_copy(update={"min_points": Figure(value=chosen, certainty="U")})

    def files(self, globs: Iterable[str], key: str) -> list[Path]:
        """Files that globs match, sorted; an error naming the key where one matches nothing."""
        found: set[Path] = set()
        for pattern in globs:
            glob = pattern.replace(DELIVERY, "*")
            if closed := _closed_folder(self.base, glob):
                raise UserError(
                    f"{key}: the folder {closed} may not be read. "
                    f"Ask who owns it for the right, or take it: chmod u+rx {closed}"
                )
            matches = [
                self.base / match
                for match in iglob(glob, root_dir=self.base, recursive=True)  # noqa: PTH207 - absolute too
            ]
            for path in matches:
                require_utf8_name(path)
                if not path.exists():
                    raise UserError(
                        f"{key}: {path} is a link to nothing. Put the file where it leads, or remove it."
                    )
            files = [path for path in matches if path.is_file()]
            if not files:
                found_folder = (
                    f' It is a folder: name the files in it, such as "{Path(glob) / "*"}".'
                    if matches
                    else ""
                )
                raise UserError(
                    f'{key}: "{pattern}" matches no file below {self.base}.{found_folder} '
                    "Mend the path, or remove the source."
                )
            found.update(files)
        return sorted(found)

    def source_files(self, source: Source) -> dict[str, list[Path]]:
        """Files of a source by role."""
        return {
            role: self.files(globs, _key_of_files(source, role))
            for role, globs in source.files.items()
        }

    def deliveries(self, source: Source) -> list[dict[str, list[Path]]]:
        """Files of a source by role, for each delivery: those with the same text at `{delivery}`.

        Deliveries are read each by itself, so that a new year's files are all that a next run reads.
        Where no glob has the placeholder, all files are one.
        """
        if not any(DELIVERY in glob for globs in source.files.values() for glob in globs):
            return [self.source_files(source)]
        found: dict[str, dict[str, list[Path]]] = {}
        for role, globs in source.files.items():
            key = _key_of_files(source, role)
            for glob in globs:
                if glob.count(DELIVERY) != 1:
                    raise UserError(
                        f'{key}: "{glob}" needs {DELIVERY} once, as the source\'s other files '
                        "have it. Put it where files that belong together have the same text, such as "
                        "the year."
                    )
                place = f"{escape(self.base.as_posix())}/{glob}" if glob[:1] != "/" else glob
                name = re.compile(translate(place.replace(DELIVERY, "\0")).replace("\0", "([^/]*)"))
                for path in self.files([glob], key):
                    if match := name.match(path.as_posix()):
                        found.setdefault(match[1], {}).setdefault(role, []).append(path)
        for delivery, files in found.items():
            for role in source.files.keys() - files.keys():
                raise UserError(
                    f'{_key_of_files(source, role)}: no file of the delivery "{delivery}". Each delivery '
                    f"needs files of every role that the source names; remove {DELIVERY} to read all files "
                    "together."
                )
        return [found[delivery] for delivery in sorted(found)]

    @cached_property
    def years_by_kind(self) -> dict[Kind, set[int]]:
        """Years that the sources cover."""
        covered: dict[Kind, set[int]] = {"patent": set(), "publication": set()}
        for source in self.sources:
            covered[source.kind] |= set(source.years)
        return covered

    def missing_years(self, edition: int) -> dict[Kind, list[int]]:
        """Years of an edition's windows that no source covers, by kind."""
        return {
            kind: missing
            for kind, covered in self.years_by_kind.items()
            if (missing := sorted(set(editions()[edition].window(kind)) - covered))
        }

    def require_editions(self, wanted: Iterable[int]) -> None:
        """Refuse editions that are unknown or whose windows are not covered."""
        for edition in wanted:
            require_edition(edition)
            for kind, missing in self.missing_years(edition).items():
                window = editions()[edition].window(kind)
                raise UserError(
                    f"sources: edition {edition} needs {kind}s of {window[0]}-{window[-1]}, "
                    f"but no source of that kind covers {_listed(missing)}. Add files and years "
                    f"to a source, or choose another edition."
                )


def _closed_folder(base: Path, pattern: str) -> Path | None:
    """The first folder on a glob's ways that may not be read: `glob` takes it for an empty one."""
    way = Path(pattern)
    for folders, part in zip(reversed(way.parents), way.parts[-len(way.parents) :], strict=True):
        # a folder need not be listed for a file in it that is named
        right = os.X_OK | (os.R_OK if has_magic(part) else 0)
        for match in sorted(iglob(str(folders), root_dir=base, recursive=True)):  # noqa: PTH207
            folder = base / match
            if folder.is_dir() and not os.access(folder, right, effective_ids=True):
                return folder
    return None


def _key_of_files(source: Source, role: str) -> str:
    return f"sources.{source.name}.files" + (f".{role}" if role != SINGLE else "")


def _listed(years: Iterable[int]) -> str:
    return ", ".join(str(year) for year in years)


def find_config(given: Path | None = None) -> Path:
    """The configuration file that counts: the given one, the environment's, else the demo."""
    path = given or Path(os.environ.get(ENVIRONMENT) or DEMO)
    if path.is_dir():
        raise UserError(
            f"{path} is a folder. Give the configuration file in it with --config FILE."
        )
    if not path.is_file():
        raise UserError(f"There is no configuration file {path}. Give one with --config FILE.")
    return path.resolve()


def load_config(path: Path) -> Config:
    """Read and check a configuration file.

    Args:
        path: a TOML file; its relative paths start from its own folder.

    Raises:
        UserError: naming the key, for anything unknown, missing, overlapping or of the wrong kind.
    """
    require_utf8_name(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from None
    if says := not_utf8(data):
        raise UserError(f"{path.name}: {says}")
    try:
        entries = tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path.name} is not valid TOML: {error}. Mend that line.") from None
    try:
        config = Config(base=path.parent, **entries)
    except ValidationError as error:
        raise UserError(_explain(path, error)) from None
    except TypeError:
        raise UserError(f'{path.name}: "base" is not a key of the configuration.') from None
    _check_profile(config)
    _check_sources(config)
    return config


def _explain(path: Path, error: ValidationError) -> str:
    lines = []
    for fault in error.errors():
        key = ".".join(str(step) for step in fault["loc"])
        lines.append(f"{key}: {_message(fault)}")
    return f"{path.name}: " + "; ".join(lines)


def _message(fault: ErrorDetails) -> str:
    kind, says = fault["type"], fault["msg"]
    if kind == "value_error":
        return says.removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return _WRITTEN[fault["ctx"]["pattern"]]
    words = (must_be for begins, must_be in _MUST_BE.items() if kind.startswith(begins))
    message = next(words, says.replace("Input should be", "must be"))
    given = fault["input"]
    return (
        f"{message}, not {json.dumps(given)}"
        if "must" in message and isinstance(given, str | int | float)
        else message
    )


def _check_profile(config: Config) -> None:
    if config.profile and config.profile not in profiles():
        raise UserError(
            f'profile: there is no profile "{config.profile}". '
            f"Profiles are: {', '.join(profiles())}. Remove the key for the editions' own figures."
        )


def _check_sources(config: Config) -> None:
    """Checks across keys: known formats and roles, names once, no year twice in a kind."""
    owner: dict[tuple[str, int], str] = {}
    names: set[str] = set()
    for source in config.sources:
        key = f"sources.{source.name}"
        if source.name in names:
            raise UserError(f"{key}: two sources have this name; give each its own.")
        names.add(source.name)
        if source.format not in FORMATS:
            raise UserError(
                f'{key}.format: "{source.format}" is not a format. '
                f"Formats are: {', '.join(sorted(FORMATS))}."
            )
        _check_roles(source, FORMATS[source.format])
        for year in source.years:
            other = owner.setdefault((source.kind, year), source.name)
            if other != source.name:
                raise UserError(
                    f"{key}.years: {year} is covered by {other} too, and its {source.kind}s "
                    "would count twice. Give each year to one source."
                )
    unknown = [
        edition
        for edition in config.min_points
        if edition != "default" and (not edition.isdigit() or int(edition) not in editions())
    ]
    if unknown:
        raise UserError(f"min_points.{unknown[0]}: there is no such edition.")


def _check_roles(source: Source, reader: Reader) -> None:
    key = f"sources.{source.name}"
    if source.kind not in reader.kinds:
        raise UserError(
            f'{key}.kind: format "{source.format}" holds {" or ".join(reader.kinds)}s, '
            f"not {source.kind}s."
        )
    roles = reader.roles or {SINGLE: True}
    if source.columns and source.format != tabular.READER.name:
        raise UserError(
            f"{key}.columns: the columns of format {source.format} are known; "
            f"only {tabular.READER.name} files need them named. Remove the key."
        )
    if SINGLE in source.files.keys() - roles.keys():
        raise UserError(
            f"{key}.files: format {source.format} has files of several kinds: {', '.join(roles)}. "
            f"Say which these are, as in files.{next(iter(roles))} = ..."
        )
    for table, chosen in (("files", source.files), ("columns", source.columns)):
        for role in chosen:
            if role not in roles:
                raise UserError(
                    f"{key}.{table}.{role}: format {source.format} has no such files; "
                    f"it has: {', '.join(roles)}."
                )
    for role, is_required in roles.items():
        if is_required and not source.files.get(role):
            raise UserError(
                f"{_key_of_files(source, role)}: is missing; format {source.format} cannot be read "
                "without these files."
            )
