"""What holds in every trace to the last bit, whatever the formulas are.

Only where a local derivative is a Jacobian, or entries are stretched to a larger shape, a
contribution is a sum whose order is not told: there it may differ by rounding.
"""

import math
import operator

from tensors import (
    ARRANGEMENTS, LANE_MAPS, LOSSES, PRODUCTS, REDUCTIONS, Tensor, count, tensor_of)

# The events that have a node's value.
VALUES = ("constant", "input", "forward")
# How far a contribution that is a sum may be from the sum of its terms, relative to their sizes.
ROUNDING = 1e-14
# The operations that look at whole tensors, whose local derivatives are Jacobians.
STRUCTURAL = (*REDUCTIONS, *LANE_MAPS, *ARRANGEMENTS, *PRODUCTS, "matmul", "index")
# The operations that are exact to the last bit.
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
    """Whether two tensors have the same shape and bits."""
    return x.shape == y.shape and bits(x) == bits(y)


def bits(x):
    return [number.hex() for number in x.entries]


def check(events):
    """Checks the events of one trace, backward or grad."""
    kinds = {}
    for event in events:
        kinds.setdefault(event["event"], []).append(event)
    forward = {e["node"]: e for e in kinds.get("forward", [])}
    check_tangents(kinds.get("tangent", []))
    adjoints, names = check_backward(events)
    if forward:
        check_forward(kinds, forward)
    if forward and "seed" in kinds:
        check_reverse(kinds, forward)
    for event in kinds.get("gradient", []):
        if event["wrt"] in names:
            require(same(tensor_of(event), adjoints[names[event["wrt"]]]), "gradient", event)


def check_tangents(events):
    """Products of numbers, and sums of products, of each step in forward mode."""
    for event in events:
        products = [term["product"] for term in event["terms"]]
        for term in event["terms"]:
            factors = term.get("local"), term["tangent"], term["product"]
            if not any(isinstance(x, list) or x is None for x in factors) and "shape" not in event:
                local, tangent, product = factors
                is_still = tangent == 0 and product == 0
                require(is_still or same_number(product, local * tangent), "product", term)
        if products:
            sum_ = nested(products[0])
            for product in products[1:]:
                sum_ += nested(product)
            require(same(nested(event["tangent"]).map(unsigned), sum_.map(unsigned)), "sum", event)


def same_number(x, y):
    return unsigned(x).hex() == unsigned(y).hex()


def check_forward(kinds, forward):
    """Exact operations, and the order: depth first, left operand first, shared nodes once."""
    values = {e["node"]: tensor_of(e) for kind in VALUES for e in kinds.get(kind, [])}
    for node, event in forward.items():
        if event["op"] in EXACT:
            operands = [values[arg] for arg in event["args"]]
            exact = Tensor.each(EXACT[event["op"]], *operands)
            require(same(values[node], exact), "value", event)
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
            adjoints[node] = tensor_of(event, "adjoint")
            names[event["name"]] = node
        elif event["event"] == "fanout":
            shape = event.get("shape", [])
            found = [(t["node"], tensor_of(t, "contribution", shape)) for t in event["terms"]]
            own = terms.get(node) or []
            require([(n, bits(x)) for n, x in found] == [(n, bits(x)) for n, x in own],
                    "fan-out", event, "of", own)
            sum_ = Tensor(found[0][1].shape, [0.0] * count(found[0][1].shape))
            for _, term in found:
                sum_ += term
            adjoint = tensor_of(event, "adjoint")
            require(same(sum_.map(unsigned), adjoint.map(unsigned)), "sum over fan-out", event)
            require(same(adjoint, adjoints[node]), "adjoint", event)
            terms[node] = None
        elif event["event"] == "backward":
            adjoint = tensor_of(event, "adjoint")
            require(same(adjoint, adjoints[node]), "adjoint", event)
            require(not is_told(terms.pop(node, None)), "no fan-out before", event)
            require(last is None or node < last, "backward order", event)
            last = node
            for part in event["contributions"]:
                product = tensor_of(part, "contribution")
                check_product(event["op"], adjoint, part, product)
                operand = part["node"]
                sum_ = adjoints[operand] + product if operand in adjoints else product
                adjoints[operand] = tensor_of(part, "accumulated")
                require(same(adjoints[operand].map(unsigned), sum_.map(unsigned)),
                        "accumulated", part)
                terms.setdefault(operand, []).append((node, product))
                names[part["to"]] = operand
    require(not any(map(is_told, terms.values())), "no fan-out for", terms)
    return adjoints, names


