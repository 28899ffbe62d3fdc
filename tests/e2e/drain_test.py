"""How a drain and a removed listener end connections: each client that came in time gets its response, none is reset.

weir is stopped (SIGSTOP) at one moment after another of the sequence. What clients do meanwhile stays in the kernel, so
that weir comes upon it with its next step: connections in the queue, requests in their sockets.
"""

import contextlib
import os
import select
import signal
import ssl
import threading
import time

from lab import wire
from lab.case import Case
from lab.certificates import Authority
from lab.server import await_that, free_port

# After the signal, in seconds: one within each step, and one past them. weir stays stopped until the next one is due.
MOMENTS = (0, 0.05, 0.15, 0.25, 0.35)
STEP = 0.1
RELOADED = "the configuration was reloaded"
BODY = b"here\n"


class Client(wire.Connection):
    """`outcome` says how it went: `served`, `ended` without a response, `reset`, or what else came."""

    def __init__(self, address, name, **more):
        super().__init__(address, **more)
        self.address = address
        self.name = name
        self.was_told_the_end = False
        self.was_told_to_close = False

    def ask(self, target="/ok"):
        """Sends a whole request, unless weir has ended the connection already. While weir is stopped that is exact."""
        readable, _, _ = select.select([self.socket], [], [], 0)
        if readable:
            self.was_told_the_end = True
            return
        self.send(wire.request("GET", target, self.address))

    def outcome(self):
        try:
            if self.was_told_the_end:
                return "ended" if self.is_closed() else "bytes without a request"
            answer = self.answer()
            if answer.status != 200 or answer.body != BODY:
                return f"{answer.status} {answer.body!r}"
            self.was_told_to_close = answer.header("Connection") == "close"
            return "served" if self.is_closed() else "more than its response"
        except EOFError:
            return "ended without its response"
        except ConnectionError as error:
            return f"reset: {error}"


def is_refused(address):
    try:
        wire.Connection(address, seconds=0.05).close()
        return False
    except (ConnectionRefusedError, FileNotFoundError):
        return True
    except OSError:
        return False  # the kernel ignores those who connect, for a moment


class Stopped:
    """weir does not run within the block."""

    def __init__(self, proxy):
        self.proxy = proxy

    def __enter__(self):
        self.proxy.signal(signal.SIGSTOP)
        await_that(self.is_stopped, "weir to be stopped")

    def __exit__(self, *_):
        self.proxy.signal(signal.SIGCONT)

    def is_stopped(self):
        states = []
        for task in os.listdir(f"/proc/{self.proxy.pid}/task"):
            with open(f"/proc/{self.proxy.pid}/task/{task}/stat", encoding="ascii") as stat:
                states.append(stat.read().rpartition(")")[2].split()[0])
        return set(states) == {"T"}


