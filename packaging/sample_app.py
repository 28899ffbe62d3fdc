#!/usr/bin/env python3
"""A small project tracker to put weir in front of: Python's standard library, HTTP/1.1, some routes slow, some failing.

It knows nothing of weir. `sample_app.py [PORT]`; port 0 lets the kernel choose. The first line names the address.
"""

import json
import random
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def health(_):
    return 200, {"status": "ok"}


def projects(_):
    time.sleep(random.uniform(0.004, 0.012))
    return 200, {"projects": [{"id": n, "name": f"project {n}"} for n in range(1, 21)]}


def project(match):
    number = int(match["id"])
    time.sleep(random.lognormvariate(-5.5, 0.6))
    if number > 500:
        return 404, {"error": f"no project {number}"}
    return 200, {"id": number, "name": f"project {number}", "open_tasks": number % 7}


def orders(match):
    time.sleep(random.lognormvariate(-4.0, 0.5))
    if random.random() < 0.02:
        return 500, {"error": "the order service did not answer"}
    return 200, {"user": int(match["id"]), "orders": [{"id": n} for n in range(5)]}


def slow_report(_):
    time.sleep(random.uniform(1.05, 1.3))
    return 200, {"report": "slow", "rows": 4096}


def new_project(_):
    time.sleep(0.008)
    return 201, {"id": random.randint(1, 500)}


ROUTES = [
    ("GET", re.compile(r"/health"), health),
    ("GET", re.compile(r"/projects"), projects),
    ("POST", re.compile(r"/projects"), new_project),
    ("GET", re.compile(r"/projects/(?P<id>\d+)"), project),
    ("GET", re.compile(r"/users/(?P<id>\d+)/orders"), orders),
    ("GET", re.compile(r"/reports/slow"), slow_report),
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sample-app"
    disable_nagle_algorithm = True

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        status, body = 404, {"error": f"nothing at {path}"}
        for method, pattern, handler in ROUTES:
            match = pattern.fullmatch(path)
            if match and method == self.command:
                status, body = handler(match)
                break
        payload = json.dumps(body).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 3000), Handler)
    print(f"sample app  http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
