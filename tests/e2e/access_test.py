"""Who may look and who may change: roles, log-in of the page, the audit log, and what a reload does to all of it."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import time

from lab import wire
from lab.case import Case
from lab.certificates import Authority
from lab.server import await_that
from lab.upstreams import NginxInFront
from lab.weir import Weir, command_line

STATS = "/admin/performance/stats"
RESET = "/admin/performance/reset"
SECRET = b"a secret of 32 bytes, and no less"
MARK = ("X-Weir-Request", "1")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jwt(sign, algorithm, **claims):
    """A token in compact form, good for an hour unless `claims` say otherwise."""
    header = base64url(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    text = header + b"." + base64url(json.dumps({"exp": int(time.time()) + 3600, **claims}).encode())
    return ("Authorization", "Bearer " + (text + b"." + base64url(sign(text))).decode())


def hs256(secret):
    return lambda text: hmac.new(secret, text, hashlib.sha256).digest()


def raw_signature(der):
    """r and s of an ECDSA signature one after the other, 32 bytes each."""
    numbers, at = [], 2
    for _ in range(2):
        length = der[at + 1]
        numbers.append(der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0"))
        at += 2 + length
    return b"".join(numbers)


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

    def in_front_of(self, proxy, without=None):
        return self.start(NginxInFront(self.folder, proxy.admin_address, without))

    def test_the_page_works_behind_nginx_with_and_without_its_host(self):
        proxy = self.guarded({"token": "change-0123456789"}, hosts=["mon.example"])
        host, origin = ("Host", "mon.example"), ("Origin", "https://mon.example")
        for without in (None, "proxy_set_header Host"):
            with self.subTest(without=without):
                front = self.in_front_of(proxy, without)

                def call(method, target, *headers, body=b""):
                    # A browser's: its Host is the proxy's, its cookie what the log-in set.
                    return wire.fetch(front.address, method, "/weir" + target, [host, *headers], body=body)

                page = call("GET", "/")
                self.assertEqual(page.status, 200)
                self.assertIn(b"<title>", page.body)
                self.assertEqual(call("GET", "/assets/main.js").status, 200)
                login = call("POST", "/admin/session", origin, ("Sec-Fetch-Site", "same-origin"),
                             body=b'{"token":"change-0123456789"}')
                self.assertEqual(login.status, 204, login.body)
                cookie = ("Cookie", login.header("Set-Cookie").partition(";")[0])
                self.assertEqual(call("GET", STATS, cookie).status, 200)
                self.assertEqual(call("POST", RESET, cookie, origin, MARK).status, 200)
                for elsewhere in ("https://evil.example", "http://localhost:3000"):
                    refused = call("POST", RESET, cookie, ("Origin", elsewhere), MARK)
                    self.assertEqual(refused.status, 403)
                self.assertEqual(call("POST", RESET, cookie, origin, MARK, ("Sec-Fetch-Site", "same-site")).status, 403)

    def test_a_page_behind_a_proxy_that_is_not_named_is_told_what_to_do(self):
        proxy = self.guarded({"token": "change-0123456789"})
        front = self.in_front_of(proxy, "proxy_set_header Host")
        refused = wire.fetch(front.address, "POST", "/weir/admin/session",
                             [("Host", "mon.example"), ("Origin", "https://mon.example")],
                             body=b'{"token":"change-0123456789"}')
        self.assertEqual(refused.status, 403)
        detail = refused.json()["detail"]
        self.assertIn(f"Origin: https://mon.example is not Host {proxy.admin_address}", detail)
        self.assertIn("have the proxy pass Host on, or name mon.example in admin.hosts", detail)

    def test_behind_nginx_wrong_credentials_are_limited_for_each_client(self):
        proxy = self.guarded({"token": "change-0123456789"}, hosts=["mon.example"])
        front = self.in_front_of(proxy)

        def status_of(token, client):
            return wire.fetch(front.address, "GET", "/weir" + STATS,
                              [("Host", "mon.example"), ("X-Test-Client", client),
                               ("Authorization", f"Bearer {token}")]).status

        guesses = [status_of("wrong-0123456789", "203.0.113.9") for _ in range(40)]
        self.assertEqual(set(guesses), {401, 429})
        self.assertEqual(status_of("change-0123456789", "203.0.113.9"), 429)
        self.assertEqual(status_of("change-0123456789", "198.51.100.7"), 200)

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

    def test_an_app_that_sends_events_needs_no_more_than_that(self):
        proxy = self.guarded({"token": "send-0123456789", "name": "shop", "role": "ingest"},
                             {"token": "look-0123456789", "name": "grafana", "role": "viewer"})
        send, look = (("Authorization", f"Bearer {token}-0123456789") for token in ("send", "look"))
        for call, status in (("events", 200), ("marks", 201)):
            body = b'{"name": "download"}'
            self.assertEqual(self.call(proxy, "POST", f"/admin/performance/{call}", send, body=body).status, status)
            self.assertEqual(self.call(proxy, "POST", f"/admin/performance/{call}", look, body=body).status, 403)
            self.assertEqual(self.call(proxy, "GET", f"/admin/performance/{call}", send).status, 403)
        for method, target in (("GET", STATS), ("GET", "/metrics"), ("GET", "/admin/nothing"), ("POST", RESET),
                               ("POST", "/admin/performance/routes"), ("POST", "/admin/session")):
            self.assertEqual(self.call(proxy, method, target, send).status, 403, target)
        self.assertEqual(self.call(proxy, "GET", "/admin/performance/events", look).json()["events"][0]["count"], 1)

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

    def test_a_stream_ends_with_the_token_that_opened_it(self):
        proxy = self.guarded("stays-0123456789", "goes-0123456789")

        def tap(token):
            client = wire.Connection(proxy.admin_address)
            self.addCleanup(client.close)
            client.send(wire.request("GET", "/admin/performance/tap", proxy.admin_address, [("X-API-Key", token)]))
            self.assertIn(b"200", client.head().split(b"\r\n")[0])
            client.until(b"requests as they finish")
            return client
        stays, goes = tap("stays-0123456789"), tap("goes-0123456789")
        self.reload(proxy, tokens=["stays-0123456789"])
        goes.until(b"0\r\n\r\n")
        proxy.get("/ok/after-the-reload")
        stays.until(b"/ok/after-the-reload")

    def test_a_stream_ends_when_its_jwt_expires(self):
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "jwt": {"secret_file": self.write("secret", SECRET)}})
        # On a slow machine a short life is over before the stream is open.
        for life in (2, 8, 20):
            token = jwt(hs256(SECRET), "HS256", exp=int(time.time()) + life)
            with wire.Connection(proxy.admin_address, seconds=life + 20) as client:
                client.send(wire.request("GET", "/admin/performance/tap", proxy.admin_address, [token]))
                if b"401" in client.head().split(b"\r\n")[0]:
                    continue
                client.until(b"0\r\n\r\n")
                return
        self.fail("no stream was opened in time")

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

        def status_for(host, target=STATS):
            with wire.Connection(proxy.admin_address) as client:
                client.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                return client.answer()
        for own in (proxy.admin_address, "localhost:1", "[::1]", "weir.internal:9900"):
            self.assertEqual(status_for(own).status, 200, own)
        refused = status_for("evil.example")
        self.assertEqual(refused.status, 421)
        self.assertEqual(status_for("evil.example", "/").status, 421)
        self.assertEqual(status_for("evil.example", "/healthz").status, 200)
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

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def openssl(self, *arguments, data=None):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, input=data, check=True, capture_output=True,
                              timeout=60).stdout

    def test_weir_token_makes_a_token_and_the_line_that_takes_it(self):
        made = command_line("token", "--name", "ci", "--role", "viewer")
        self.assertEqual(made.returncode, 0, made.stderr)
        said = dict(line.split(None, 1) for line in made.stdout.splitlines())
        path = self.write("weir.yaml", f"""