def unsigned(number):
    """Minus zero as zero: which of the two a sum begins with is not told."""
    return number + 0.0


def check_product(operation, adjoint, part, product):
    """Whether a contribution is the adjoint times the local derivative."""
    is_structural = operation in STRUCTURAL
    if operation in ("max", "min") and len(adjoint.shape) >= len(product.shape):
        is_structural = False  # that of two operands
    if "local" not in part:
        require(is_structural, "no local derivative", part)
        return
    local = nested(part["local"])
    if is_structural and adjoint.shape:
        require(local.shape == (count(adjoint.shape), count(product.shape)), "Jacobian", part)
        terms = [[a * d for a, d in zip(adjoint.entries, column)] for column in zip(*local.rows)]
    else:
        products = Tensor.each(operator.mul, adjoint, local)
        if not is_structural and operation not in LOSSES and products.shape == product.shape:
            require(same(product.map(unsigned), products.map(unsigned)), "contribution", part)
        terms = gathered(products, product.shape)
    # What a softmax sends is a difference of its adjoint's entries.
    least = sum(map(abs, adjoint.entries)) if operation in LANE_MAPS else 0
    for number, summands in zip(product.entries, terms):
        error = abs(number - math.fsum(summands))
        scale = sum(map(abs, summands)) + least
        require(error <= ROUNDING * scale + 1e-300, "contribution", part)


def nested(value):
    """A tensor from nested lists alone."""
    if not isinstance(value, list):
        return Tensor((), [value])
    if not isinstance(value[0], list):
        return Tensor((len(value),), value)
    return Tensor((len(value), len(value[0])), sum(value, []))


def gathered(x, shape):
    """For each entry of a shape, the entries of x that it was stretched to."""
    rows, columns = (1, 1, *x.shape)[-2:]
    places = Tensor(shape, range(count(shape))).stretched(rows, columns)
    terms = [[] for _ in range(count(shape))]
    for place, entry in zip(places, x.entries):
        terms[place].append(entry)
    return terms


def is_told(terms):
    """Whether these contributions must be summed up: not if all come from branches not taken."""
    return terms and len(terms) > 1 and any(any(x.entries) for _, x in terms)


def check_reverse(kinds, forward):
    """Backward is forward reversed, but for what lies behind branches that were not taken.

    With tensors those are visited too, for a `where` chooses entry by entry.
    """
    values = {e["node"]: tensor_of(e) for kind in VALUES for e in kinds.get(kind, [])}
    is_scalar = not any(x.shape for x in values.values()) and not any(
        e["op"] in STRUCTURAL and not (e["op"] in ("max", "min") and len(e["args"]) == 2)
        for e in forward.values())
    reached = {kinds["seed"][0]["node"]}
    for node in sorted(forward, reverse=True):
        if node in reached:
            event = forward[node]
            taken = event["args"]
            if event["op"] == "where" and is_scalar:
                condition, yes, no = taken
                taken = [yes if values[condition].entries[0] else no]
            reached |= {p["node"] for p in event["partials"]} & set(taken)
    expected = [n for n in sorted(forward, reverse=True) if n in reached and forward[n]["partials"]]
    found = [e["node"] for e in kinds.get("backward", [])]
    require(found == expected, "backward order is", found, "instead of", expected)
    for event in kinds.get("backward", []):
        locals_ = {p["arg"]: p.get("value") for p in forward[event["node"]]["partials"]}
        for part in event["contributions"]:
            require(repr(part.get("local")) == repr(locals_[part["arg"]]), "local derivative", part)
