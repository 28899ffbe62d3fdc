"""Starts a proxy with one listener per lane. Each profile writes a configuration of its own into a scratch folder.

The timeouts are short, so that the slow cases end soon; the limits are weir's defaults where a proxy can be told.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

REQUEST_HEAD = 3.0
REQUEST_BODY = 3.0
KEEP_ALIVE = 3.0
RESPONSE = 4.0


def free_ports(count):
    """Ports that were free a moment ago, chosen by the kernel."""
    held = [socket.socket() for _ in range(count)]
    for sock in held:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in held]
    for sock in held:
        sock.close()
    return ports


class Profile:
    """What the suite knows about one proxy."""
    name = ""
    is_weir = False
    forgives = frozenset()
    workers = 1
    binary = ""

    def command(self, folder, lanes):
        raise NotImplementedError

    def check_own_answer(self, verdict, response):
        """The proxy's own answers have the form that it documents."""

    def start(self, folder, lanes):
        ports = free_ports(len(lanes))
        for lane, port in zip(lanes, ports):
            lane.proxy_port = port
        self.log = open(Path(folder) / "proxy.log", "wb")
        self.process = subprocess.Popen(self.command(Path(folder), lanes), stdout=self.log, stderr=self.log,
                                        cwd=folder)
        deadline = time.monotonic() + 10
        for port in ports:
            while not self._listens(port):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise SystemExit(f"{self.name} did not start: "
                                     + (Path(folder) / "proxy.log").read_text(errors="replace")[-2000:])
                time.sleep(0.02)

    @staticmethod
    def _listens(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    @property
    def has_died(self):
        return self.process.poll() is not None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Weir(Profile):
    name = "weir"
    is_weir = True

    def command(self, folder, lanes):
        admin = free_ports(1)[0]
        lines = ["listeners:"]
        lines += [f"  - {{ address: 127.0.0.1:{lane.proxy_port}, upstream: lane{n} }}" for n,
                  lane in enumerate(lanes)]
        lines += ["upstreams:"]
        for n, lane in enumerate(lanes):
            lines += [f"  lane{n}:", f"    servers: [ http://127.0.0.1:{lane.port} ]",
                      # By default the end of a client's stream means that it has left; here it is to get its response.
                      "    on_client_close: continue",
                      f"    timeouts: {{ connect: 1s, response: {RESPONSE:g}s, idle: {RESPONSE:g}s }}"]
        lines += [f"timeouts: {{ request_head: {REQUEST_HEAD:g}s, request_body: {REQUEST_BODY:g}s, "
                  f"keep_alive: {KEEP_ALIVE:g}s, drain: 1s }}",
                  f"admin: {{ address: 127.0.0.1:{admin} }}", f"workers: {self.workers}", ""]
        (folder / "weir.yaml").write_text("\n".join(lines))
        return [os.path.abspath(self.binary), "run", "-c", str(folder / "weir.yaml")]

    def check_own_answer(self, verdict, response):
        """contract 3: problem+json with X-Weir-Error."""
        if not response.has(b"x-weir-error"):
            verdict.note(f"own answer {response.status} without X-Weir-Error")
        if response.values(b"content-type") != [b"application/problem+json"]:
            verdict.note(f"own answer of type {response.values(b'content-type')!r}")
            return
        if response.framing == "none":
            return
        try:
            problem = json.loads(bytes(response.body))
        except ValueError as error:
            verdict.note(f"own answer is no JSON: {error}: {bytes(response.body)!r}")
            return
        missing = {"type", "title", "status", "detail", "request_id"} - set(problem)
        if missing or problem.get("status") != response.status:
            verdict.note(f"problem document lacks {sorted(missing)}, says status {problem.get('status')}")


class Nginx(Profile):
    name = "nginx"
    binary = "nginx"

    def command(self, folder, lanes):
        servers = "".join(f"""
  upstream lane{n} {{ server 127.0.0.1:{lane.port} max_fails=0; keepalive 8; }}
  server {{ listen 127.0.0.1:{lane.proxy_port}; location / {{ proxy_pass http://lane{n}; }} }}"""
                          for n, lane in enumerate(lanes))
        temporary = "".join(f"  {kind}_temp_path {folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log; events {{ worker_connections 4096; }}
http {{
{temporary}  access_log off; default_type ""; client_max_body_size 0; underscores_in_headers on;
  ignore_invalid_headers off; merge_slashes off; large_client_header_buffers 8 64k; proxy_buffer_size 128k;
  proxy_buffers 8 128k; proxy_busy_buffers_size 256k; client_header_timeout 3; client_body_timeout 3;
  keepalive_timeout 3; proxy_read_timeout 4; proxy_http_version 1.1; proxy_buffering off;
  proxy_request_buffering off; proxy_set_header Connection ""; proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_pass_header Server; proxy_pass_header Date;
  proxy_pass_header X-Accel-Redirect; proxy_pass_header X-Accel-Buffering; proxy_pass_header X-Pad;
  proxy_pass_header X-Accel-Expires; proxy_pass_header X-Accel-Limit-Rate; proxy_pass_header X-Accel-Charset;
  proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;
  proxy_next_upstream off;{servers}
}}
""")
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder),
                "-e", str(folder / "error.log")]


class Haproxy(Profile):
    name = "haproxy"
    binary = "haproxy"

    def command(self, folder, lanes):
        pairs = "".join(f"""
frontend in{n}
  bind 127.0.0.1:{lane.proxy_port}
  default_backend out{n}
backend out{n}
  http-reuse safe
  server app 127.0.0.1:{lane.port}
""" for n, lane in enumerate(lanes))
        (folder / "haproxy.cfg").write_text(f"""global
  nbthread 1
  tune.bufsize 131072
  tune.maxrewrite 8192
  tune.http.maxhdr 400
defaults
  mode http
  option forwardfor
  no option http-buffer-request
  timeout connect 1s
  timeout client 3s
  timeout server 4s
  timeout http-request 3s
  timeout http-keep-alive 3s
{pairs}""")
        return [shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


class Apache(Profile):
    name = "apache"
    binary = "apache2"
    modules = "/usr/lib/apache2/modules"

    def command(self, folder, lanes):
        loads = "".join(f"LoadModule {m}_module {self.modules}/mod_{m}.so\n"
                        for m in ("mpm_event", "authz_core", "proxy", "proxy_http", "reqtimeout", "env"))
        pairs = "".join(f"""Listen 127.0.0.1:{lane.proxy_port}
<VirtualHost 127.0.0.1:{lane.proxy_port}>
  ProxyPass / http://127.0.0.1:{lane.port}/ nocanon upgrade=ANY retry=0 timeout=4 flushpackets=on
</VirtualHost>
""" for lane in lanes)
        (folder / "apache.conf").write_text(f"""{loads}ServerName localhost
ServerRoot {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
StartServers 1
ServerLimit 2
ThreadsPerChild 64
MaxRequestWorkers 128
LimitRequestFieldSize 65536
LimitRequestLine 16384
LimitRequestFields 200
AllowEncodedSlashes NoDecode
MergeSlashes Off
TraceEnable extended
RegisterHttpMethod QUERY PURGE FOO foo REPORT BREW SPACEJUMP M-SEARCH X
KeepAliveTimeout 3
Timeout 4
MaxKeepAliveRequests 0
ProxyPreserveHost On
ProxyAddHeaders Off
ProxyVia Off
SetEnv proxy-sendchunked 1
RequestReadTimeout header=3 body=3
{pairs}""")
        return [shutil.which("apache2") or "/usr/sbin/apache2", "-X", "-d", str(folder),
                "-f", str(folder / "apache.conf")]


class Reference(Profile):
    """A plain proxy in the suite's own language, to show that every case can be passed."""
    name = "reference"

    def command(self, folder, lanes):
        import sys
        pairs = [f"{lane.proxy_port}:{lane.port}" for lane in lanes]
        return [sys.executable, str(Path(__file__).parent / "reference_proxy.py"), *pairs]


PROFILES = {profile.name: profile for profile in (Weir, Nginx, Haproxy, Apache, Reference)}
