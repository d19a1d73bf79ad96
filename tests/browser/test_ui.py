"""Dagster's UI and a report as a person uses them, in a headless Chromium.

Pictures of what was seen lie beside the world: `lineage.png`, `failed_check.png` and so on.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import MODULE
from tests.world.made import EDITION

LAUNCH = f"ops:\n  recompute_editions:\n    config:\n      editions: [{EDITION}]\n"
_PATIENCE_SECONDS = 200
"""A run takes twenty on a quiet machine."""


def see(browser: webdriver.Chrome, address: str, words: str, *, again: bool = False) -> str:
    """Open a page and wait until it shows a pattern; returns all its text.

    Args:
        browser: the browser.
        address: the page.
        words: regular expression.
        again: load the page anew while it does not show it.
    """
    browser.get(address)
    deadline, said = time.monotonic() + _PATIENCE_SECONDS, ""
    loaded = time.monotonic()
    while time.monotonic() < deadline:
        said = browser.find_element(By.TAG_NAME, "body").text
        if re.search(words, said):
            return said
        if again and time.monotonic() - loaded > 5:
            browser.get(address)
            loaded = time.monotonic()
        time.sleep(0.5)
    raise AssertionError(f"{address} does not show {words!r}:\n{said}")


def wait(there: Callable[[], bool]) -> None:
    """Wait until something is there."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not there():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.5)


def click(browser: webdriver.Chrome, words: str) -> None:
    """Click the last button or link with these words."""
    found = browser.find_elements(By.XPATH, f"//*[not(*)][normalize-space()='{words}']")
    browser.execute_script("arguments[0].click()", found[-1])


def launch(browser: webdriver.Chrome, ui: str) -> None:
    """Launch the edition from the launchpad."""
    page = f"{ui}/locations/{MODULE}/jobs/recompute_all/playground/setup?config={quote(LAUNCH)}"
    see(browser, page, r"(?s)editions: \[2018\].*No errors")
    ready = "//button[contains(., 'Launch Run') and not(@disabled)]"
    wait(lambda: bool(browser.find_elements(By.XPATH, ready)))
    time.sleep(1)  # the launchpad draws itself anew once more when it has checked the options
    browser.find_element(By.XPATH, ready).click()
    # the run's page opens here or in a window of its own
    wait(lambda: len(browser.window_handles) > 1 or "/runs/" in browser.current_url)
    for window in browser.window_handles[1:]:
        browser.switch_to.window(window)
        browser.close()
    browser.switch_to.window(browser.window_handles[0])


def test_the_edition_is_launched_checked_and_released(
    browser: webdriver.Chrome, ui: str, workspace: Path
) -> None:
    lineage = see(browser, f"{ui}/asset-groups", "(?s)extracts.*indicators.*releases")
    for stage in ("extracts", "geocoding", "clusters", "indicators", "releases"):
        assert stage in lineage
    browser.save_screenshot(str(workspace / "lineage.png"))

    # a table comes out wrong: the check says what, nothing is stored, nothing is released
    table = workspace / f"workspace/tables/indicators/world/edition={EDITION}/world.parquet"
    table.unlink()
    (workspace / "break").touch()
    launch(browser, ui)
    checks = f"{ui}/assets/indicators/world?view=checks&checkDetail=contract"
    said = see(browser, checks, "expectations fail", again=True)
    assert re.search(r"\d+ of \d+ expectations fail", said)
    browser.save_screenshot(str(workspace / "failed_check.png"))
    click(browser, "[Show Markdown]")
    detail = see_dialog(browser, "expected")
    assert "share" in detail
    assert "1.5" in detail
    browser.save_screenshot(str(workspace / "failed_check_detail.png"))
    assert not table.exists()

    (workspace / "break").unlink()
    launch(browser, ui)
    see(browser, checks, "expectations hold", again=True)
    partition = f"{ui}/assets/releases/release?view=partitions&partition={EDITION}"
    released = see(browser, partition, r"(?s)Materialized.*report\.html")
    assert table.exists()
    assert f"releases/{EDITION}/" in released
    click(browser, "[Show Markdown]")
    see_dialog(browser, "map")
    picture = browser.find_element(By.CSS_SELECTOR, "img[alt^='World map']")
    assert browser.execute_script("return arguments[0].naturalWidth", picture) > 600
    browser.save_screenshot(str(workspace / "release.png"))


def see_dialog(browser: webdriver.Chrome, words: str) -> str:
    """Wait until an open dialog shows words; returns its text."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for dialog in browser.find_elements(By.CSS_SELECTOR, ".bp5-dialog, [role=dialog]"):
            if words in dialog.text:
                return dialog.text
        time.sleep(0.5)
    raise AssertionError(f"no dialog shows {words!r}")


def test_an_asset_explains_itself(browser: webdriver.Chrome, ui: str, workspace: Path) -> None:
    said = see(browser, f"{ui}/assets/clusters/clusters", r"(?s)Columns.*cluster_id.*Latitude")
    assert "Each row is a cluster." in said
    assert "Latitude of the main place (degrees north, WGS 84)" in said
    assert "Row count" in said
    browser.save_screenshot(str(workspace / "asset.png"))


def test_the_report_is_read_on_a_wide_screen_and_a_phone(
    browser: webdriver.Chrome, workspace: Path
) -> None:
    (report,) = (workspace / f"workspace/releases/{EDITION}").glob("latest/report.html")
    browser.get(report.as_uri())
    assert "edition 2018" in browser.find_element(By.TAG_NAME, "h1").text
    rows = browser.find_elements(By.CSS_SELECTOR, "#ranking-table tbody tr")
    assert len(rows) == len(browser.find_elements(By.CSS_SELECTOR, "details.cluster")) > 1
    browser.save_screenshot(str(workspace / "report_wide.png"))

    browser.find_element(By.ID, "search").send_keys("boston")
    found = [row.find_element(By.TAG_NAME, "th").text for row in rows if row.is_displayed()]
    assert found == ["Boston, MA"]
    browser.find_element(By.ID, "search").send_keys(Keys.CONTROL, "a", Keys.DELETE)

    headers = browser.find_elements(By.CSS_SELECTOR, "#ranking-table thead button")
    (header,) = (one for one in headers if one.text == "Cluster")
    header.send_keys(Keys.ENTER)
    names = [row.find_element(By.TAG_NAME, "th").text for row in rows]
    shown = browser.find_elements(By.CSS_SELECTOR, "#ranking-table tbody th")
    assert [cell.text for cell in shown] == sorted(names)

    world = browser.find_element(By.ID, "worldmap")
    before = world.get_dom_attribute("viewBox")
    world.send_keys("+")
    time.sleep(0.5)
    assert world.get_dom_attribute("viewBox") != before

    browser.get(f"{report.as_uri()}#tokyo")
    section = browser.find_element(By.CSS_SELECTOR, "details.cluster[open]")
    assert "Why the rank moved" in section.text
    top = "return Math.abs(arguments[0].getBoundingClientRect().top)"
    wait(lambda: browser.execute_script(top, section) < 50)  # the page glides there
    browser.save_screenshot(str(workspace / "report_cluster.png"))

    for screen in (390, 320):
        metrics = {"width": screen, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        browser.get(f"{report.as_uri()}?{screen}#tokyo")
        assert browser.find_elements(By.CSS_SELECTOR, "details.cluster[open]")
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= screen, "nothing runs out of the screen"
        browser.save_screenshot(str(workspace / f"report_phone_{screen}.png"))
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    messages = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert not [entry for entry in messages if "report.html" in entry["message"]]
