"""The dashboard in a real browser: its figures are the API's, and nothing comes from elsewhere."""

import unittest

from lab import wire
from lab.browser import Browser, is_installed
from lab.case import Case, heavy
from lab.server import await_that, free_port
from lab.upstreams import NginxInFront
from lab.weir import Weir, configuration

ROUTES = [{"match": "GET /ok"}, {"match": "/slow"}, {"match": "/status"}]


@unittest.skipUnless(is_installed(), "chromium and chromedriver are not installed")
@heavy
class Page(Case):
    seconds = 120

    def browse(self, proxy, hash="", **more):
        browser = self.start(Browser(self.folder, **more))
        browser.open(f"http://{proxy.admin_address}/{hash}")
        return browser

    def busy(self, **sections):
        """weir with some traffic behind it: 12 requests, 3 of them errors, 1 slow."""
        proxy = self.weir(self.node(), routes=ROUTES, measure={"slow_threshold": "200ms"}, **sections)
        for _ in range(8):
            proxy.get("/ok")
        for code in (404, 500, 503):
            proxy.get(f"/status?code={code}")
        proxy.get("/slow?ms=250")
        return proxy

    def assert_clean(self, browser, proxy):
        """No error, no breach of the policy, no request to elsewhere."""
        self.assertEqual(browser.console(), [])
        requested = browser.requested()
        self.assertTrue(requested)
        self.assertEqual([url for url in requested if not url.startswith(f"http://{proxy.admin_address}/")], [])

    def test_its_figures_are_those_of_the_api(self):
        proxy = self.busy()
        browser = self.browse(proxy)
        browser.await_text("#tile-requests", "12")
        browser.await_text("#tile-error-rate", "25.0 %")
        browser.await_text("#tile-slow", "1")
        stats = proxy.stats("?window=5m")
        self.assertEqual(browser.text("#tile-p50"), duration(stats["p50_duration"]))
        self.assertEqual(browser.text("#tile-p99"), duration(stats["p99_duration"]))
        self.assertEqual(browser.text("#health-word"), proxy.performance("health")["status"])
        rows = {row[0]: row for row in self.rows(browser)}
        self.assertEqual(set(rows), {"GET/ok", "GET/status", "GET/slow"})
        for tag, one in stats["endpoint_stats"].items():
            with self.subTest(tag):
                row = rows[tag.replace(" ", "")]
                self.assertEqual(row[1], str(one["total_requests"]))
                self.assertEqual(row[4], duration(one["p95_duration"]))
                self.assertEqual(row[8], str(one["slow_count"]))
        # What comes while it is open shows without loading it anew.
        for _ in range(5):
            proxy.get("/ok")
        browser.await_text("#tile-requests", "17")
        self.assert_clean(browser, proxy)

    def rows(self, browser):
        return browser.run("return [...document.querySelectorAll('#routes-table tbody tr')].map("
                           "(row) => [...row.cells].map((cell) => cell.textContent.replace(/\\s+/g, ' ').trim()))")

    def first_column(self, browser):
        return [row[0] for row in self.rows(browser)]

    def test_routes_are_sorted_and_searched(self):
        proxy = self.busy()
        browser = self.browse(proxy)
        await_that(lambda: self.first_column(browser), "the routes", 30)
        self.assertEqual(self.first_column(browser)[0], "GET/slow")
        self.assertEqual(self.sorting(browser), ["share", "descending"])
        browser.click("th.col-count button")
        self.assertEqual(self.first_column(browser), ["GET/ok", "GET/status", "GET/slow"])
        browser.click("th.col-count button")
        self.assertEqual(self.sorting(browser), ["count", "ascending"])
        self.assertEqual(self.first_column(browser), ["GET/slow", "GET/status", "GET/ok"])
        browser.click("th.col-route button")
        self.assertEqual(self.first_column(browser), ["GET/ok", "GET/slow", "GET/status"])
        browser.type("#route-search", "get s")
        self.assertEqual(self.first_column(browser), ["GET/slow", "GET/status"])
        browser.type("#route-search", "nothing like it")
        browser.await_text("#routes-note", "No route has these words in it.")
        self.assert_clean(browser, proxy)

    def sorting(self, browser):
        return browser.run("const th = document.querySelector('#routes-table th[aria-sort]');"
                           "return [th.className.replace('col-', ''), th.getAttribute('aria-sort')]")

    def test_the_window_is_switched_and_kept_in_the_address(self):
        proxy = self.busy()
        browser = self.browse(proxy, "#window=1d")
        browser.await_text("#tile-requests", "12")
        self.assertEqual(browser.text("#windows [aria-pressed=true]"), "1 d")
        for window in ("all", "1h"):
            browser.click(f"[data-window='{window}']")
            await_that(lambda: browser.run("return location.hash") == f"#window={window}", "the address", 30)
            browser.await_text("#tile-requests", "12")
        browser.click("#sections a[href='#errors']")
        await_that(lambda: browser.run("return document.activeElement.id") == "errors", "the section to be reached", 30)
        await_that(lambda: browser.run("return location.hash") == "#window=1h", "the address to keep the window", 30)
        browser.run("history.back()")
        browser.await_text("#windows [aria-pressed=true]", "all")
        asked = [url for url in browser.requested() if "/series?" in url]
        for window in ("1d", "all", "1h"):
            self.assertTrue(any(f"window={window}" in url for url in asked), asked)
        self.assertEqual(browser.console(), [])

    def test_a_route_is_opened_by_a_click_and_closed_by_escape(self):
        proxy = self.busy()
        browser = self.browse(proxy)
        await_that(lambda: self.first_column(browser), "the routes", 30)
        browser.click("tr[data-tag='GET /slow'] a")
        browser.await_text("#route-title", lambda text: text.endswith("/slow"))
        browser.await_text("#route-why", lambda text: "configuration" in text)
        browser.await_text("#route-figures", lambda text: "Requests1" in text)
        browser.await_text("#route-phases", lambda text: "wait for the app" in text)
        browser.await_text("#route-slow .sample-path", "GET/slow")
        browser.await_text("#route-errors", "None.")
        await_that(lambda: "route=GET+%2Fslow" in browser.run("return location.hash"), "the address of the route", 30)
        browser.press("\ue00c")
        is_open = "return document.getElementById('route-dialog').open"
        await_that(lambda: not browser.run(is_open), "the route to close", 30)
        await_that(lambda: "route=" not in browser.run("return location.hash"), "the address to name no route", 30)
        # The same by its address alone.
        browser.open("about:blank")
        browser.open(f"http://{proxy.admin_address}/#route=GET+%2Fstatus")
        browser.await_text("#route-errors .badge", lambda text: text in ("404", "500", "503"))
        self.assert_clean(browser, proxy)

    def test_slow_requests_and_errors_show_where_their_time_went(self):
        proxy = self.busy()
        browser = self.browse(proxy)
        browser.await_text("#slow-list .sample-path", "GET/slow")
        self.assertEqual(sorted(browser.texts("#errors-list .badge")), ["500", "503"])
        widest = browser.run("const parts = [...document.querySelectorAll('#slow-list .bar > span')];"
                             "return parts.sort((a, b) => b.offsetWidth - a.offsetWidth)[0].className")
        self.assertEqual(widest, "p-wait")
        browser.click("#slow-list summary")
        facts = browser.await_text("#slow-list .facts", lambda text: "wait for the app" in text)
        self.assertIn(proxy.performance("slow-queries")["slow_queries"][0]["request_id"], facts)
        self.assert_clean(browser, proxy)

    def test_chips_choose_the_kinds_of_errors_and_the_address_keeps_them(self):
        proxy = self.busy()
        browser = self.browse(proxy, "#window=1h")
        browser.await_text("#errors-kinds", "5xx 24xx 1faults 0")
        self.assertEqual(self.pressed(browser), ["5xx", "faults"])
        self.await_badges(browser, ["500", "503"])
        browser.click("[data-kind='4xx']")
        self.await_badges(browser, ["404", "500", "503"])
        browser.click("[data-kind='5xx']")
        self.await_badges(browser, ["404"])
        # By the keyboard: a space presses what has the focus.
        browser.run("document.querySelector('[data-kind=faults]').focus()")
        browser.press(" ")
        await_that(lambda: self.pressed(browser) == ["4xx"], "one chip to stay", 30)
        self.assertEqual(browser.run("return location.hash"), "#window=1h&errors=4xx")
        proxy.get("/status?code=410")
        self.await_badges(browser, ["404", "410"])
        self.assertEqual(self.pressed(browser), ["4xx"])
        browser.run("location.reload()")
        self.await_badges(browser, ["404", "410"])
        self.assertEqual(self.pressed(browser), ["4xx"])
        browser.click("[data-kind='4xx']")
        browser.await_text("#errors-list", "No kind is chosen; 2 responses with 5xx, 2 responses with 4xx in the last hour.")
        browser.click("[data-kind='faults']")
        browser.await_text("#errors-list", "No faults in the last hour; 2 responses with 5xx, 2 responses with 4xx.")
        self.assert_clean(browser, proxy)

    def test_a_fault_is_listed_among_faults_whatever_its_status(self):
        node = self.node()
        proxy = self.weir(node)
        proxy.get("/status?code=404")
        browser = self.browse(proxy)
        browser.await_text("#errors-list", "No 5xx and no faults in the last 5 minutes; 1 response with 4xx.")
        node.stop()
        proxy.get("/ok")
        self.await_badges(browser, ["502"])
        browser.click("[data-kind='5xx']")
        browser.await_text("#errors-kinds", "5xx 14xx 1faults 1")
        await_that(lambda: self.pressed(browser) == ["faults"], "the chips", 30)
        self.await_badges(browser, ["502"])

    def pressed(self, browser):
        return browser.run("return [...document.querySelectorAll('#errors-kinds [aria-pressed=true]')].map("
                           "(one) => one.dataset.kind)")

    def await_badges(self, browser, expected):
        await_that(lambda: sorted(browser.texts("#errors-list .badge")) == expected, f"the errors {expected}", 30)

    def test_events_and_marks_of_the_app_are_shown(self):
        proxy = self.busy()
        for call, body in (("events", b'[{"name": "render", "duration": 0.25}, {"name": "queue_depth", "value": 17}]'),
                           ("marks", b'{"name": "<b>v2</b>"}')):
            answer = wire.fetch(proxy.admin_address, "POST", f"/admin/performance/{call}", body=body)
            self.assertIn(answer.status, (200, 201, 202, 204), answer.body)
        browser = self.browse(proxy)
        browser.await_text("#events-list", lambda text: "p50 250 ms" in text and "17, from 17 to 17" in text)
        self.assert_clean(browser, proxy)

    def test_before_the_first_request_it_says_how_to_send_one(self):
        proxy = self.weir(self.node())
        browser = self.browse(proxy)
        browser.await_text("#first-command", lambda text: text.startswith("curl -i http://127.0.0.1:"))
        browser.await_text("#tile-p99", "–")
        browser.await_text("#routes-note", "No request in this window.")
        proxy.get("/ok")
        browser.await_text("#tile-requests", "1")
        self.assertIsNone(browser.text("#first-run"))
        self.assert_clean(browser, proxy)

    def test_a_server_that_goes_leaves_its_figures_marked_and_comes_back(self):
        port = free_port()
        node = self.node()
        options = configuration(node.url, admin={"address": f"127.0.0.1:{port}"})
        proxy = self.start(Weir(self.folder, options))
        proxy.get("/ok")
        browser = self.browse(proxy)
        browser.await_text("#tile-requests", "1")
        proxy.stop()
        browser.await_text("#notice", lambda text: text.startswith("weir does not answer. Everything below is as of"))
        await_that(lambda: browser.run("return document.getElementById('updated').dataset.live") == "stale", "the mark", 30)
        browser.await_text("#health", "unknown")
        self.assertEqual(browser.text("#tile-requests"), "1")
        again = self.start(Weir(self.folder, options))
        again.get("/ok")
        again.get("/ok")
        browser.await_text("#tile-requests", "2")
        browser.await_text("#health", "healthy")
        await_that(lambda: browser.text("#notice") is None, "the notice to go", 30)
        await_that(lambda: browser.run("return document.getElementById('updated').dataset.live") == "on", "no mark", 30)

    def test_with_a_token_it_shows_nothing_until_somebody_logs_in(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["the-right-token-0123"]})
        proxy.token = "the-right-token-0123"
        proxy.get("/ok")
        browser = self.browse(proxy)
        browser.await_text("#login h2", "Who is asking?")
        self.assertIsNone(browser.text("#main"))
        self.assertFalse([url for url in browser.requested() if "/performance/" in url])
        browser.type("#token", "a-wrong-token\ue007")
        browser.await_text("#login-problem", lambda text: "credential" in text)
        browser.console()  # says that a log-in was refused
        browser.type("#token", "the-right-token-0123\ue007")
        browser.await_text("#tile-requests", "1")
        self.assertIsNone(browser.text("#login"))
        # Nothing that a script could read or a log could show holds the token.
        kept = browser.run("return [document.cookie, localStorage.length, location.href.includes('token')]")
        self.assertEqual(kept, ["", 0, False])
        # The log-in lasts: loading the page anew asks for nothing.
        browser.open(f"http://{proxy.admin_address}/#window=1h")
        browser.await_text("#tile-requests", "1")
        self.assert_clean(browser, proxy)
        browser.click("#log-out")
        browser.await_text("#login h2", "Who is asking?")
        self.assertIsNone(browser.text("#main"))

    def test_behind_nginx_under_a_path_it_works_by_the_name_of_the_proxy(self):
        for without in (None, "proxy_set_header Host"):
            with self.subTest(without=without):
                proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["the-right-token-0123"],
                                                      "hosts": ["127.0.0.1"]})
                proxy.token = "the-right-token-0123"
                proxy.get("/ok")
                front = self.start(NginxInFront(self.folder, proxy.admin_address, without))
                browser = self.start(Browser(self.folder))
                browser.open(f"http://{front.address}/weir/#window=1h")
                browser.await_text("#login h2", "Who is asking?")
                browser.type("#token", "the-right-token-0123\ue007")
                browser.await_text("#tile-requests", "1")
                browser.click("#reset-all")
                browser.click("#confirm-dialog .danger")
                browser.await_text("#tile-requests", "0")
                self.assertEqual(browser.console(), [])
                browser.stop()

    def test_figures_are_reset_only_after_a_question(self):
        proxy = self.busy()
        browser = self.browse(proxy)
        browser.await_text("#tile-requests", "12")
        browser.click("#reset-all")
        browser.await_text("#confirm-title", "Reset all figures?")
        browser.click("#confirm-dialog .quiet")
        self.assertEqual(proxy.stats()["total_requests"], 12)
        browser.click("#reset-all")
        browser.click("#confirm-dialog .danger")
        browser.await_text("#tile-requests", "0")
        self.assertEqual(proxy.stats()["total_requests"], 0)
        self.assert_clean(browser, proxy)

    def test_a_learned_route_is_pinned_and_renamed_after_a_question(self):
        proxy = self.weir(self.node())
        for number in range(17, 23):
            proxy.get(f"/ok/users/{number}")
        browser = self.browse(proxy, "#route=GET+%2Fok%2Fusers%2F%7Buser_id%7D")
        browser.await_text("#route-why", lambda text: text.startswith("learned from traffic, 6 paths."))
        self.press_button(browser, "Pin…")
        browser.await_text("#confirm-title", "Pin this route?")
        self.assertFalse(proxy.performance("routes")["routes"][0]["pinned"])
        browser.click("#confirm-dialog .primary")
        browser.await_text("#route-why", lambda text: ", pinned." in text)
        self.assertTrue(proxy.performance("routes")["routes"][0]["pinned"])
        self.press_button(browser, "Rename…")
        browser.run("document.getElementById('confirm-field').value = '/ok/users/{login}'")
        browser.click("#confirm-dialog .primary")
        browser.await_text("#route-title", "GET/ok/users/{login}")
        browser.await_text("#route-figures", lambda text: "Requests6" in text)
        self.assert_clean(browser, proxy)

    def press_button(self, browser, name):
        script = ("const all = [...document.querySelectorAll('#route-buttons button')];"
                  "const button = all.find((one) => one.textContent === arguments[0]);"
                  "button?.click(); return Boolean(button)")
        await_that(lambda: browser.run(script, name), f"the button {name}", 30)

    def test_it_is_dark_where_the_system_is_or_the_reader_wants_it(self):
        proxy = self.busy()
        ground = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((part) => part < 60)"
        browser = self.browse(proxy, dark=True)
        browser.await_text("#tile-requests", "12")
        self.assertTrue(browser.run(ground))
        browser.click("#theme")
        self.assertFalse(browser.run(ground))
        browser.click("#theme")
        self.assertTrue(browser.run(ground))
        self.assert_clean(browser, proxy)

    def test_nothing_sticks_out_on_a_narrow_screen(self):
        proxy = self.busy()
        browser = self.browse(proxy, width=390, height=800)
        browser.await_text("#tile-requests", "12")
        browser.await_text("#errors-list .badge", lambda text: text != "")
        self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), 390)
        browser.click("tr[data-tag='GET /ok'] a")
        browser.await_text("#route-figures", lambda text: "Requests8" in text)
        self.assertLessEqual(browser.run("return document.getElementById('route-dialog').scrollWidth"), 390)
        self.assert_clean(browser, proxy)

    def test_a_keyboard_and_a_screen_reader_reach_everything(self):
        for width in (390, 1280):
            with self.subTest(width=width):
                proxy = self.busy()
                for number in range(40):
                    proxy.get(f"/status?code=50{number % 5}")
                event = b'{"name": "an event with a name of some length", "duration": 0.1}'
                wire.fetch(proxy.admin_address, "POST", "/admin/performance/events", body=event)
                browser = self.browse(proxy, width=width, height=800)
                browser.await_text("#tile-requests", "52")
                browser.await_text("#system-list", lambda text: "loop lag" in text)
                browser.await_text("#errors-list .badge", lambda text: text != "")
                found = browser.run(UNREACHABLE)
                self.assertEqual(found["problems"], [])
                if width == 390:
                    self.assertIn("Errors", found["boxes"])
                roles = self.roles(browser)
                self.assertEqual(roles.count("main"), 1)
                self.assertEqual(roles.count("banner"), 1)
                for role in ("navigation", "table", "row", "columnheader", "cell"):
                    self.assertIn(role, roles)
                browser.click("tr[data-tag='GET /status'] a")
                browser.await_text("#route-figures", lambda text: "Requests43" in text)
                self.assertEqual(browser.run(UNREACHABLE)["problems"], [])
                self.assert_clean(browser, proxy)
                browser.stop()

    def roles(self, browser):
        nodes = browser.devtools("Accessibility.getFullAXTree", {})["nodes"]
        return [node["role"]["value"] for node in nodes if not node["ignored"]]

    def test_the_log_in_lies_in_the_main_landmark(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": ["first-token-0123"]})
        browser = self.browse(proxy, width=390, height=800)
        browser.await_text("#login h2", "Who is asking?")
        self.assertEqual(browser.run(UNREACHABLE)["problems"], [])
        roles = self.roles(browser)
        self.assertEqual(roles.count("main"), 1)
        self.assertIn("form", roles)

    def test_text_stands_out_from_its_ground(self):
        proxy = self.busy()
        for dark in (False, True):
            with self.subTest(dark=dark):
                browser = self.browse(proxy, dark=dark)
                browser.await_text("#tile-requests", "12")
                browser.await_text("#errors-list .badge", lambda text: text != "")
                self.assertEqual(browser.run(CONTRASTS), [])
                browser.stop()


# Shown boxes that scroll and that no key reaches or nothing names, headings of columns without words, and text outside
# all landmarks; and the names of the boxes that scroll.
UNREACHABLE = """
const problems = [], boxes = [];
const place = (e) => e.id || `${e.tagName} ${e.className}` + (e.parentElement?.id ? ` in ${e.parentElement.id}` : '');
const shown = [...document.querySelectorAll('body *')].filter((e) => e.checkVisibility());
for (const e of shown) {
  const style = getComputedStyle(e);
  const wide = e.scrollWidth > e.clientWidth && /auto|scroll/.test(style.overflowX);
  const high = e.scrollHeight > e.clientHeight && /auto|scroll/.test(style.overflowY);
  if ((wide || high) && !e.matches('nav, dialog')) {
    const name = e.getAttribute('aria-label');
    boxes.push(name);
    if (e.tabIndex !== 0 || e.getAttribute('role') !== 'region' || !name) problems.push(`scrolls: ${place(e)}`);
  }
  if (e.matches('th') && !e.textContent.trim()) problems.push(`no heading: ${place(e)}`);
  const says = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (says && !e.closest('header, nav, main, dialog, .skip')) problems.push(`in no landmark: ${place(e)}`);
}
if (document.querySelectorAll('dialog :is(header, footer)').length) problems.push('a dialog has landmarks of the page');
return {problems, boxes};
"""

# Every shown text whose contrast with the ground behind it is below WCAG's 4.5 to 1.
CONTRASTS = """
const parse = (colour) => { const p = colour.match(/[\\d.]+/g).map(Number); return p.length < 4 ? [...p, 1] : p; };
const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const linear = (v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
const light = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
const ground = (e) => { const c = e ? parse(getComputedStyle(e).backgroundColor) : [255, 255, 255, 1];
  return c[3] === 1 ? c : over(c, ground(e && e.parentElement)); };
const found = [];
for (const e of document.querySelectorAll('body *')) {
  const saysSomething = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!saysSomething || !e.checkVisibility() || e.matches('.skip')) continue;
  const [a, b] = [light(over(parse(getComputedStyle(e).color), ground(e))), light(ground(e))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) found.push(`${e.tagName}.${e.className} ${e.textContent.slice(0, 20)} ${contrast.toFixed(2)}`);
}
return found;
"""


def duration(seconds):
    """As the page writes it."""
    for limit, factor, unit in ((0.9995e-3, 1e6, "µs"), (0.9995, 1e3, "ms"), (99.95, 1, "s")):
        if seconds < limit:
            value = seconds * factor
            return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f} {unit}"
    raise AssertionError(f"{seconds} s is too long for a test")
