"""Several listeners, several upstreams, and Unix sockets."""

import os
import re

from lab import wire
from lab.case import Case
from lab.server import await_that
from lab.upstreams import NodeApp
from lab.weir import Weir, configuration


class NodeOnUnixSocket(NodeApp):
    def command(self):
        command = super().command()
        command[-1] = os.path.join(self.folder, "app.sock")
        return command


class Listeners(Case):
    def test_listeners_and_routes_choose_the_upstream(self):
        node, nginx, files = self.node(), self.nginx(), self.python_files()
        with open(os.path.join(files.files, "from-python"), "wb") as file:
            file.write(b"python\n")
        proxy = self.weir(
            node,
            listeners=[{"address": "127.0.0.1:0", "upstream": "node"}, {"address": "127.0.0.2:0", "upstream": "nginx"}],
            upstreams={"node": {"servers": [node.url]}, "nginx": {"servers": [nginx.url]},
                       "python": {"servers": [files.url]}},
            routes=[{"match": "GET /projects/{id}", "upstream": "nginx"},
                    {"match": "/from-python", "upstream": "python"}])
        first, second = proxy.addresses
        self.assertEqual(wire.fetch(first, "GET", "/ok").body, b"here\n")
        self.assertEqual(wire.fetch(second, "GET", "/users/1").body, b"a user\n")
        for address in (first, second):
            self.assertEqual(wire.fetch(address, "GET", "/projects/7").body, b"a project\n")
            self.assertEqual(wire.fetch(address, "GET", "/from-python").body, b"python\n")
        wire.fetch(first, "POST", "/projects/7", body=b"x")
        self.assertEqual(node.served("/projects/7"), 1)

    def test_listeners_on_ports_of_the_kernels_choice_are_told_apart(self):
        apps = [self.node() for _ in range(3)]
        sections = {
            "listeners": [{"address": "127.0.0.1:0", "upstream": f"app{i}"} for i in range(2)],
            "upstreams": {f"app{i}": {"servers": [app.url]} for i, app in enumerate(apps)},
        }
        proxy = self.weir(apps[0], **sections)
        for address, app in zip(proxy.addresses, apps):
            self.assertEqual(wire.fetch(address, "GET", "/ok").status, 200)
            self.assertEqual(app.served("/ok"), 1)

        sections["listeners"].append({"address": "127.0.0.1:0", "upstream": "app2"})
        proxy.rewrite(configuration(apps[0].url, **sections))
        await_that(lambda: len(proxy.said_addresses("listening")) == 3, "the third listener")
        addresses = proxy.said_addresses("listening")
        self.assertEqual(addresses[:2], proxy.addresses)
        for address, app in zip(addresses, apps):
            self.assertEqual(wire.fetch(address, "GET", "/ok/more").status, 200)
            self.assertEqual(app.served("/ok/more"), 1)

    def test_several_servers_of_one_upstream_share_the_requests(self):
        one, other = self.node(), self.node()
        proxy = self.weir(one, upstreams={"app": {"servers": [one.url, other.url], "balance": "round_robin"}},
                          workers=1)
        for _ in range(20):
            self.assertEqual(proxy.get("/ok").status, 200)
        self.assertEqual((one.served("/ok"), other.served("/ok")), (10, 10))

    def test_another_server_takes_over_from_one_that_is_away(self):
        one, other = self.node(), self.node()
        proxy = self.weir(one, upstreams={"app": {"servers": [one.url, other.url]}})
        one.kill()
        for _ in range(20):
            self.assertEqual(proxy.get("/ok").status, 200)

    def test_unix_sockets_serve_on_both_sides(self):
        app = self.start(NodeOnUnixSocket(self.folder))
        place = os.path.join(self.folder, "weir.sock")
        proxy = self.start(Weir(self.folder, configuration(
            f"unix:{self.folder}/app.sock", listeners=[{"address": f"unix:{place}"}])))
        self.assertEqual(proxy.address, f"unix:{place}")
        answer = proxy.get("/echo")
        self.assertEqual(answer.status, 200)
        self.assertTrue(re.search(r"request GET /echo", app.log()))
        self.assertEqual(proxy.stats()["total_requests"], 1)
