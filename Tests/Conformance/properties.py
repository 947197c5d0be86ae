"""What holds in every trace to the last bit, whatever the formulas are."""

import math
import operator

# The events that have a node's value, and the operations that are exact to the last bit.
VALUES = ("constant", "input", "forward")
EXACT = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "neg": operator.neg, "sqrt": math.sqrt, "id": lambda x: x,
}


class Violation(Exception):
    """A property that does not hold, in words."""


def require(condition, *message):
    if not condition:
        raise Violation(" ".join(map(str, message)))


def same(x, y):
    """Whether two numbers have the same bits."""
    return x.hex() == y.hex()


def check(events):
    """Checks the events of one trace, backward or grad."""
    kinds = {}
    for event in events:
        kinds.setdefault(event["event"], []).append(event)
    forward = {e["node"]: e for e in kinds.get("forward", [])}
    adjoints, names = check_backward(events)
    if forward:
        check_forward(kinds, forward)
    if forward and "seed" in kinds:
        check_reverse(kinds, forward)
    for event in kinds.get("gradient", []):
        if event["wrt"] in names:
            require(same(event["value"], adjoints[names[event["wrt"]]]), "gradient", event)


def check_forward(kinds, forward):
    """Exact operations, and the order: depth first, left operand first, shared nodes once."""
    values = {e["node"]: e["value"] for kind in VALUES for e in kinds.get(kind, [])}
    for node, event in forward.items():
        if event["op"] in EXACT:
            operands = [values[arg] for arg in event["args"]]
            require(same(event["value"], EXACT[event["op"]](*operands)), "value", event)
    order, open_ = [], [max(forward)]
    while open_:
        node = open_[-1]
        rest = [a for a in forward.get(node, {}).get("args", []) if a not in order]
        if rest:
            open_.append(rest[0])
        else:
            order.append(node)
            open_.pop()
    require(order == sorted(values), "forward order is", sorted(values), "but depth first", order)


def check_backward(events):
    """Products, running sums, sums over fan-out, and where each sum stands."""
    adjoints, terms, names, last = {}, {}, {}, None
    for event in events:
        node = event.get("node")
        if event["event"] == "seed":
            adjoints[node] = event["adjoint"]
            names[event["name"]] = node
        elif event["event"] == "fanout":
            found = [(t["node"], t["contribution"].hex()) for t in event["terms"]]
            require(found == terms.get(node), "fan-out", event, "of", terms.get(node))
            total = 0.0
            for term in event["terms"]:
                total += term["contribution"]
            require(same(total, event["adjoint"]), "sum over fan-out", event, "is", total)
            require(same(total, adjoints[node]), "adjoint", adjoints[node], event)
            terms[node] = None
        elif event["event"] == "backward":
            require(same(event["adjoint"], adjoints[node]), "adjoint", event)
            require(not is_told(terms.pop(node, None)), "no fan-out before", event)
            require(last is None or node < last, "backward order", event)
            last = node
            for part in event["contributions"]:
                product = event["adjoint"] * part["local"]
                require(same(part["contribution"], product), "contribution", part, "in", event)
                operand = part["node"]
                adjoints[operand] = adjoints.get(operand, 0.0) + product
                require(same(part["accumulated"], adjoints[operand]), "accumulated", part)
                terms.setdefault(operand, []).append((node, product.hex()))
                names[part["to"]] = operand
    require(not any(map(is_told, terms.values())), "no fan-out for", terms)
    return adjoints, names


def is_told(terms):
    """Whether these contributions must be summed up: not if all come from branches not taken."""
    return terms and len(terms) > 1 and any(float.fromhex(number) != 0 for _, number in terms)


def check_reverse(kinds, forward):
    """Backward is forward reversed, but for what lies behind branches that were not taken."""
    values = {e["node"]: e["value"] for kind in VALUES for e in kinds.get(kind, [])}
    reached = {kinds["seed"][0]["node"]}
    for node in sorted(forward, reverse=True):
        if node in reached:
            event = forward[node]
            taken = event["args"]
            if event["op"] == "where":
                condition, yes, no = taken
                taken = [yes if values[condition] else no]
            reached |= {p["node"] for p in event["partials"]} & set(taken)
    expected = [n for n in sorted(forward, reverse=True) if n in reached and forward[n]["partials"]]
    found = [e["node"] for e in kinds.get("backward", [])]
    require(found == expected, "backward order is", found, "instead of", expected)
    for event in kinds.get("backward", []):
        locals_ = {p["arg"]: p["value"] for p in forward[event["node"]]["partials"]}
        for part in event["contributions"]:
            require(same(part["local"], locals_[part["arg"]]), "local derivative", part)
