"""Who may look and who may change: roles, log-in of the page, the audit log, and what a reload does to all of it."""

import json
import signal

from lab import wire
from lab.case import Case
from lab.server import await_that

STATS = "/admin/performance/stats"
RESET = "/admin/performance/reset"
MARK = ("X-Weir-Request", "1")


class Access(Case):
    def guarded(self, *tokens, **more):
        return self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": list(tokens), **more})

    def call(self, proxy, method, target, *headers, body=b""):
        return wire.fetch(proxy.admin_address, method, target, headers, body=body)

    def log_in(self, proxy, token):
        """The headers of a browser that is logged in."""
        answer = self.call(proxy, "POST", "/admin/session", body=json.dumps({"token": token}).encode())
        self.assertEqual(answer.status, 204, answer.body)
        return ("Cookie", answer.header("Set-Cookie").partition(";")[0])

    def reload(self, proxy, **admin):
        with open(proxy.configuration_path, encoding="utf-8") as file:
            options = json.load(file)
        options["admin"] = {"address": options["admin"]["address"], **admin}
        with open(proxy.configuration_path, "w", encoding="utf-8") as file:
            json.dump(options, file)
        before = proxy.log().count("the configuration was reloaded")
        proxy.signal(signal.SIGHUP)
        await_that(lambda: proxy.log().count("the configuration was reloaded") > before, "the reload")

    def test_a_viewer_looks_and_only_an_admin_changes(self):
        proxy = self.guarded({"token": "look-0123456789", "name": "grafana", "role": "viewer"},
                             {"token": "change-0123456789", "name": "ops"})
        look, change = (("Authorization", f"Bearer {token}-0123456789") for token in ("look", "change"))
        self.assertEqual(self.call(proxy, "GET", STATS, look).status, 200)
        refused = self.call(proxy, "POST", RESET, look)
        self.assertEqual(refused.status, 403)
        self.assertIn("insufficient_scope", refused.header("WWW-Authenticate"))
        self.assertEqual(self.call(proxy, "POST", RESET, change).status, 200)

    def test_every_change_is_in_the_log_with_who_and_what_and_no_secret(self):
        proxy = self.guarded({"token": "look-0123456789", "name": "grafana", "role": "viewer"},
                             {"token": "change-0123456789", "name": "ops"})
        self.call(proxy, "POST", RESET, ("X-API-Key", "change-0123456789"))
        self.call(proxy, "POST", RESET + "?method=GET&token=change-0123456789", ("X-API-Key", "look-0123456789"))
        cookie = self.log_in(proxy, "change-0123456789")
        self.call(proxy, "GET", STATS, ("X-API-Key", "nearly-right"))
        log = await_that(lambda: "refused a credential" in proxy.log() and proxy.log(), "the log")
        self.assertRegex(log, r'admin change  who=ops  client=127.0.0.1  what="POST /admin/performance/reset"  status=200')
        self.assertRegex(log, r'admin change  who=grafana .* what="POST /admin/performance/reset method=GET"  status=403')
        self.assertRegex(log, r"admin log-in  who=ops  role=admin")
        for secret in ("change-0123456789", "look-0123456789", "nearly-right", cookie[1].partition("=")[2]):
            self.assertNotIn(secret, log)

    def test_a_page_logs_in_and_out(self):
        proxy = self.guarded("first-token-0123")
        cookie = self.log_in(proxy, "first-token-0123")
        state = self.call(proxy, "GET", "/admin/session", cookie).json()
        self.assertEqual((state["required"], state["authenticated"], state["role"]), (True, True, "admin"))
        self.assertEqual(self.call(proxy, "GET", STATS, cookie).status, 200)
        self.assertEqual(self.call(proxy, "POST", RESET, cookie).status, 403)
        self.assertEqual(self.call(proxy, "POST", RESET, cookie, MARK).status, 200)
        self.assertEqual(self.call(proxy, "POST", RESET, cookie, MARK, ("Origin", "http://127.0.0.1:1")).status, 403)
        self.assertEqual(self.call(proxy, "DELETE", "/admin/session", cookie, MARK).status, 204)
        self.assertEqual(self.call(proxy, "GET", STATS, cookie).status, 401)
        self.assertFalse(self.call(proxy, "GET", "/admin/session", cookie).json()["authenticated"])

    def test_a_reload_that_takes_a_token_away_ends_what_it_opened(self):
        proxy = self.guarded("stays-0123456789", "goes-0123456789")
        stays, goes = self.log_in(proxy, "stays-0123456789"), self.log_in(proxy, "goes-0123456789")
        self.reload(proxy, tokens=["stays-0123456789", "new-0123456789"])
        self.assertEqual(self.call(proxy, "GET", STATS, stays).status, 200)
        self.assertEqual(self.call(proxy, "GET", STATS, goes).status, 401)
        for token, status in (("new-0123456789", 200), ("goes-0123456789", 401)):
            self.assertEqual(self.call(proxy, "GET", STATS, ("X-API-Key", token)).status, status)

    def test_guessing_is_slowed_down_and_locks_no_right_token_of_this_machine_out(self):
        proxy = self.guarded("right-0123456789")
        wrong = [self.call(proxy, "GET", STATS, ("X-API-Key", f"guess-{i}")) for i in range(60)]
        limited = [answer for answer in wrong if answer.status == 429]
        # How many are limited depends on how quickly they came.
        for answer in limited:
            self.assertGreaterEqual(int(answer.header("Retry-After")), 1)
        self.assertEqual({answer.status for answer in wrong} - {401, 429}, set())
        self.assertEqual(self.call(proxy, "GET", STATS, ("X-API-Key", "right-0123456789")).status, 200)

    def test_a_name_that_is_not_weirs_own_is_misdirected_unless_configured(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "hosts": ["weir.internal"]})

        def status_for(host):
            with wire.Connection(proxy.admin_address) as client:
                client.send(f"GET {STATS} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                return client.answer()
        for own in (proxy.admin_address, "localhost:1", "[::1]", "weir.internal:9900"):
            self.assertEqual(status_for(own).status, 200, own)
        refused = status_for("evil.example")
        self.assertEqual(refused.status, 421)
        self.assertIn("admin.hosts", refused.json()["detail"])

    def test_no_answer_ever_lets_another_site_read_it(self):
        proxy = self.weir(self.node())
        origin = ("Origin", "http://evil.example")
        for method, target, *more in (("GET", STATS), ("GET", "/healthz"), ("GET", "/"), ("POST", RESET),
                                      ("OPTIONS", STATS, ("Access-Control-Request-Method", "GET"))):
            answer = self.call(proxy, method, target, origin, *more)
            self.assertEqual([name for name, _ in answer.headers if name.lower().startswith("access-control")], [])
            self.assertEqual(answer.header("Cross-Origin-Resource-Policy"), "same-origin")

    def test_a_unix_socket_is_called_by_any_name(self):
        path = f"{self.folder}/admin.sock"
        proxy = self.weir(self.node(), admin={"address": f"unix:{path}"})
        with wire.Connection(proxy.admin_address) as client:
            client.send(f"GET {STATS} HTTP/1.1\r\nHost: whatever.example\r\n\r\n".encode())
            self.assertEqual(client.answer().status, 200)
