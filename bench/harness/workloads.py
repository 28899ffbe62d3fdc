"""What is asked of every peer."""

import dataclasses
import json

BROWSER_HEAD = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Referer": "https://shop.example.test/catalogue/summer/shoes?page=3&sort=price",
    "Cookie": "session=" + "4f1c9a7e" * 16 + "; theme=dark; consent=" + "yes.no.yes." * 12,
    "Sec-Ch-Ua": '"Not/A)Brand";v="8", "Chromium";v="126", "Google Chrome";v="126"',
    "Sec-Ch-Ua-Mobile": "?0",
    "Sec-Ch-Ua-Platform": '"Linux"',
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "same-origin",
    "Upgrade-Insecure-Requests": "1",
    "Cache-Control": "max-age=0",
}


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    connections: int
    path: str = "/projects/17"
    script: str = ""       # for wrk, in Lua
    rate: int = 0          # requests a second; 0 for a closed loop
    held: int = 0          # idle connections kept open beside the busy ones
    is_tls: bool = False


def fields(values):
    return "".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n" for name, value in values.items())


WORKLOADS = {workload.name: workload for workload in (
    Workload("get_1", "GET 128 B, 1 connection", 1),
    Workload("get_32", "GET 128 B, 32 connections", 32),
    Workload("get_256", "GET 128 B, 256 connections", 256),
    Workload("browser_32", "browser-like heads, 32 connections", 32, script=fields(BROWSER_HEAD)),
    Workload("post_32", "POST 16 KB, 32 connections", 32, "/upload", 'wrk.method = "POST"\nwrk.body = string.rep("x", 16384)\n'),
    Workload("large_8", "GET 1 MiB, 8 connections", 8, "/large"),
    Workload("connect_32", "a new connection each, 32 at once", 32, script='wrk.headers["Connection"] = "close"\n'),
    Workload("idle_32", "GET 128 B, 32 beside 10,000 idle", 32, held=10_000),
    Workload("tls_32", "GET 128 B over TLS, 32 connections", 32, is_tls=True),
    Workload("tls_connect_32", "a new TLS connection each, 32", 32, script='wrk.headers["Connection"] = "close"\n', is_tls=True),
    Workload("open_5000", "5,000 requests/s, 4 connections", 4, rate=5_000),
)}
