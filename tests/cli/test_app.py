"""The command as a process: exit codes, one paragraph for a user's mistake, never a traceback."""

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_group

from pipelines.cli import app as command_line
from pipelines.storage import Workspace
from tests.command import COMMAND
from tests.conftest import ROOT
from tests.permissions import read_only
from tests.report import made as made_releases
from tests.world import made

EDITIONS_OF_201 = ["2017", "2018", "2019"]


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def ends(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Exit code of the command, run in this process."""
    codes: list[int] = []

    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    monkeypatch.setattr("sys.argv", ["stclusters", *map(str, arguments)])
    monkeypatch.setattr(command_line.os, "_exit", end)
    for name in ("DAGSTER_HOME", "STCLUSTERS_DAGSTER_STATE", "STCLUSTERS_CONFIG"):
        monkeypatch.setenv(name, "")  # so that what the command sets is undone
    monkeypatch.delenv("STCLUSTERS_CONFIG")
    with pytest.raises(Ended):
        command_line.main()
    return codes[0]


def test_a_process_ends_with_the_code_and_one_paragraph(tmp_path: Path) -> None:
    done = command("show", "2018", "--config", tmp_path / "nowhere.toml")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: There is no configuration file")
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_what_the_command_waits_for() -> None:
    """A wait that Ctrl+C does not end is ended by a timer, long after; then nobody was interrupted.

    A shell's job in the background ignores Ctrl+C, and so would all that the tests start in it.
    """
    code = """if True:
        import os, signal, threading
        signal.signal(signal.SIGINT, signal.default_int_handler)
        from pipelines.cli.app import end_waiting_on_interrupt
        end_waiting_on_interrupt()
        steps_are_done = threading.Event()
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        late = threading.Timer(60, steps_are_done.set)
        late.daemon = True
        late.start()
        try:
            steps_are_done.wait()
        except KeyboardInterrupt:
            print("too late" if steps_are_done.is_set() else "interrupted")
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "interrupted", done.stderr


def test_ctrl_c_while_the_command_is_imported_is_no_error() -> None:
    code = """if True:
        import sys
        class Interrupted:
            def find_spec(self, name, path=None, target=None):
                if name == "polars":
                    raise KeyboardInterrupt
        sys.meta_path.insert(0, Interrupted())
        from pipelines.cli import main
        main()
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Configuration of a workspace with an edition whose names need more than Latin-1."""
    folder = tmp_path_factory.mktemp("released")
    made_releases.release(folder / "workspace/releases", 2024)
    return made.write_configuration(folder)


@pytest.mark.parametrize("option", [[], ["--csv"], ["--cluster", "c"]])
def test_what_is_piped_is_utf_8_whatever_the_locale(released: Path, option: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, "show", "2024", *option, "--config", released],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "深圳" in done.stdout.decode()


@pytest.mark.parametrize("option", [[], ["--csv"]])
def test_output_that_cannot_be_written_is_no_traceback(released: Path, option: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "show", "2024", *option, "--config", released],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.strip() == "Error: The output cannot be written: No space left on device."


def test_what_may_not_be_read_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def hidden(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "hidden.parquet")

    monkeypatch.setattr(command_line, "app", hidden)
    assert ends(monkeypatch, "show", "2024") == 2
    assert capfd.readouterr().err.startswith("Error: hidden.parquet: Permission denied. Mend")


def test_closed_streams_are_no_traceback(released: Path) -> None:
    arguments = ["show", "2024", "--config", str(released)]
    for closed in (1, 2):
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *COMMAND, *arguments],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_no_command_waits_for_libraries_that_only_a_run_needs() -> None:
    code = "import sys, pipelines.cli.app; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert {"pandas", "dagster", "great_expectations"}.isdisjoint(loaded.stdout.split())


def test_help_is_short_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ends(monkeypatch, "--help") == 0
    said = capsys.readouterr().out
    for name in ("run", "simulate", "show", "verify", "delineate", "geocode"):
        assert f" {name} " in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--edition", "2016"], "There is no edition 2016"),
        (["run", "--edition", "2020"], "needs patents of 2014-2018"),
        (["run", "--edition", "2018", "--all"], "exclude each other"),
        (["show", "2018"], "Edition 2018 is not released"),
        (["show", "1999"], "There is no edition 1999"),
    ],
)
def test_mistakes_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: list[str],
    says: str,
) -> None:
    configuration = made.write_world(tmp_path)
    assert ends(monkeypatch, *arguments, "--config", configuration) == 2
    assert says in capsys.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "workspace" / "tables").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ('[institutions]\nfiles = "nothing_*.jsonl"\n', "institutions.files"),
        ('[gazetteer]\nplaces = "nothing_*.csv"\n', "gazetteer.places"),
        ('[population]\nraster = "nothing.tif"\n', "population.raster"),
    ],
)
def test_missing_files_of_any_key_are_found_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    more: str,
    says: str,
) -> None:
    configuration = made.write_world(tmp_path)
    configuration.write_text(configuration.read_text() + more)

    def no_work(*_: object, **__: object) -> int:
        raise AssertionError("work started")

    monkeypatch.setattr("pipelines.cli.run._recompute", no_work)
    assert ends(monkeypatch, "run", "--edition", "2018", "--config", configuration) == 2
    assert says in capsys.readouterr().err


