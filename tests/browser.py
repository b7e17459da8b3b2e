"""A real Chromium without a window, driven over its own pipe: a page opened, looked at, pictured.

The DevTools protocol is JSON with a NUL behind each message, on two file descriptors. So a browser
is all that is needed, and no package. Nothing is started but this browser, with a profile of its
own, and it is told to leave the network alone.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What Chromium is called where it may be installed.
NAMES = ("chromium", "chromium-browser", "google-chrome")
# A root of a container has no sandbox of its own.
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
# The descriptors on which Chromium reads and writes.
_READS, _WRITES = 3, 4


def find() -> str | None:
    """Give the path of a Chromium, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of one browser. `errors` are what its console complained of, exceptions included."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader = os.fdopen(reader, "rb")
        self._writer = os.fdopen(writer, "wb", buffering=0)
        self._numbers = count(1)
        self._session: str | None = None
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM", "CSS"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 (the protocol's own)
        """Ask for something and wait for the answer; what happens meanwhile is noted."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._writer.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != number:
            self._note(answer)
        assert "error" not in answer, (method, answer)
        found: dict[str, Any] = answer["result"]
        return found

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.go(path.absolute().as_uri())

    def go(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        self.errors, self.requests = [], []
        self.call("Page.navigate", url=url)
        while (event := self._next()).get("method") != "Page.loadEventFired":
            self._note(event)

    def ask(self, expression: str) -> Any:  # noqa: ANN401 (whatever the page says)
        """Evaluate an expression in the page, apart from its own policy for scripts."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def fonts(self, selector: str) -> list[str]:
        """Give the fonts that the glyphs of an element were really drawn with."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        fonts = self.call("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]
        return [font["familyName"] for font in fonts if font["glyphCount"]]

    def picture(
        self, path: Path, width: int, height: int | None = None, *, dark: bool = False
    ) -> None:
        """Draw the page as wide as that, and as high, or as high as it is."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        size = {"width": width, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", height=900, **size)
        tall = height or self.ask("Math.ceil(document.documentElement.scrollHeight)")
        self.call("Emulation.setDeviceMetricsOverride", height=tall, **size)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self._reader.read(1)) != b"\0":
            assert byte, "the browser has ended"
            message += byte
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, event: dict[str, Any]) -> None:
        given = event.get("params", {})
        match event.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(str(given["exceptionDetails"]))
            case "Log.entryAdded" if given["entry"]["level"] in {"error", "warning"}:
                self.errors.append(str(given["entry"]))
            case "Runtime.consoleAPICalled":
                self.errors.append(str(given))
            case "Network.requestWillBeSent":
                self.requests.append(given["request"]["url"])


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser; it ends with the block. Fails where there is none."""
    path = find()
    assert path, "no Chromium: sh requirements/system.sh brings one"
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The shell puts the pipes where Chromium looks for them.
        words = [path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        moved = f'exec "$@" {_READS}<&{theirs_in} {_WRITES}>&{theirs_out}'
        process = subprocess.Popen(
            ["bash", "-c", moved, "bash", *words],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            opened = Browser(ours_in, ours_out)
            yield opened
            opened.close()
        finally:
            process.kill()
            process.wait()
