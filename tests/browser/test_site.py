"""The documentation's site as a person opens it: from disk, without a network."""

import shutil
import subprocess
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.test_ui import wait
from tests.conftest import ROOT
from tests.docs.test_site import site


def test_the_search_works_from_disk(browser: webdriver.Chrome, tmp_path: Path) -> None:
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    docs = tmp_path / "build/docs"
    docs.mkdir(parents=True)
    for file in site.FILES:
        shutil.copy(file, docs)
    for name, text in site.pages().items():
        (docs / name).write_text(text, encoding="utf-8")
    build = [Path(sys.executable).with_name("zensical"), "build", "--strict"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)

    browser.get_log("browser")  # what came before is not this page's
    browser.get((tmp_path / "build/site/index.html").as_uri())
    type_into_search = ActionChains(browser).key_down(Keys.CONTROL).send_keys("k")
    type_into_search.key_up(Keys.CONTROL).pause(1).send_keys("rank_sensitivity").perform()
    found = "return document.activeElement.shadowRoot?.textContent ?? ''"
    wait(lambda: "Codebook" in browser.execute_script(found))
    told = [one["message"] for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert told == []
