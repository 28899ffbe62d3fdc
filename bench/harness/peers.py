"""Who is compared: one worker each, with the configurations of bench/peers."""

import dataclasses
import shutil

from .lab import Running, free_port, tree


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    title: str
    program: str            # of the build folder where it holds a slash
    has_tls: bool = False
    template: str = ""
    values: tuple = ()      # of the template
    has_master: bool = False

    def path(self, build):
        """Of the build folder, of the system where there is no slash, or as it is where it is absolute."""
        return str(build / self.program) if "/" in self.program else self.program

    def is_there(self, build):
        return shutil.which(self.path(build)) is not None

    def how_to_get(self):
        return f"ninja -C build {self.program}" if "/" in self.program else f"apt-get install {self.program}"


NGINX_LOG = (("access_log", "${folder}/access.log timed buffer=64k"),
             ("measuring", "add_header X-Response-Time $upstream_response_time;"))
HAPROXY_LOG = (("measuring", "log global\n  option httplog\n  http-response set-header X-Response-Time %Tr"),)

PEERS = {peer.name: peer for peer in (
    Peer("none", "no proxy", "nginx", has_tls=True),
    Peer("floor", "floor: TCP forwarder", "bench/forwarder"),
    Peer("l7", "floor with HTTP heads", "bench/l7"),
    Peer("weir", "weir", "src/app/weir", has_tls=True),
    Peer("against", "weir, the other build", "", has_tls=True),
    Peer("nginx", "nginx, bare", "nginx", True, "nginx.conf", (("access_log", "off"), ("measuring", "")), True),
    Peer("nginx_log", "nginx, measuring", "nginx", True, "nginx.conf", NGINX_LOG, True),
    Peer("haproxy", "HAProxy, bare", "haproxy", True, "haproxy.cfg", (("measuring", ""),)),
    Peer("haproxy_log", "HAProxy, measuring", "haproxy", True, "haproxy.cfg", HAPROXY_LOG),
    Peer("caddy", "Caddy, bare", "caddy", True, "Caddyfile"),
)}


def start(lab, peer):
    """Starts it; what is returned knows its processes and ports."""
    if peer.name == "none":
        return Running([], lab.upstream_port, lab.upstream_tls_port if lab.certificate else None)
    port, tls_port = free_port(), free_port()
    if peer.name in ("floor", "l7"):
        process = lab.start(lab.cpus.proxy, port, [peer.path(lab.build), port, lab.upstream_port])
        return Running([process.pid], port)
    if peer.name in ("weir", "against"):
        return lab.start_weir(binary=peer.program or None)[0]
    values = {name: value.replace("${folder}", str(lab.folder)) for name, value in peer.values}
    tls = tls_of(peer.program, lab, tls_port) if lab.certificate else ""
    config = lab.written(peer.template, port=port, kind=peer.name, tls=tls, most=lab.most_held() + 300, **values)
    process = lab.start(lab.cpus.proxy, port, command_of(peer.program, lab, config))
    return Running(tree(process.pid) if peer.has_master else [process.pid], port, tls_port if lab.certificate else None)


def tls_of(program, lab, port):
    """What its configuration says for a second listener, with TLS."""
    if program == "nginx":
        return lab.nginx_tls(port)
    if program == "haproxy":
        return f"bind 127.0.0.1:{port} ssl crt {lab.certificate}"
    return (f"https://127.0.0.1:{port} {{\n\tbind 127.0.0.1\n\ttls {lab.certificate} {lab.certificate}\n"
            f"\treverse_proxy 127.0.0.1:{lab.upstream_port}\n}}")


def command_of(program, lab, config):
    if program == "nginx":
        return ["nginx", "-c", config]
    if program == "haproxy":
        return ["haproxy", "-db", "-f", config]
    return ["env", "GOMAXPROCS=1", f"XDG_DATA_HOME={lab.folder}", f"XDG_CONFIG_HOME={lab.folder}", "caddy", "run", "--adapter", "caddyfile", "--config", config]
