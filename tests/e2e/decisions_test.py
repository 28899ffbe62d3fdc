"""POST /admin/performance/routes: people pin, rename, split and forget learned routes, for longer than one life of weir."""

import json
import os

from lab import wire
from lab.case import Case


class Decisions(Case):
    def decide(self, proxy, status=200, **wish):
        body = json.dumps(wish).encode()
        answer = wire.fetch(proxy.admin_address, "POST", "/admin/performance/routes", body=body)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json()

    def counts(self, proxy):
        return {tag: figures["total_requests"] for tag, figures in proxy.stats()["endpoint_stats"].items()}

    def route(self, proxy, pattern):
        return next(route for route in proxy.performance("routes")["routes"] if route["pattern"] == pattern)

    def get(self, proxy, *paths):
        for path in paths:
            self.assertEqual(proxy.get(path).status, 200)

    def test_figures_stay_with_what_is_pinned_and_renamed_and_a_new_life_knows_it(self):
        app = self.node()
        proxy = self.weir(app)
        self.get(proxy, "/ok/users/17", "/ok/users/18")
        self.assertEqual(self.counts(proxy), {"GET /ok/users/{user_id}": 2})
        self.assertFalse(os.path.exists(os.path.join(self.folder, "weir-routes.json")))
        said = self.decide(proxy, action="pin", pattern="GET /ok/users/{user_id}")
        self.assertEqual((said["status"], said["routes"]), ("pinned", ["GET /ok/users/{user_id}"]))
        self.assertTrue(self.route(proxy, "GET /ok/users/{user_id}")["pinned"])
        self.assertIn("Pinned by ", self.route(proxy, "GET /ok/users/{user_id}")["explain"])
        self.decide(proxy, action="rename", **{"from": "/ok/users/{user_id}", "to": "/ok/users/{login}"})
        self.get(proxy, "/ok/users/anna")
        self.assertEqual(self.counts(proxy), {"GET /ok/users/{login}": 3})
        proxy.stop()
        after = self.weir(app)
        after.get("/none/at/all")
        self.get(after, "/ok/users/bert")
        self.assertEqual(self.counts(after)["GET /ok/users/{login}"], 1)

    def test_a_split_value_has_figures_of_its_own_until_it_is_forgotten(self):
        proxy = self.weir(self.node())
        self.get(proxy, "/ok/users/17", "/ok/users/18", "/ok/users/99")
        said = self.decide(proxy, action="split", pattern="/ok/users/{user_id}", values=["99"])
        self.assertEqual(said["routes"], ["GET /ok/users/99"])
        self.get(proxy, "/ok/users/99", "/ok/users/19")
        self.assertEqual(self.counts(proxy), {"GET /ok/users/{user_id}": 4, "GET /ok/users/99": 1})
        self.decide(proxy, action="forget", pattern="GET /ok/users/99")
        self.assertEqual(self.counts(proxy), {"GET /ok/users/{user_id}": 5})
        self.get(proxy, "/ok/users/99")
        self.assertEqual(self.counts(proxy), {"GET /ok/users/{user_id}": 6})

    def test_what_cannot_be_is_refused(self):
        proxy = self.weir(self.node(), routes=[{"match": "/ok/written"}])
        self.get(proxy, "/ok/users/17", "/ok/orders/17/items/3", "/ok/users/17/parts")
        for wish in ({}, {"action": "fold", "pattern": "/a"}, {"action": "pin"}, {"action": "pin", "pattern": ""},
                     {"action": "pin", "pattern": "/ok/users/{user_id}", "more": 1},
                     {"action": "split", "pattern": "/ok/users/{user_id}", "values": []},
                     {"action": "split", "pattern": "/ok/users/{user_id}", "values": ["a/b"]},
                     {"action": "split", "pattern": "/ok/users/{user_id}", "values": ["a"], "parameter": "name"},
                     {"action": "split", "pattern": "/ok/orders/{order_id}/items/{item_id}", "values": ["a"]},
                     {"action": "rename", "from": "/ok/users/{user_id}", "to": "/ok/people/{id}"}):
            self.assertNotEqual(self.decide(proxy, 400, **wish)["detail"], "")
        self.assertEqual(self.decide(proxy, 404, action="pin", pattern="GET /none")["status"], 404)
        for wish in ({"action": "pin", "pattern": "/ok/written"}, {"action": "forget", "pattern": "/ok/users/{user_id}"},
                     {"action": "rename", "from": "/ok/users/{user_id}", "to": "/ok/written"}):
            self.decide(proxy, 409, **wish)
        self.assertEqual(wire.fetch(proxy.admin_address, "POST", "/admin/performance/routes", body=b"{").status, 400)

    def test_where_the_file_cannot_be_written_nothing_changes(self):
        proxy = self.weir(self.node(), route_learning={"file": os.path.join(self.folder, "no", "folder", "routes.json")})
        self.get(proxy, "/ok/users/17")
        problem = self.decide(proxy, 500, action="pin", pattern="/ok/users/{user_id}")
        self.assertIn("routes.json", problem["detail"])
        self.assertFalse(self.route(proxy, "GET /ok/users/{user_id}")["pinned"])

    def test_a_broken_file_stops_the_start_and_is_left_as_it_is(self):
        path = os.path.join(self.folder, "weir-routes.json")
        with open(path, "w", encoding="ascii") as file:
            file.write('{"version":1,"routes":[{"pattern":"nonsense"}]}')
        with self.assertRaisesRegex(AssertionError, "weir ended with 1:\nweir: weir-routes.json: the file of "):
            self.weir("http://127.0.0.1:9")
        with open(path, encoding="ascii") as file:
            self.assertIn("nonsense", file.read())