listeners: [ {{ address: "127.0.0.1:0" }} ]
upstreams: {{ app: {{ servers: [ "http://127.0.0.1:1" ] }} }}
admin:
  address: 127.0.0.1:0
  tokens:
    {said["config"]}
""".encode())
        proxy = self.start(Weir(self.folder, flags=["-c", path]))
        token = ("Authorization", f"Bearer {said['token']}")
        self.assertEqual(self.call(proxy, "GET", STATS, token).status, 200)
        self.assertEqual(self.call(proxy, "POST", RESET, token).status, 403)
        self.assertEqual(self.call(proxy, "GET", STATS).status, 401)
        self.assertNotIn(said["token"], command_line("check", "-c", path, "--print").stdout)

    def test_a_jwt_opens_what_its_role_says_until_it_expires(self):
        secret = self.write("secret", SECRET + b"\n")
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "jwt": {
            "secret_file": secret, "audience": "weir", "role_claim": "groups", "admin_role": "sre"}})

        def statuses(sign=hs256(SECRET), algorithm="HS256", **claims):
            token = jwt(sign, algorithm, **{"aud": "weir", "sub": "ann", **claims})
            return (self.call(proxy, "GET", STATS, token).status, self.call(proxy, "POST", RESET, token).status)
        self.assertEqual(statuses(groups=["sre"]), (200, 200))
        self.assertEqual(statuses(groups=["dev"]), (200, 403))
        self.assertEqual(statuses(), (200, 403))
        for wrong in ({"exp": 1}, {"exp": None}, {"nbf": 1e11}, {"aud": "other"}, {"sign": hs256(b"another secret")},
                      {"algorithm": "none", "sign": lambda _: b""}, {"algorithm": "RS256"}):
            with self.subTest(wrong):
                self.assertEqual(statuses(**{"groups": ["sre"], **wrong}), (401, 401))
        self.assertRegex(proxy.log(), r"admin change  who=jwt:ann  .*status=200")
        self.assertIn("the token has expired", proxy.log())

    def test_keys_in_pem_say_their_algorithm_and_change_with_a_reload(self):
        self.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.key")
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "ec.key")
        for name in ("rsa", "ec"):
            self.openssl("pkey", "-in", f"{name}.key", "-pubout", "-out", f"{name}.pem")

        def signed_by(name):
            return lambda text: self.openssl("dgst", "-sha256", "-sign", f"{name}.key", data=text)
        rs256 = jwt(signed_by("rsa"), "RS256", role="admin")
        es256 = jwt(lambda text: raw_signature(signed_by("ec")(text)), "ES256", role="admin")
        key = os.path.join(self.folder, "rsa.pem")
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "jwt": {"public_key_file": key}})
        self.assertEqual(self.call(proxy, "POST", RESET, rs256).status, 200)
        self.assertEqual(self.call(proxy, "POST", RESET, es256).status, 401)
        with open(key, "rb") as file:
            confused = jwt(hs256(file.read()), "HS256", role="admin")
        self.assertEqual(self.call(proxy, "POST", RESET, confused).status, 401)
        answer = self.call(proxy, "POST", "/admin/session", rs256)
        cookie = ("Cookie", answer.header("Set-Cookie").partition(";")[0])
        self.assertEqual(self.call(proxy, "GET", STATS, cookie).status, 200)

        self.reload(proxy, jwt={"public_key_file": os.path.join(self.folder, "ec.pem")})
        self.assertEqual(self.call(proxy, "POST", RESET, es256).status, 200)
        for gone in (rs256, cookie):
            self.assertEqual(self.call(proxy, "GET", STATS, gone).status, 401)

    def test_the_admin_api_speaks_tls_and_says_so_to_who_does_not(self):
        authority = Authority(self.folder)
        token = "first-token-0123"
        proxy = self.weir(self.node(), admin={"address": "127.0.0.1:0", "tokens": [token], "tls": authority.issue("weir")})
        refused = self.call(proxy, "GET", STATS)
        self.assertEqual(refused.status, 400)
        self.assertIn("https", refused.json()["detail"])
        port = proxy.admin_address.rpartition(":")[2]

        def curl(*arguments):
            return subprocess.run(["curl", "-sS", "--max-time", "20", "--cacert", authority.certificate, *arguments],
                                  capture_output=True, timeout=30, check=True, text=True).stdout
        stats = json.loads(curl("-H", f"X-API-Key: {token}", f"https://localhost:{port}{STATS}"))
        self.assertEqual(stats["total_requests"], 0)
        login = curl("-i", "-X", "POST", "-H", f"X-API-Key: {token}", f"https://localhost:{port}/admin/session")
        self.assertRegex(login, r"(?i)set-cookie: __Host-weir_session=.*; Path=/;.*; Secure")

    def test_the_cookie_of_the_log_in_does_not_reach_the_app(self):
        proxy = self.guarded("first-token-0123")
        session = self.log_in(proxy, "first-token-0123")[1]
        for sent, received in ((f"theme=dark; {session}; lang=de", "theme=dark; lang=de"), (session, None)):
            fields = proxy.get("/echo", headers=[("Cookie", sent)]).json()["headers"]
            self.assertEqual(dict(zip(fields[::2], fields[1::2])).get("Cookie"), received)
        self.assertEqual(self.call(proxy, "GET", STATS, ("Cookie", session)).status, 200)

    def test_the_command_line_checks_the_certificate_of_an_admin_api_on_a_unix_socket(self):
        authority = Authority(self.folder)
        address = "unix:" + os.path.join(self.folder, "admin.sock")
        for name, alternatives, is_good in (("good", "DNS:localhost", True), ("other", "DNS:other.example", False)):
            with self.subTest(name):
                proxy = self.weir(self.node(), admin={"address": address, "tls": authority.issue(name, alternatives)})
                done = command_line("stats", "-c", proxy.configuration_path, "--ca", authority.certificate)
                self.assertEqual(done.returncode == 0, is_good, done.stderr)
                if not is_good:
                    self.assertIn("hostname mismatch", done.stderr)
                    self.assertIn("(the certificate must have the name localhost, by which it is called)", done.stderr)
                proxy.stop()
