"""Route patterns from OpenAPI files: where they are looked for, what they do, what a bad one does."""

import json
import os
import re
import signal
from urllib.parse import quote

from lab import weir
from lab.case import Case
from lab.server import await_that
from lab.weir import configuration

PETS = """\
openapi: 3.0.3
info: { title: pets, version: 1.0.0 }
servers:
  - url: https://pets.example.org/ok/v1
paths:
  /pets/{petId}:
    get: { responses: { "200": { description: one } } }
    put: {}
"""
SHOPS = {"swagger": "2.0", "basePath": "/ok", "paths": {"/shops/{shopName}": {"get": {}}, "/shops": {"get": {}}}}


class OpenApi(Case):
    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def routes_of(self, proxy):
        return {route["pattern"]: route for route in proxy.performance("routes")["routes"]}

    def test_yaml_and_json_beside_the_configuration_name_the_routes(self):
        self.write("pets.yaml", PETS)
        self.write("more/shops.json", SHOPS)
        proxy = self.weir(self.node(), openapi=["pets.yaml", "more/shops.json"],
                          routes=[{"match": "/ok/shops/{name}", "group": "shops"}, {"match": "/ok/*", "group": "rest"}])
        for path in ("v1/pets/rex", "v1/pets/bello", "shops/north", "shops", "other"):
            self.assertEqual(proxy.get("/ok/" + path).status, 200)
        counts = {tag: figures["total_requests"] for tag, figures in proxy.stats()["endpoint_stats"].items()}
        self.assertEqual(counts, {"GET /ok/v1/pets/{petId}": 2, "GET /ok/shops/{name}": 1, "GET /ok/shops": 1,
                                  "GET /ok/*": 1})
        routes = self.routes_of(proxy)
        described = {pattern: (route["source"], route["file"], route["group"]) for pattern, route in routes.items()}
        self.assertEqual(described, {
            "/ok/shops/{name}": ("config", None, "shops"),
            "/ok/*": ("config", None, "rest"),
            "GET /ok/v1/pets/{petId}": ("openapi", "pets.yaml", "rest"),
            "PUT /ok/v1/pets/{petId}": ("openapi", "pets.yaml", "rest"),
            "GET /ok/shops": ("openapi", "more/shops.json", "rest"),
        })
        self.assertIn("pets.yaml", routes["GET /ok/v1/pets/{petId}"]["explain"])

    def test_check_counts_and_prints_them(self):
        self.write("pets.yaml", PETS)
        path = self.write("weir.yaml", {**configuration("http://127.0.0.1:3000"), "openapi": ["pets.yaml"]})
        result = weir.command_line("check", "-c", path)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("2 from OpenAPI", result.stdout)
        printed = weir.command_line("check", "-c", path, "--print").stdout
        self.assertRegex(printed, r"openapi:\n\s+- pets\.yaml\n")

    def test_custom_methods_and_suffixes_are_routes_of_their_own(self):
        self.write("jobs.yaml", '''openapi: 3.1.0
servers: [ { url: "../ok/{tags}", variables: { tags: { default: v1 } } } ]
paths:
  /jobs/{id}:cancel: { post: &op { responses: {} } }
  /jobs/{id}:run: { <<: { post: *op } }
  /reports/{name}.{format}: { get: {} }
  /reports/{name}.csv: { get: {} }
  /straße/c d: { get: {} }
''')
        proxy = self.weir(self.node(), openapi=["jobs.yaml"], routes=[{"match": "/ok/v{n}/jobs/{id}"}])
        for path in ("/ok/v1/jobs/7:cancel", "/ok/v1/jobs/8:cancel", "/ok/v1/jobs/7:run"):
            self.assertEqual(proxy.send("POST", path).status, 200)
        for path in ("/ok/v1/jobs/7", "/ok/v1/reports/a.pdf", "/ok/v1/reports/a.csv", "/ok/v1/stra%c3%9fe/c%20d",
                     "/ok/v1/stra%C3%9Fe/%63%20d"):
            self.assertEqual(proxy.get(path).status, 200)
        counts = {tag: figures["total_requests"] for tag, figures in proxy.stats()["endpoint_stats"].items()}
        self.assertEqual(counts, {"POST /ok/v1/jobs/{id}:cancel": 2, "POST /ok/v1/jobs/{id}:run": 1,
                                  "GET /ok/v{n}/jobs/{id}": 1, "GET /ok/v1/reports/{name_format}": 1,
                                  "GET /ok/v1/reports/{name}.csv": 1, "GET /ok/v1/stra%C3%9Fe/c%20d": 2})
        for route in ("POST /ok/v1/jobs/{id}:run", "/ok/v1/straße/c d"):
            self.assertEqual(len(proxy.stats("?route=" + quote(route))["endpoint_stats"]), 1, route)

    def test_check_names_what_is_no_route_of_its_own(self):
        self.write("a.yaml", "openapi: 3.0.0\npaths: { '/u/{id}': { get: {} }, '/u/{user}': { get: {} } }\n")
        self.write("b.yaml", "openapi: 3.0.0\npaths: { '/u/{x}': { get: {} }, '/o/{x}': { get: {}, put: {} } }\n")
        path = self.write("weir.yaml", {**configuration("http://127.0.0.1:3000"), "openapi": ["a.yaml", "b.yaml"],
                                        "routes": [{"match": "/o/{name}"}]})
        result = weir.command_line("check", "-c", path)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout.splitlines()[1:], [
            "no route of its own: a.yaml: GET /u/{user} takes the same paths as GET /u/{id}, which comes before it",
            "no route of its own: b.yaml: GET /u/{x} takes the same paths as GET /u/{id} of a.yaml, which comes before it",
            "no route of its own: b.yaml: GET /o/{x} takes the same paths as /o/{name} of the configuration, "
            "which comes before it",
            "no route of its own: b.yaml: PUT /o/{x} takes the same paths as /o/{name} of the configuration, "
            "which comes before it"])

    def test_variables_that_name_variables_hold_nothing_up(self):
        variables = {f"v{i}": {"default": f"{{v{i + 1}}}{{v{i + 1}}}"} for i in range(60)}
        self.write("bomb.json", {"openapi": "3.0.0", "paths": {"/a": {"get": {}}},
                                 "servers": [{"url": "/{v0}", "variables": variables}]})
        path = self.write("weir.yaml", {**configuration("http://127.0.0.1:3000"), "openapi": ["bomb.json"]})
        self.assertIn("1 from OpenAPI", weir.command_line("check", "-c", path).stdout)

    def test_the_admin_api_answers_while_a_reload_reads_and_reloads_keep_their_order(self):
        self.write("pets.yaml", PETS)
        proxy = self.weir(self.node(), openapi=["pets.yaml"])
        lines = "".join(f"  /r{i}/{{id}}: {{ get: {{ description: {'x' * 200} }} }}\n" for i in range(900))
        for round_ in range(20):
            self.write("pets.yaml", PETS + lines + f"  /round/{round_}: {{ get: {{}} }}\n")
            proxy.signal(signal.SIGHUP)
            self.assertEqual(proxy.performance("health")["status"] != "", True)
        await_that(lambda: "GET /ok/v1/round/19" in self.routes_of(proxy), "the last of the files")

    def test_a_bad_file_stops_check_and_run_with_its_place(self):
        wrong = {
            "missing.yaml": (None, r"missing\.yaml: cannot be read: No such file or directory"),
            "syntax.yaml": ("openapi: 3.0.0\npaths: {\n", r"syntax\.yaml:3:1: is no valid YAML"),
            "syntax.json": ('{"openapi": "3.0.0",\n "paths": ]}', r"syntax\.json:2:\d+: is no valid"),
            "slash.yaml": ("openapi: 3.0.0\npaths:\n  pets: {}\n", r"slash\.yaml:3:3: paths: 'pets' does not begin"),
            "other.yaml": ("title: no description\n", r"other\.yaml: is no OpenAPI description"),
        }
        for name, (content, message) in wrong.items():
            with self.subTest(name):
                if content is not None:
                    self.write(name, content)
                path = self.write("weir.yaml", {**configuration("http://127.0.0.1:3000"), "openapi": [name]})
                for verb in ("check", "run"):
                    result = weir.command_line(verb, "-c", path)
                    self.assertEqual((result.returncode, result.stdout), (2, ""))
                    self.assertRegex(result.stderr, rf"^{re.escape(path)}:1:\d+: openapi\[0\]: \S*{message}.* \(.+\)\n$")

    def test_hup_reads_them_again_and_refuses_bad_ones(self):
        self.write("pets.yaml", PETS)
        proxy = self.weir(self.node(), openapi=["pets.yaml"])
        proxy.get("/ok/v1/pets/rex")
        self.write("pets.yaml", "openapi: 4.0.0\n")
        proxy.signal(signal.SIGHUP)
        await_that(lambda: "reload refused, the old configuration stays" in proxy.log(), "the refusal")
        self.assertIn("version '4.0.0' is not known", proxy.log())
        proxy.get("/ok/v1/pets/rex")
        self.write("pets.yaml", PETS + "  /pets/{petId}/toys/{toy}:\n    get: {}\n")
        proxy.signal(signal.SIGHUP)
        await_that(lambda: "the configuration was reloaded" in proxy.log(), "the reload")
        await_that(lambda: "GET /ok/v1/pets/{petId}/toys/{toy}" in self.routes_of(proxy), "the new route")
        proxy.get("/ok/v1/pets/rex/toys/ball")
        counts = {tag: figures["total_requests"] for tag, figures in proxy.stats()["endpoint_stats"].items()}
        self.assertEqual(counts, {"GET /ok/v1/pets/{petId}": 2, "GET /ok/v1/pets/{petId}/toys/{toy}": 1})
