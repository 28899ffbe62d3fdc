"""Servers that nobody here wrote, and a Node app without any package: what weir stands in front of."""

import collections
import os
import re
import shutil
import socket
import tempfile

from . import wire
from .server import Server, await_that, free_port

APPS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "apps")


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Upstream(Server):
    """`port` 0: chosen on start."""

    def __init__(self, folder, port=0):
        super().__init__(folder)
        self.port = port

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://{self.address}"


class SaysItsPort(Upstream):
    """A server that lets the kernel choose the port and prints it."""

    says = re.compile(r"port (\d+)")

    def is_up(self):
        said = self.says.search(self.log())
        if said:
            self.port = int(said.group(1))
        return bool(said)


class NodeApp(SaysItsPort):
    """apps/app.js on Node's own http module. Each request that it has read stands as a line in its log."""

    name = "node"

    def command(self):
        return ["node", os.path.join(APPS, "app.js"), str(self.port)]

    def release(self):
        """Lets every request of /held go on, and each of /held-events send its next event. Says how many waited."""
        return int(wire.fetch(self.address, "GET", "/release").body)

    def served(self, path):
        """How many requests for this path, query left out, it has seen."""
        return len(re.findall(rf"^request \S+ {re.escape(path)}(?:\?\S*)?$", self.log(), re.M))


class PythonFiles(SaysItsPort):
    """`python3 -m http.server`, which speaks HTTP/1.0 and ends bodies by closing, over `files`."""

    name = "http.server"

    def __init__(self, folder):
        super().__init__(folder)
        self.files = os.path.join(folder, "python-files")
        os.makedirs(self.files, exist_ok=True)

    def command(self):
        return ["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "-d", self.files, str(self.port)]


NGINX_CONFIGURATION = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
{user}
events {{ worker_connections 4096; }}
http {{
  log_format facts '$request_method $uri $status $body_bytes_sent $request_time';
  access_log {folder}/nginx-access.log facts;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 10000000;
  client_max_body_size 0;
  sendfile on;
  etag on;
  types {{ text/html html; text/plain txt; }}
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    location /projects/ {{ return 200 "a project\\n"; }}
    location /users/ {{ return 200 "a user\\n"; }}
    location /broken/ {{ return 503; }}
    location = /health {{ return 200 "ok\\n"; }}
    location = /drip.txt {{ limit_rate 200k; sendfile_max_chunk 16k; }}
  }}
}}
"""

LogLine = collections.namedtuple("LogLine", "method path status body_bytes seconds")


class Nginx(Upstream):
    """nginx over `files`, with a few fixed answers. Its access log is the truth about what reached the app."""

    name = "nginx"

    def __init__(self, folder):
        super().__init__(tempfile.mkdtemp(prefix="nginx-", dir=folder))
        self.files = os.path.join(self.folder, "files")
        os.makedirs(self.files)

    def configuration(self):
        return NGINX_CONFIGURATION.format(
            folder=self.folder, port=self.port, user="user root;" if os.geteuid() == 0 else "")

    def command(self):
        configuration = os.path.join(self.folder, "nginx.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(self.configuration())
        return [shutil.which("nginx") or "/usr/sbin/nginx",
                "-p", self.folder, "-e", os.path.join(self.folder, "nginx-error.log"), "-c", configuration]

    def start(self):
        self.port = free_port()
        return super().start()

    def is_up(self):
        return can_connect(self.port)

    def write(self, name, content=b"", size=None):
        """A file that it serves; `size` makes it that long without taking room on the disk."""
        path = os.path.join(self.files, name)
        with open(path, "wb") as file:
            file.write(content)
            if size is not None:
                file.truncate(size)
        return path

    def access_log(self):
        with open(os.path.join(self.folder, "nginx-access.log"), encoding="ascii") as log:
            for line in log:
                method, path, status, body_bytes, seconds = line.split()
                yield LogLine(method, path, int(status), int(body_bytes), float(seconds))

    def settled_log(self, at_least):
        """The whole log once it has so many lines: nginx writes a line just after it has answered."""
        await_that(lambda: sum(1 for _ in self.access_log()) >= at_least, f"{at_least} lines in nginx's log")
        return list(self.access_log())


FRONT_CONFIGURATION = """\
worker_processes 1;
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    # Who a test says it is: $remote_addr.
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Test-Client;
{locations}
  }}
}}
"""


class NginxInFront(Nginx):
    """nginx in front of an admin API at `address`, with the lines of README.md but for those that hold `without`."""

    name = "nginx in front"

    def __init__(self, folder, address, without=None):
        super().__init__(folder)
        with open(os.path.join(os.path.dirname(APPS), "..", "..", "README.md"), encoding="utf-8") as file:
            block = file.read().split("```nginx\n")[1].split("```")[0]
        assert "http://127.0.0.1:9900/;" in block and (without is None or without in block), block
        lines = block.replace("127.0.0.1:9900", address).splitlines()
        self.locations = "\n".join(line for line in lines if without is None or without not in line)

    def configuration(self):
        return FRONT_CONFIGURATION.format(folder=self.folder, port=self.port, locations=self.locations,
                                          user="user root;" if os.geteuid() == 0 else "")