def test_a_workspace_that_cannot_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    configuration = made.write_world(tmp_path)
    (tmp_path / "workspace").write_text("a file in the way")
    assert ends(monkeypatch, "run", "--edition", "2018", "--config", configuration) == 2
    assert "workspace" in capsys.readouterr().err


@pytest.mark.parametrize("part", [".", "workspace", "workspace/dagster"])
def test_a_workspace_that_is_read_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, part: str
) -> None:
    configuration = made.write_world(tmp_path)
    folder = tmp_path / part
    folder.mkdir(parents=True, exist_ok=True)
    with read_only(folder):
        assert ends(monkeypatch, "run", "--edition", "2018", "--config", configuration) == 2
    said = capsys.readouterr().err
    assert "cannot be written to: Permission denied" in said
    assert "Traceback" not in said


def test_a_full_disk_under_dagsters_records_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    configuration = made.write_world(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
    try:
        assert ends(monkeypatch, "run", "--edition", "2018", "--config", configuration) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    said = capsys.readouterr().err
    assert "Dagster's records in" in said
    assert "Free space" in said
    assert "Traceback" not in said


def test_while_another_run_is_at_work_nothing_is_read_or_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    configuration = made.write_world(tmp_path)
    with Workspace(tmp_path / "workspace").exclusively():
        assert ends(monkeypatch, "run", "--edition", "2018", "--config", configuration) == 2
    assert "Another run is working" in capsys.readouterr().err
    assert not (tmp_path / "workspace" / "snapshots.jsonl").exists()


@pytest.mark.parametrize("name", ["[bold].csv", "a[/]b.csv", "[red]x[/red].csv"])
def test_brackets_in_a_name_are_shown_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    arguments = ["delineate", name, "--radius-km", "15", "--min-points", "1", "--out", "o.csv"]
    monkeypatch.chdir(tmp_path)
    assert ends(monkeypatch, *arguments) == 2
    assert name in capsys.readouterr().err


def test_our_own_mistakes_are_told_apart_from_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def breaks(_: Path) -> list[str]:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr("pipelines.cli.releases.faults_of", breaks)
    assert ends(monkeypatch, "verify", tmp_path) == 3
    assert "a mistake of ours" in capsys.readouterr().err


@pytest.mark.parametrize("scale", ["0", "2", "-1", "nan"])
def test_scales_that_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, scale: str
) -> None:
    assert ends(monkeypatch, "simulate", "--scale", scale, "--out", tmp_path / "out") == 2
    assert "scale" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_world_where_a_file_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    taken = tmp_path / "taken[bold].txt"
    taken.write_text("in the way")

    def no_folder(_: float, output: Path, **__: object) -> None:
        output.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr("pipelines.simulation.world.simulate", no_folder)
    for output in (taken, taken / "below"):
        assert ends(monkeypatch, "simulate", "--scale", "0.001", "--out", output) == 2
        said = capsys.readouterr().err
        assert said.startswith("Error: --out")
        assert "taken[bold].txt" in said
    assert taken.read_text() == "in the way"


def test_a_world_is_not_made_among_other_files(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "stclusters.toml"
    mine.write_text("mine")
    assert ends(monkeypatch, "simulate", "--scale", "0.001", "--out", tmp_path) == 2
    assert "holds something else than a simulated world" in capsys.readouterr().err
    assert mine.read_text() == "mine"


def test_the_shell_completes_commands_and_editions(monkeypatch: pytest.MonkeyPatch) -> None:
    named = "import sys; sys.argv[0] = 'stclusters'; from pipelines.cli import main; main()"
    monkeypatch.setenv("_STCLUSTERS_COMPLETE", "complete_bash")
    for words, found in (("stclusters sh", ["show"]), ("stclusters show 201", EDITIONS_OF_201)):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        done = subprocess.run(
            [sys.executable, "-c", named], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == found


def test_every_command_has_an_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (command.name for command in get_group(command_line.app).commands.values()):
        assert ends(monkeypatch, str(name), "--help") == 0
        assert f"stclusters {name} " in capsys.readouterr().out.replace("Usage: stclusters", "")


def test_an_interrupted_run_says_that_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipelines.cli.run._check_sources", interrupt)
    configuration = made.write_configuration(tmp_path)
    assert ends(monkeypatch, "run", "--edition", "2018", "--config", configuration) == 130
    assert "the next run goes on from there" in capsys.readouterr().err
