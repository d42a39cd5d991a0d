"""Headless Chromium for the tests of the report: opened from disk, everything that it logs or asks for recorded."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--lang=en",
)


class Browser:
    """One Chromium: opens pages, and keeps what they wrote to the console and what they asked the network for."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, path: Path, fragment: str = "", width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Open a file at a size and in a colour scheme; what earlier pages logged is forgotten."""
        self.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.cdp("Emulation.setEmulatedMedia", features=[scheme])
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self.driver.get(path.as_uri() + fragment)

    def cdp(self, command: str, **arguments: Any) -> Any:
        """One command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def js(self, script: str, *arguments: Any) -> Any:
        """The value of a piece of JavaScript (WebDriver runs it; the page's own policy forbids the page to)."""
        return self.driver.execute_script(script, *arguments)

    def keys(self, *keys: str) -> None:
        """Press keys on whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def console(self) -> list[str]:
        """Messages on the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses asked for since the last call."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def wait(self, script: str, *arguments: Any) -> None:
        """Until a piece of JavaScript gives a true value: half a minute at most, for a machine that has other work."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 30).until(lambda driver: driver.execute_script(script, *arguments))

    def draw_everything(self) -> None:
        """Have every plot drawn, as before printing."""
        drawn = "[...document.querySelectorAll('.draw')].every((e) => e.querySelector('svg'))"
        self.wait(f"dispatchEvent(new Event('beforeprint')); return {drawn}")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium under ChromeDriver; the tests are skipped where either is missing."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("chromium and chromedriver are not installed (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield Browser(chrome)
    chrome.quit()


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The report of a sample document by its name, written once."""
    from tests.reports import sample

    from softcert_reports.page.compare import compare
    from softcert_reports.page.render import render

    makers: dict[str, Callable[[], str]] = {
        "sample": lambda: render(sample.sample()),
        "hostile": lambda: render(sample.hostile()),
        "empty": lambda: render(sample.empty()),
        "twenty": lambda: render(sample.many(20)),
        "compared": lambda: compare([sample.sample(), sample.hostile()]),
    }
    folder = tmp_path_factory.mktemp("pages")

    def of(name: str) -> Path:
        path: Path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(makers[name](), "utf-8")
        return path

    return of
