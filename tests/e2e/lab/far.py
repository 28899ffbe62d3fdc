"""Two network namespaces with a slow link between them: what is on this machine and yet some way off."""

import fcntl
import os
import struct
import subprocess
import sys

from .server import Server
from .upstreams import APPS

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
# Larger than Ethernet's: a link that is a Python program carries a body in fewer pieces.
MTU = 9000


class CannotBeMade(Exception):
    """Says what this machine does not allow."""


def ip(*arguments):
    """Runs `ip`, or says what it said."""
    try:
        done = subprocess.run(["ip", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError as problem:
        raise CannotBeMade("there is no ip (iproute2)") from problem
    if done.returncode != 0:
        raise CannotBeMade(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


class Place:
    """A namespace of its own, with loopback."""

    def __init__(self, name, address):
        self.name = name
        self.address = address
        self.device = name + "-0"  # 15 characters at most
        self.wrapper = ("ip", "netns", "exec", name)

    def make(self):
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")

    def take(self, device):
        """Brings a device, wherever it is, into the namespace and up, with the address of the place."""
        if device:
            ip("link", "set", self.device, "netns", self.name)
        ip("-n", self.name, "link", "set", self.device, "mtu", str(MTU), "txqueuelen", "100000")
        ip("-n", self.name, "address", "add", self.address + "/24", "dev", self.device)
        ip("-n", self.name, "link", "set", self.device, "up")


class Carrier(Server):
    """apps/carrier.py between the two TUN devices, for a kernel that cannot delay packets itself."""

    name = "carrier"

    def __init__(self, folder, fds, seconds):
        super().__init__(folder)
        self.fds = fds
        self.seconds = seconds

    def command(self):
        return [sys.executable, os.path.join(APPS, "carrier.py"), *map(str, self.fds), str(self.seconds)]

    def keeps(self):
        return self.fds

    def is_up(self):
        return "carrying" in self.log()


class FarApart:
    """`near` and `far`, each packet `one_way` seconds on its way. Traffic stays between the two."""

    def __init__(self, case, one_way):
        self.case = case
        self.one_way = one_way
        self.near = Place(f"weir{os.getpid()}n", "10.99.0.1")
        self.far = Place(f"weir{os.getpid()}f", "10.99.0.2")
        self.carrier = None

    def make(self):
        """Raises CannotBeMade where that is so. All of it goes when the test ends."""
        if os.geteuid() != 0:
            raise CannotBeMade("network namespaces need root")
        for place in (self.near, self.far):
            place.make()
            self.case.addCleanup(ip, "netns", "delete", place.name)
        if not self.lay_veth():
            self.lay_tun()
        return self

    def lay_veth(self):
        """A pair of virtual Ethernet devices whose packets the kernel holds back."""
        ip("link", "add", self.near.device, "netns", self.near.name, "type", "veth",
           "peer", "name", self.far.device, "netns", self.far.name)
        for place in (self.near, self.far):
            done = subprocess.run(
                ["tc", "-n", place.name, "qdisc", "add", "dev", place.device, "root", "netem",
                 "delay", f"{self.one_way * 1e6:.0f}us", "limit", "100000"],
                stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if done.returncode != 0:
                ip("-n", self.near.name, "link", "delete", self.near.device)
                return False
        for place in (self.near, self.far):
            place.take(device=None)
        return True

    def lay_tun(self):
        """Without netem: packets go through a program, whole and in order, FIN and RST among them."""
        fds = []
        for place in (self.near, self.far):
            try:
                fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
                fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", place.device.encode(), IFF_TUN | IFF_NO_PI))
            except OSError as problem:
                raise CannotBeMade(f"neither netem nor /dev/net/tun: {problem}") from problem
            fds.append(fd)
            self.case.addCleanup(os.close, fd)
            place.take(device=fd)
        self.carrier = self.case.start(Carrier(self.case.folder, fds, self.one_way))
