"""A browser, and Dagster's UI on a copy of the small world."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.browser.breakable import BREAK
from tests.command import COMMAND
from tests.conftest import ROOT
from tests.world.conftest import world_folder  # noqa: F401 - the story's workspaces

MODULE = "tests.browser.breakable"
_START_SECONDS = 240
"""Dagster takes ten on a quiet machine."""


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Chrome]:
    """A headless Chromium of 1400 by 1000; skips where there is none."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not driver or not chromium:
        pytest.skip(
            "no browser: install Debian's chromium and chromium-driver to try UI and report"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    chrome.set_window_size(1400, 1000)
    yield chrome
    chrome.quit()


@pytest.fixture(scope="session")
def workspace(world_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """The small world with everything made; the file `break` beside it asks for a wrong table."""
    folder = tmp_path_factory.mktemp("ui") / "one"
    shutil.copytree(world_folder / "one", folder, symlinks=True)
    return folder


@pytest.fixture(scope="session")
def ui(browser: webdriver.Chrome, workspace: Path) -> Iterator[str]:
    """Address of Dagster's UI on that world, started the way `make ui` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    dagster = [Path(sys.executable).with_name("dagster"), "dev", "--host", "127.0.0.1"]
    served = subprocess.Popen(
        [*COMMAND, "env", "--config", workspace / "stclusters.toml", "--", *dagster,
         "--port", str(port), "--module-name", MODULE],
        cwd=ROOT,
        env={**os.environ, BREAK: str(workspace / "break")},
        stdout=(workspace / "ui.log").open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_served(address, served, workspace / "ui.log")
        yield address
    finally:
        os.killpg(served.pid, signal.SIGTERM)
        try:
            served.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(served.pid, signal.SIGKILL)


def _wait_until_served(address: str, served: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and served.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/server_info", timeout=5)  # noqa: S310 - our own
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"Dagster's UI did not start:\n{log.read_text()[-3000:]}")
