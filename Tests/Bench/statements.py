"""Prints a script of so many scalar statements with fan-out, or a chain, and the command grad."""

import random
import sys


def fan_out(count):
    yield "v0 = 0.3"
    yield "v1 = -0.4"
    yield "v2 = 0.7"
    for i in range(3, count):
        a, b = (random.randrange(max(0, i - 100), i) for _ in "ab")
        if random.random() < 0.3:
            a = i - 1
        forms = ("sin({a})", "tanh({a})", "sigmoid({a})", "{a} + {b}", "{a}*{b}",
                 "{a}/(2 + {b}*{b})")
        yield f"v{i} = " + forms[i % 6].format(a=f"v{a}", b=f"v{b}")


def chain(count):
    yield "v0 = 0.5"
    for i in range(1, count):
        yield f"v{i} = sin(v{i - 1})" if i % 3 else f"v{i} = v{i - 1}*0.5"


random.seed(1)
lines = chain if sys.argv[2:] == ["chain"] else fan_out
print("\n".join(lines(int(sys.argv[1]))))
print("grad")
