"""Find a Chromium for the browser tests, or fetch Playwright's own; `make test` runs this first.

Where none is found and none can be fetched (no internet), it says so and ends well: the tests that
need one are skipped, each with the reason. PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 asks for nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 600  # seconds, for a slow line
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def on_this_computer():
    """A browser that is named by CHROMIUM or stands on the PATH; `None` where there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


def executable(play):
    """The browser for the tests: one of this computer, else Playwright's own, if it is there."""
    own = Path(play.chromium.executable_path)
    return on_this_computer() or (str(own) if own.exists() else None)


def why_none(play):
    """Why no browser can be started; empty where one can."""
    path = executable(play)
    if path is None:
        return "no Chromium: install one, or name it by the variable CHROMIUM"
    try:
        play.chromium.launch(executable_path=path, args=FLAGS).close()
    except Exception as error:  # noqa: BLE001  # whatever the browser lacks, the tests are skipped
        return f"{path} does not start: {str(error).strip().splitlines()[0]}"
    return ""


def tell(words):
    """Say something at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def fetch():
    """Let Playwright fetch its Chromium; whether it could."""
    if os.environ.get("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"):
        return False
    tell("No Chromium on this computer: asking Playwright for one …")
    asked = [sys.executable, "-m", "playwright", "install", "chromium", "--only-shell"]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        tell("The browser tests are skipped: playwright is not installed.")
        return
    with sync_playwright() as play:
        if executable(play) is None:
            fetch()
        why = why_none(play)
        tell(f"The browser tests are skipped: {why}" if why else f"Browser: {executable(play)}")


if __name__ == "__main__":
    main()
