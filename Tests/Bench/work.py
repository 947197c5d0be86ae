"""The work that everyone does: a scalar program with fan-out, drawn from a seed.

A statement is (form, a, b): v[i] = form(v[a], v[b]). The forms are written
out as single operations for those that need it.
"""

import random
import struct

LEAVES = (0.3, -0.4, 0.7)
TEXTS = ("sin({a})", "tanh({a})", "sigmoid({a})", "{a} + {b}", "{a}*{b}", "{a}/(2 + {b}*{b})")
# How deep functions may be nested: deeper, and derivatives become too small to be compared.
DEPTH = 12
# Single operations, as Tests/Bench/loop.c numbers them.
CONSTANT, INPUT, SIN, TANH, SIGMOID, ADD, MULTIPLY, DIVIDE = range(8)


def statements(count, seed=1):
    """So many statements behind the leaves; the last depends on all of them.

    Four in five are drawn; the others add up what was drawn, so that nothing is left out.
    """
    draw = random.Random(seed)
    first = len(LEAVES)
    depth = [0] * first
    made = []
    total, unused = 0, []
    for i in range(first, first + count):
        if len(unused) >= 4 or i == first + count - 1:
            made.append((3, total, unused.pop(0)))
            total = i
            depth.append(DEPTH)
            continue
        a, b = (draw.randrange(max(0, i - 100), i) for _ in "ab")
        a = a if depth[a] < DEPTH else draw.randrange(first)
        b = b if depth[b] < DEPTH else draw.randrange(first)
        made.append((draw.randrange(6), a, b))
        depth.append(max(depth[a], depth[b]) + 1)
        unused.append(i)
        unused = [v for v in unused if v not in (a, b)] or [i]
    return made


def script(made):
    """The program in Backstep's language; the last statement is L."""
    lines = [f"v{i} = {value}" for i, value in enumerate(LEAVES)]
    for i, (form, a, b) in enumerate(made, len(LEAVES)):
        lines.append(f"v{i} = {TEXTS[form].format(a=f'v{a}', b=f'v{b}')}")
    lines.append(f"L = v{len(made) + len(LEAVES) - 1}*1")
    return "\n".join(lines) + "\n"


def ancestors(made):
    """Which statements the last one depends on, the leaves included."""
    first = len(LEAVES)
    is_needed = [False] * (first + len(made))
    is_needed[-1] = True
    for i in range(len(made) - 1, -1, -1):
        if is_needed[first + i]:
            form, a, b = made[i]
            is_needed[a] = True
            if form > 2:
                is_needed[b] = True
    return is_needed


def operations(made):
    """The same as single operations: [(operation, x, y, constant)], and the leaves' places."""
    is_needed = ancestors(made)
    done = [(INPUT, 0, 0, value) for value in LEAVES]
    place = list(range(len(LEAVES)))

    def add(operation, x=0, y=0, constant=0.0):
        done.append((operation, x, y, constant))
        return len(done) - 1

    for i, (form, a, b) in enumerate(made, len(LEAVES)):
        x, y = place[a], place[b]
        if not is_needed[i]:
            out = 0
        elif form < 3:
            out = add((SIN, TANH, SIGMOID)[form], x)
        elif form < 5:
            out = add((ADD, MULTIPLY)[form - 3], x, y)
        else:
            square = add(MULTIPLY, y, y)
            out = add(DIVIDE, x, add(ADD, add(CONSTANT, constant=2.0), square))
        place.append(out)
    add(MULTIPLY, place[-1], add(CONSTANT, constant=1.0))
    return done


def write_binary(done, path):
    """For loop.c: the count, then operations, operands and constants as columns."""
    with open(path, "wb") as file:
        file.write(struct.pack("<q", len(done)))
        for column, form in ((0, "B"), (1, "I"), (2, "I"), (3, "d")):
            file.write(struct.pack(f"<{len(done)}{form}", *(row[column] for row in done)))


if __name__ == "__main__":
    import sys

    print(script(statements(int(sys.argv[1]))), end="")
