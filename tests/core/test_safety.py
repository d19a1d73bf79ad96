"""What the code must never do with data or the network, whoever writes the next line of it.

What readers do with entities, bombs and members that point outside is tested with the readers.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCES = sorted(
    path
    for folder in ("pipelines", "assets", "benchmarks", ".ci")
    for path in (ROOT / folder).rglob("*.py")
)
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "xml"}
"""They run what data says, or (the standard library's XML) follow its entities."""
FORBIDDEN_CALLS = {"eval", "exec", "extractall", "read_pickle", "to_pickle", "system", "popen"}


def imports_and_calls(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.partition(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0], node
        elif isinstance(node, ast.Call) and not ast.unparse(node.func).endswith(".list.eval"):
            # Polars' list.eval takes an expression, no text
            called = node.func
            yield (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")), node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_data_is_run(path: Path) -> None:
    for name, node in imports_and_calls(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert name not in FORBIDDEN_CALLS, f"line {node.lineno}"
            options = {keyword.arg: keyword.value for keyword in node.keywords}
            for option in ("shell", "allow_pickle"):
                assert option not in options, f"line {node.lineno}"
        else:
            assert name not in FORBIDDEN_MODULES, name


def test_values_are_bound_and_never_written_into_sql() -> None:
    """Files of `sql/` have no place to put a text in; what they are given are variables."""
    for path in (ROOT / "sql").rglob("*.sql"):
        text = re.sub(r"--.*|'[^']*'", "", path.read_text(encoding="utf-8"))
        assert not re.search(r"\{|\}|%s|\?", text), path


def test_every_server_that_we_start_listens_to_this_machine_only() -> None:
    commands = re.compile(r"(dagster dev|dagster-webserver|http\.server|\bserve\b)(.*)")
    texts = [ROOT / "Makefile", ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    started = []
    for path in texts:
        joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for command, options in commands.findall(joined):
            if command.startswith("dagster"):
                started.append(command)
                # without the option Dagster takes 127.0.0.1 too
                assert "--host 127.0.0.1" in options or "--host" not in options, path
            assert "0.0.0.0" not in options  # noqa: S104 - that is what must not be there
    assert "dagster dev" in started
