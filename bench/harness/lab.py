"""The servers of one run, in a folder of their own; all end with it."""

import os
import pathlib
import shutil
import signal
import socket
import string
import subprocess
import time

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A started server: all its processes, and where it listens."""

    def __init__(self, pids, port, tls_port=None, admin_port=None):
        self.pids = pids
        self.port = port
        self.tls_port = tls_port
        self.admin_port = admin_port


class Lab:
    def __init__(self, folder, build, cpus, files):
        self.folder = pathlib.Path(folder)
        self.build = pathlib.Path(build)
        self.cpus = cpus
        self.files = files  # that a process may have open
        self.upstream_port = free_port()
        self.upstream_tls_port = free_port()
        self.processes = []
        self.started = 0
        self.folder.chmod(0o755)  # nginx's worker is another user
        self.www = self.folder / "www"
        self.www.mkdir()
        self.certificate = self.make_certificate()

    def most_held(self):
        """Idle connections that every peer can keep: HAProxy wants two files for each it may have."""
        return self.files // 2 - 350

    def make_certificate(self):
        """A key and a certificate in one file, the form HAProxy wants; None where there is no openssl."""
        if not shutil.which("openssl"):
            return None
        pem, key = self.folder / "bench.pem", self.folder / "bench.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
        with open(pem, "a") as both:
            both.write(key.read_text())
        return pem

    def file(self, name, size):
        """A file of the stub app; sparse, so that a large one takes no room."""
        path = self.www / name
        with open(path, "wb") as out:
            if size <= 1024 * 1024:
                out.write(os.urandom(size))
            else:
                out.truncate(size)

    def written(self, template, **values):
        """A configuration of bench/peers with its places filled in."""
        target = self.folder / f"{self.started}.{template}"
        text = string.Template((BENCH / "peers" / template).read_text())
        target.write_text(text.substitute(folder=self.folder, upstream_port=self.upstream_port,
                                          upstream_tls_port=self.upstream_tls_port, certificate=self.certificate, **values))
        return target

    def nginx_tls(self, port):
        if not self.certificate:
            return ""
        return f"listen 127.0.0.1:{port} ssl backlog=4096; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {self.certificate}; ssl_certificate_key {self.certificate};"

    def start(self, cpu, port, command):
        """What it says on stderr is kept for the case that it does not start."""
        self.started += 1
        with open(self.folder / f"{self.started}.output", "w") as log:
            process = subprocess.Popen(["taskset", "-c", str(cpu), *map(str, command)], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=log)
        self.processes.append(process)
        self.wait_for(port, process, pathlib.Path(log.name))
        return process

    @staticmethod
    def wait_for(port, process, log):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if process.poll() is not None:
                raise SystemExit(f"bench: {process.args[3]} ended at once: {log.read_text().strip()[-500:]}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"bench: nothing listens on 127.0.0.1:{port}: {log.read_text().strip()[-500:]}")

    def start_upstream(self):
        tls = self.nginx_tls(self.upstream_tls_port)
        config = self.written("upstream.conf", body="x" * 127 + "\\n", tls=tls)
        self.start(self.cpus.app, self.upstream_port, ["nginx", "-c", config])
        return Running([], self.upstream_port, self.upstream_tls_port if self.certificate else None)

    def start_weir(self, cpu=None, workers=1, upstream=None, upstream_more="", extra="", binary=None):
        """weir with a configuration of its own, for what the table of peers does not cover."""
        port, tls_port, admin_port = free_port(), free_port(), free_port()
        tls = f"  - address: 127.0.0.1:{tls_port}\n    tls: {{ certificate: {self.certificate}, key: {self.certificate} }}" if self.certificate else ""
        config = self.written("weir.yaml", port=port, admin_port=admin_port, workers=workers, tls=tls, extra=extra, upstream_more=upstream_more,
                              upstream=upstream or f"http://127.0.0.1:{self.upstream_port}")
        process = self.start(self.cpus.proxy if cpu is None else cpu, port, [self.build / (binary or "src/app/weir"), "run", "-c", config])
        return Running([process.pid], port, tls_port if self.certificate else None, admin_port), process

    def end(self, process):
        """Ends one server before the others."""
        self.processes.remove(process)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


def tree(pid):
    """A process and its children: a master and its worker."""
    for _ in range(100):
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return [pid, *map(int, children)]
        time.sleep(0.05)
    raise SystemExit(f"bench: process {pid} started no worker")
