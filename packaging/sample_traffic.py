#!/usr/bin/env python3
"""Sends 400 requests over four kept-alive connections to the sample app, a few seconds in all. `sample_traffic.py URL`"""

import http.client
import random
import sys
import threading
from urllib.parse import urlsplit

CLIENTS = 4
REQUESTS_EACH = 100


def a_request(random_numbers):
    dice = random_numbers.random()
    if dice < 0.40:
        return "GET", f"/projects/{random_numbers.randint(1, 510)}"
    if dice < 0.65:
        return "GET", "/projects"
    if dice < 0.90:
        return "GET", f"/users/{random_numbers.randint(1, 90)}/orders"
    if dice < 0.98:
        return "POST", "/projects"
    return "GET", "/reports/slow"


def client(host, port, seed):
    random_numbers = random.Random(seed)
    connection = http.client.HTTPConnection(host, port, timeout=30)
    for _ in range(REQUESTS_EACH):
        method, path = a_request(random_numbers)
        connection.request(method, path, body=b'{"name": "new"}' if method == "POST" else None)
        connection.getresponse().read()
    connection.close()


def main(url):
    target = urlsplit(url)
    threads = [threading.Thread(target=client, args=(target.hostname, target.port, seed))
               for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"sent {CLIENTS * REQUESTS_EACH} requests")


if __name__ == "__main__":
    main(sys.argv[1])
