#!/usr/bin/env python3
"""Reads every #include under include/ and src/, and holds the room table of src/ARCHITECTURE.md."""

import os
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("WEIR_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))

# Room -> the rooms it may use, besides itself.
ROOMS = {
    "base": set(),
    "http": {"base"},
    "route": {"base", "http"},
    "stats": {"base"},
    "judge": {"base", "stats"},
    "net": {"base"},
    "proxy": {"base", "http", "stats", "route", "net"},
    "proto": {"base", "http", "route", "stats", "net", "proxy"},
    "verbs": {"base", "http", "net"},
    "export": {"base", "stats", "judge"},
    "store": {"base", "stats", "judge"},
    "notify": {"base", "stats", "judge"},
    "admin": {"base", "http", "route", "stats", "judge", "net", "export", "store", "notify"},
    "config": {"base"},  # and every room's *_options.h, and the neutral document that OpenAPI is read from
}
ROOMS["app"] = set(ROOMS)

# yaml-cpp lives in `config` alone, so that is where an OpenAPI file in YAML becomes `route`'s document.
OPENAPI = {"weir/route/openapi.h", "weir/route/written.h", "weir/route/book.h"}
# What an address of the configuration means on this machine.
ADDRESSES = {"weir/net/machine_addresses.h"}

# Header of a library -> the one room that may see it.
LIBRARIES = {
    re.compile(r"uv(\.h|/)"): "net",
    re.compile(r"llhttp"): "http",
    re.compile(r"yaml-cpp/"): "config",
    re.compile(r"n?curses"): "verbs",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    """The room of a path relative to src/ or include/weir/; each protocol is a room of its own under `proto`."""
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "proto" and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def kind_of(room):
    return room.split("/")[0]


def sources(root):
    """(room, path) of every C++ and C file of the rooms."""
    for top in (root / "include" / "weir", root / "src"):
        for path in sorted(top.rglob("*")):
            if path.suffix in (".h", ".cc", ".c"):
                yield room_of(path.relative_to(top).as_posix()), path


def may_use(room, other, header):
    if other == room or kind_of(other) in ROOMS.get(kind_of(room), ()) and kind_of(other) != kind_of(room):
        return True
    return room == "config" and (header.endswith("_options.h") or header in OPENAPI | ADDRESSES)


def violations(root):
    """One sentence for each include that the table forbids."""
    found = []
    for room, path in sources(root):
        name = path.relative_to(root)
        if kind_of(room) not in ROOMS:
            found.append(f"{name}: there is no room called {room}")
            continue
        for bracket, header in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if bracket == '"':
                found.extend(private_include_violations(root, room, path, header))
            elif header.startswith("weir/"):
                other = room_of(header.removeprefix("weir/"))
                if not may_use(room, other, header):
                    found.append(f"{name}: {room} may not use {other} (<{header}>)")
            else:
                for pattern, owner in LIBRARIES.items():
                    if pattern.match(header) and room != owner:
                        found.append(f"{name}: only {owner} sees <{header}>")
    return found


def private_include_violations(root, room, path, header):
    """A quoted include names a private header of the same room, by its place beside the file."""
    target = (path.parent / header).resolve()
    home = (root / "src" / room).resolve()
    if not target.is_relative_to(home):
        return [f'{path.relative_to(root)}: "{header}" is no private header of {room}']
    return []


def include_directories(root):
    """Every argument of include_directories() in the project's meson.build files, with the file."""
    for path in [root / "meson.build", *sorted((root / "src").rglob("meson.build"))]:
        for call in re.findall(r"include_directories\(([^)]*)\)", path.read_text(encoding="utf-8")):
            for argument in re.findall(r"'([^']*)'", call):
                yield path.relative_to(root), argument


class Layering(unittest.TestCase):
    def test_every_include_keeps_to_the_room_table(self):
        self.assertEqual(violations(ROOT), [])

    def test_src_is_on_no_include_path(self):
        for path, argument in include_directories(ROOT):
            self.assertTrue(argument == "include" or argument.startswith("/usr/"),
                            f"{path}: include_directories('{argument}')")

    def test_there_are_sources_to_read(self):
        self.assertGreater(len(list(sources(ROOT))), 10)

    def test_a_forbidden_include_is_found(self):
        forbidden = {
            "src/admin/a.cc": "#include <weir/proxy/pool.h>",
            "src/base/a.cc": "#include <weir/stats/view.h>",
            "src/proto/http1/a.cc": "#include <weir/proto/http2/session.h>",
            "src/proxy/a.cc": "#include <uv.h>",
            "src/app/a.cc": "#include <yaml-cpp/yaml.h>",
            "src/stats/a.cc": "#  include <llhttp.h>",
            "src/config/a.cc": "#include <weir/proxy/pool.h>",
            "src/net/a.cc": '#include "../base/private.h"',
            "src/util/a.cc": "",
        }
        for name, text in forbidden.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True)
                path.write_text(text + "\n")
                self.assertEqual(len(violations(pathlib.Path(folder))), 1)

    def test_an_allowed_include_passes(self):
        allowed = {
            "src/config/a.cc": "#include <weir/proxy/proxy_options.h>",
            "src/net/a.cc": '#include <uv.h>\n#include "private.h"\n#include <weir/base/bytes.h>',
            "src/app/a.cc": "#include <weir/proto/http1/session.h>",
            "include/weir/proto/http1/session.h": "#include <weir/proxy/pool.h>",
        }
        for name, text in allowed.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True)
                path.write_text(text + "\n")
                self.assertEqual(violations(pathlib.Path(folder)), [])


if __name__ == "__main__":
    unittest.main()
