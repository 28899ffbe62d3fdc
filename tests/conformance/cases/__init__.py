"""The cases, one module a subject. Each module has `cases()`; this list is the order of the report."""

from . import (bodies, contract, fields, framing, hop_by_hop, hostile_answers, hostile_bodies, hostile_framing,
               hostile_heads, hostile_limits, interim, methods, order, status, streaming, targets, truncation,
               upgrade)

MODULES = (methods, targets, status, fields, framing, bodies, hop_by_hop, interim, streaming, order, truncation,
           upgrade, hostile_heads, hostile_framing, hostile_bodies, hostile_limits, hostile_answers, contract)


def all_cases():
    return [case for module in MODULES for case in module.cases()]
