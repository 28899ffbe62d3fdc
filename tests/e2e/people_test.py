"""Whom requests are for: users and tenants, by header, cookie or an unverified claim."""

import base64
import json

from lab.case import Case


def bearer(**claims):
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return ("Authorization", f"Bearer eyJhbGciOiJub25lIn0.{payload}.c2ln")


class People(Case):
    def test_by_header_and_cookie(self):
        proxy = self.weir(self.node(), measure={"user": {"header": "X-User-Id"}, "tenant": {"cookie": "org"}})
        for n in range(6):
            proxy.get("/ok", headers=[("X-User-Id", "ada"), ("Cookie", "a=b; org=acme")])
            if n % 2 == 0:
                proxy.get("/status?code=429", headers=[("X-User-Id", "bob"), ("Cookie", "org=acme")])
        proxy.get("/ok")
        users = proxy.performance("users")
        self.assertEqual([(user["user"], user["total_requests"]) for user in users["users"]], [("ada", 6), ("bob", 3)])
        self.assertEqual((users["active"], users["active_relative_error"]), (2, 0))
        self.assertEqual(users["source"], "header X-User-Id")
        refused = proxy.performance("users?sort=rate_limited&window=1m")["users"]
        self.assertEqual([(user["user"], user["rate_limited"], user["error_rate"]) for user in refused], [("bob", 3, 100)])
        tenants = proxy.performance("tenants?limit=1")
        self.assertEqual((tenants["tenants"][0]["tenant"], tenants["tenants"][0]["total_requests"]), ("acme", 9))
        metrics = proxy.ask("/metrics").body.decode()
        self.assertIn('weir_active_users{window="1m"} 2\n', metrics)
        self.assertIn('weir_active_tenants{window="all"} 1\n', metrics)

    def test_by_a_claim_that_nobody_verifies(self):
        proxy = self.weir(self.node(), measure={"user": {"jwt_claim": "sub"}, "tenant": {"jwt_claim": "org"}})
        for _ in range(3):
            proxy.get("/ok", headers=[bearer(sub="ada", org=17)])
        proxy.get("/ok", headers=[("Authorization", "Bearer opaque")])
        proxy.get("/ok", headers=[("Authorization", "Basic YTpi")])
        users = proxy.performance("users")
        self.assertEqual([(user["user"], user["total_requests"]) for user in users["users"]], [("ada", 3)])
        self.assertEqual(users["source"], "jwt_claim sub (not verified)")
        self.assertEqual(proxy.performance("tenants")["tenants"][0]["tenant"], "17")

    def test_without_a_source_there_is_nobody(self):
        proxy = self.weir(self.node())
        proxy.get("/ok", headers=[("X-User-Id", "ada")])
        users = proxy.performance("users")
        self.assertEqual((users["users"], users["active"], users["source"]), ([], 0, None))
        self.assertNotIn("weir_active_users", proxy.ask("/metrics").body.decode())

    def test_client_networks_where_that_is_asked_for(self):
        proxy = self.weir(self.node(), measure={"client_networks": True, "trusted_proxies": ["127.0.0.0/8"]})
        for client in ("192.0.2.7", "192.0.2.99", "2001:db8:7::1"):
            proxy.get("/ok", headers=[("X-Forwarded-For", client)])
        networks = proxy.performance("networks")
        self.assertEqual([(one["network"], one["total_requests"]) for one in networks["networks"]],
                         [("192.0.2.0/24", 2), ("2001:db8:7::/48", 1)])
        self.assertEqual((networks["count"], networks["active"]), (2, 2))
        self.assertIn('weir_active_networks{window="1m"} 2\n', proxy.ask("/metrics").body.decode())

    def test_nobody_counts_networks_unless_asked(self):
        proxy = self.weir(self.node())
        proxy.get("/slow?ms=150")
        networks = proxy.performance("networks")
        self.assertEqual((networks["networks"], networks["active"], networks["source"]), ([], 0, None))

    def test_an_unknown_order_is_refused(self):
        proxy = self.weir(self.node())
        self.assertEqual(proxy.ask("/admin/performance/users?sort=height").status, 400)
