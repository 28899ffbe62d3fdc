"""A real Chromium, driven over the WebDriver protocol (https://www.w3.org/TR/webdriver2/) by chromedriver."""

import base64
import json
import os
import re
import shutil
import urllib.error
import urllib.request

from .server import PATIENCE, Server, await_that

ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-extensions")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def is_installed():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser(Server):
    """One window. Its profile lies in the test's folder; nothing outside is touched."""

    name = "chromedriver"

    def __init__(self, folder, width=1280, height=900, dark=False):
        super().__init__(folder)
        self.size = (width, height)
        self.dark = dark
        self.port = None
        self.session = None

    def command(self):
        home = os.path.join(self.folder, f"home-{id(self):x}")
        os.makedirs(home, exist_ok=True)
        return ["env", f"HOME={home}", f"XDG_CONFIG_HOME={home}", f"XDG_CACHE_HOME={home}", "TZ=Europe/Berlin",
                "chromedriver", "--port=0"]

    def is_up(self):
        found = re.search(r"started successfully on port (\d+)", self.log())
        if found:
            self.port = int(found.group(1))
        return bool(found)

    def start(self):
        super().start()
        profile = os.path.join(self.folder, f"profile-{id(self):x}")
        options = {"binary": shutil.which("chromium"),
                   "args": [*ARGUMENTS, f"--user-data-dir={profile}", "--window-size={},{}".format(*self.size)]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                  "timeouts": {"script": int(60_000 * PATIENCE), "pageLoad": int(60_000 * PATIENCE)}}
        self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        width, height = self.size
        self.devtools("Emulation.setDeviceMetricsOverride",
                      {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        scheme = "dark" if self.dark else "light"
        self.devtools("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        return self

    def stop(self):
        if self.session is not None and self.process.poll() is None:
            try:
                self.call("DELETE", f"/session/{self.session}")
            except OSError:
                pass  # it is killed all the same
        self.session = None
        super().stop()

    def call(self, method, path, body=None):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60 * PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {json.load(error)['value']['message']}") from None

    def ask(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def devtools(self, command, parameters):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self.ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value of a function body."""
        return self.ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.ask("POST", f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, key):
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def text(self, selector):
        """What it says, narrow spaces as plain ones; None where it is not there or not shown."""
        text = self.run("const e = document.querySelector(arguments[0]);"
                        "return e && e.checkVisibility() ? e.textContent : null", selector)
        return text if text is None else re.sub(r"\s+", " ", text).strip()

    def texts(self, selector):
        found = self.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector)
        return [re.sub(r"\s+", " ", text).strip() for text in found]

    def await_text(self, selector, expected, seconds=30):
        """Waits until an element says `expected`, or what a function of its text is true for."""
        holds = expected if callable(expected) else lambda text: text == expected
        said = []

        def look():
            said[:] = [self.text(selector)]
            return said[0] is not None and holds(said[0])

        try:
            await_that(look, f"{selector} to say {expected}", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says {said}") from None
        return said[0]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("GET", "/screenshot")))

    def console(self):
        """Warnings and errors since the last call: exceptions, failed requests, breaches of the policy."""
        entries = self.ask("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("WARNING", "SEVERE")]

    def requested(self):
        """The addresses of all requests since the last call, without those of the browser's own pages."""
        urls = []
        for entry in self.ask("POST", "/se/log", {"type": "performance"}):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                sent = event["params"]
                if not sent["documentURL"].startswith(("chrome:", "chrome-untrusted:")):
                    urls.append(sent["request"]["url"])
        return [url for url in urls if not url.startswith(("data:", "blob:", "about:", "chrome:"))]
