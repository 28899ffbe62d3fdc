#!/usr/bin/env python3
"""Writes C++ that holds the page's files, plain and compressed: `embed.py OUTPUT NAME=FILE...`"""

import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
LINE = 100


def literal(data):
    """A C++ string literal. Three octal digits always, so that no digit of the data is taken for one of them."""
    escapes = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("?"): "\\?"}
    lines = []
    for start in range(0, len(data), LINE):
        part = data[start:start + LINE]
        lines.append("".join(escapes.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in part))
    return "\n".join(f'    "{line}"' for line in lines)


def main():
    output, *named = sys.argv[1:]
    # Compilers need not take literals beyond 64 KiB; those that build weir do.
    parts = ['#include "page_files.h"\n\n#include <array>\n\n#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n'
             'namespace weir::admin {\nnamespace {\n']
    entries = []
    for place, one in enumerate(named):
        name, _, file = one.partition("=")
        data = pathlib.Path(file).read_bytes()
        packed = gzip.compress(data, 9, mtime=0)
        for kind, content in (("plain", data), ("packed", packed)):
            parts.append(f"constexpr std::string_view k_{kind}_{place}(\n{literal(content)},\n    {len(content)});\n")
        tag = hashlib.sha256(data).hexdigest()[:16]
        media_type = TYPES[pathlib.Path(name).suffix]
        entries.append(f'    PageFile{{"{name}", "{media_type}", k_plain_{place}, k_packed_{place}, "\\"{tag}\\""}},')
    parts.append("constexpr std::array kFiles = {\n" + "\n".join(entries) + "\n};\n\n}  // namespace\n")
    parts.append("std::span<const PageFile> page_files() { return kFiles; }\n\n}  // namespace weir::admin\n")
    pathlib.Path(output).write_text("\n".join(parts), encoding="ascii")


if __name__ == "__main__":
    main()