class Drain(Case):
    seconds = 120

    def setUp(self):
        super().setUp()
        self.app = self.node()
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)

    def start_weir(self, **sections):
        path = os.path.join(self.folder, "weir.sock")
        proxy = self.weir(self.app, listeners=[{"address": "127.0.0.1:0"}, {"address": f"unix:{path}"},
                                               {"address": "127.0.0.2:0"}], **sections)
        return proxy

    def client(self, address, name, **more):
        return self.stack.enter_context(Client(address, name, **more))

    def clients_of(self, addresses):
        """Some that have asked before and are idle now, and some that have connected and not asked yet."""
        kept = [self.client(address, f"{address} kept {n}") for address in addresses for n in range(8)]
        for client in kept:
            client.ask()
            self.assertEqual(client.answer().body, BODY)
        fresh = [self.client(address, f"{address} fresh {n}") for address in addresses for n in range(8)]
        return kept, fresh

    def newcomers(self, address):
        """Clients that connect while weir is stopped: refused, ignored by the kernel, or in weir's queue."""
        came = []
        for n in range(8):
            try:
                came.append(self.client(address, f"{address} newcomer {n}", seconds=0.01))
                came[-1].socket.settimeout(40)
            except (ConnectionRefusedError, FileNotFoundError, TimeoutError):
                pass
        return came

    def act(self, proxy, addresses, kept, fresh):
        """What clients do while weir is stopped. The first half of each kind asks."""
        with Stopped(proxy):
            newcomers = [client for address in addresses for client in self.newcomers(address)]
            asking = kept[::2] + fresh[::2] + newcomers[::2]
            silent = kept[1::2] + fresh[1::2] + newcomers[1::2]
            for client in asking:
                client.ask()
            for client in silent:
                client.was_told_the_end = True
            time.sleep(STEP)
        return asking, silent

    def check(self, moment, asking, silent):
        outcomes = {client.name: client.outcome() for client in asking + silent}
        wrong = {name: outcome for name, outcome in outcomes.items() if outcome not in ("served", "ended")}
        self.assertEqual(wrong, {}, f"{moment} s after the signal")
        served = [client for client in asking if outcomes[client.name] == "served"]
        if moment > 0:
            self.assertTrue(all(client.was_told_to_close for client in served))
        return len(served)

    def test_nobody_is_reset_by_a_drain_whatever_its_step_finds(self):
        served = 0
        for moment in MOMENTS:
            proxy = self.start_weir()
            addresses = proxy.addresses[:2]
            kept, fresh = self.clients_of(addresses)
            held = self.client(addresses[0], "held")
            held.ask("/held")
            await_that(lambda: self.app.log().count("GET /held") > MOMENTS.index(moment), "the held request")
            proxy.signal(signal.SIGTERM)
            await_that(lambda: "draining" in proxy.log(), "the drain")
            time.sleep(moment)
            asking, silent = self.act(proxy, addresses, kept, fresh)
            served += self.check(moment, asking, silent)
            for address in addresses:
                await_that(lambda: is_refused(address), "new connections to be refused")
            self.app.release()
            answer = held.answer()
            self.assertEqual((answer.status, answer.body, answer.header("Connection")), (200, b"held\n", "close"))
            self.assertTrue(held.is_closed())
            self.assertEqual(proxy.wait(), 0)
            self.stack.close()
        self.assertGreater(served, 40)

    def test_who_connects_and_asks_before_the_signal_reaches_weir_is_served(self):
        proxy = self.start_weir()
        addresses = proxy.addresses[:2]
        kept, fresh = self.clients_of(addresses)
        with Stopped(proxy):
            queued = [self.client(address, f"{address} queued {n}") for address in addresses for n in range(100)]
            asking = queued + kept[::2] + fresh
            for client in asking:
                client.ask()
            proxy.signal(signal.SIGTERM)
        self.assertEqual({client.name: client.outcome() for client in asking},
                         {client.name: "served" for client in asking})
        for client in kept[1::2]:
            self.assertTrue(client.is_closed())
        self.assertEqual(proxy.wait(), 0)

    def test_clients_that_go_on_asking_through_a_drain_are_never_reset(self):
        proxy = self.start_weir()
        outcomes = {}
        stop = threading.Event()

        def note(what):
            outcomes[what] = outcomes.get(what, 0) + 1

        def ask_on(address):
            while not stop.is_set():
                try:
                    client = Client(address, "one of many", seconds=1)
                except (ConnectionRefusedError, FileNotFoundError, TimeoutError):
                    if stop.wait(0.002):
                        return
                    continue
                with client:
                    try:
                        while not stop.is_set():
                            client.ask()
                            if client.was_told_the_end:
                                break
                            answer = client.answer()
                            note(answer.body)
                            if answer.header("Connection") == "close":
                                break
                    except (EOFError, ConnectionError) as error:
                        note(str(error))

        threads = [threading.Thread(target=ask_on, args=(address,)) for address in proxy.addresses[:2] for _ in range(8)]
        for thread in threads:
            thread.start()
        await_that(lambda: outcomes.get(BODY, 0) > 300, "some load")
        proxy.signal(signal.SIGTERM)
        self.assertEqual(proxy.wait(), 0)
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(set(outcomes), {BODY})

    def test_a_removed_listener_ends_as_a_drain_does_and_the_others_go_on(self):
        for moment in MOMENTS:
            proxy = self.start_weir()
            addresses = proxy.addresses[:2]
            kept, fresh = self.clients_of(addresses)
            other, other_fresh = self.clients_of(proxy.addresses[2:])
            proxy.rewrite({**proxy.options, "listeners": proxy.options["listeners"][2:]})
            await_that(lambda: RELOADED in proxy.log(), "the reload")
            time.sleep(moment)
            asking, silent = self.act(proxy, addresses, kept, fresh)
            self.check(moment, asking, silent)
            for address in addresses:
                await_that(lambda: is_refused(address), "new connections to be refused")
            for client in other + other_fresh:
                client.ask()
                answer = client.answer()
                self.assertEqual((answer.body, answer.header("Connection")), (BODY, None))
            proxy.signal(signal.SIGTERM)
            self.assertEqual(proxy.wait(), 0)
            self.stack.close()

    def test_a_removed_listener_that_comes_back_at_once_listens_again(self):
        listeners = [{"address": "127.0.0.2:0"}, {"address": f"127.0.0.1:{free_port()}"},
                     {"address": f"unix:{self.folder}/back.sock"}]
        proxy = self.weir(self.app, listeners=listeners)
        addresses = proxy.addresses[1:]
        kept, fresh = self.clients_of(addresses)
        for n, chosen in enumerate((listeners[:1], listeners, listeners[:1], listeners)):
            proxy.rewrite({**proxy.options, "listeners": chosen})
            await_that(lambda: proxy.log().count(RELOADED) > n, "the reload")
        for address in addresses:
            self.assertEqual(wire.fetch(address, "GET", "/ok").body, BODY)
        for client in kept + fresh:
            client.was_told_the_end = True
            self.assertEqual(client.outcome(), "ended")
        self.assertNotIn("refused", proxy.log())

    def test_a_tls_handshake_that_has_begun_is_finished_and_its_request_served(self):
        authority = Authority(self.folder)
        proxy = self.weir(self.app, listeners=[{"address": "127.0.0.1:0", "tls": authority.issue("weir")}])
        context = ssl.create_default_context(cafile=authority.certificate)
        address = proxy.address

        kept = self.client(address, "kept")
        kept.socket = context.wrap_socket(kept.socket, server_hostname="localhost", suppress_ragged_eofs=False)
        kept.send(wire.request("GET", "/ok", address))  # tickets of TLS make `ask` think of an end
        self.assertEqual(kept.answer().body, BODY)
        fresh = self.client(address, "fresh")
        fresh.socket = context.wrap_socket(fresh.socket, server_hostname="localhost", suppress_ragged_eofs=False)
        begun = self.client(address, "begun")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        layer = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            layer.do_handshake()
        begun.send(outgoing.read())
        incoming.write(begun.socket.recv(100))  # weir has taken all of it, and waits for more
        await_that(lambda: proxy.performance("stats")["total_requests"] == 1, "the record of the first request")

        proxy.signal(signal.SIGTERM)
        # Both with close_notify: without one an error is raised.
        self.assertTrue(kept.is_closed())
        self.assertTrue(fresh.is_closed())
        self.assertTrue(is_refused(address))
        while True:
            try:
                layer.do_handshake()
                break
            except ssl.SSLWantReadError:
                begun.send(outgoing.read())
                incoming.write(begun.socket.recv(65536))
        begun.send(outgoing.read())
        layer.write(wire.request("GET", "/ok", address))
        begun.send(outgoing.read())
        shown = b""
        while True:
            try:
                data = layer.read()
                if not data:
                    break
                shown += data
            except ssl.SSLWantReadError:
                incoming.write(begun.socket.recv(65536))
        self.assertIn(b" 200 OK", shown)
        self.assertIn(b"Connection: close", shown)
        self.assertTrue(shown.endswith(BODY))
        self.assertEqual(proxy.wait(), 0)
