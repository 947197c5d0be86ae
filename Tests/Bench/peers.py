"""The peers, each doing the work of work.py: one process for one peer and one size.

    peers.py NAME COUNT SEED

Prints one line of JSON: seconds to build, for a forward and a backward pass, for value and gradient
again with other inputs ("again"); the value, the gradient, and the memory it took. What a peer does in
one go is counted where it ends: a null stands where there is nothing to be measured on its own.
"""

import json
import math
import resource
import sys
import time

import work


def seconds(body, least=0.2, most=50):
    """The median time of a call."""
    times = []
    while len(times) < 3 or sum(times) < least and len(times) < most:
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def run(made, leaves, sin, tanh, sigmoid):
    """The program on whatever can be added, multiplied and divided."""
    v = list(leaves)
    for form, a, b in made:
        if form == 0:
            v.append(sin(v[a]))
        elif form == 1:
            v.append(tanh(v[a]))
        elif form == 2:
            v.append(sigmoid(v[a]))
        elif form == 3:
            v.append(v[a] + v[b])
        elif form == 4:
            v.append(v[a] * v[b])
        else:
            v.append(v[a] / (2.0 + v[b] * v[b]))
    return v[-1] * 1.0


def micrograd(made, leaves):
    from micrograd.engine import Value

    def function(value, slope):
        def apply(x):
            out = Value(value(x.data), (x,))

            def back():
                x.grad += slope(x.data, out.data) * out.grad

            out._backward = back
            return out

        return apply

    functions = (
        function(math.sin, lambda x, out: math.cos(x)),
        function(math.tanh, lambda x, out: 1 - out * out),
        function(lambda x: 1 / (1 + math.exp(-x)), lambda x, out: out * (1 - out)),
    )
    sys.setrecursionlimit(max(10_000, 20 * len(made)))
    import threading

    threading.stack_size(1 << 30)

    state = {}

    def everything():
        def build():
            state["leaves"] = [Value(x) for x in leaves]
            state["L"] = run(made, state["leaves"], *functions)

        state["build"] = seconds(build)
        state["reverse"] = seconds(lambda: state["L"].backward(), least=0)
        build()
        state["L"].backward()

    # It sorts the graph by recursion.
    thread = threading.Thread(target=everything)
    thread.start()
    thread.join()
    return dict(build=state["build"], forward=None, reverse=state["reverse"],
                again=state["build"] + state["reverse"], value=state["L"].data,
                gradient=[x.grad for x in state["leaves"]])


def pytorch(made, leaves):
    import torch

    torch.set_num_threads(1)
    state = {}

    def build():
        state["leaves"] = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in leaves]
        state["L"] = run(made, state["leaves"], torch.sin, torch.tanh, torch.sigmoid)

    def back():
        for leaf in state["leaves"]:
            leaf.grad = None
        state["L"].backward(retain_graph=True)

    build_time = seconds(build)
    reverse = seconds(back)
    return dict(build=build_time, forward=None, reverse=reverse, again=build_time + reverse,
                value=state["L"].item(), gradient=[x.grad.item() for x in state["leaves"]])


def autograd(made, leaves):
    import autograd as peer
    import autograd.numpy as np

    def f(x):
        return run(made, [x[0], x[1], x[2]], np.sin, np.tanh, lambda x: 1 / (1 + np.exp(-x)))

    x = np.array(leaves)
    both = peer.value_and_grad(f)
    again = seconds(lambda: both(x))
    value, gradient = both(x)
    return dict(build=None, forward=None, reverse=None, again=again, value=float(value),
                gradient=[float(g) for g in gradient])


def jax(made, leaves):
    import jax as peer
    import jax.numpy as np

    peer.config.update("jax_enable_x64", True)
    x = np.array(leaves)

    def f(x):
        return run(made, [x[0], x[1], x[2]], np.sin, np.tanh, peer.nn.sigmoid)

    both = peer.jit(peer.value_and_grad(f))
    start = time.perf_counter()
    both(x)[0].block_until_ready()
    build = time.perf_counter() - start
    again = seconds(lambda: both(x)[1].block_until_ready())
    value, gradient = both(x)
    return dict(build=build, forward=None, reverse=None, again=again, value=float(value),
                gradient=[float(g) for g in gradient])


def casadi(made, leaves):
    import casadi as peer

    start = time.perf_counter()
    x = peer.SX.sym("x", 3)
    L = run(made, [x[0], x[1], x[2]], peer.sin, peer.tanh, lambda x: 1 / (1 + peer.exp(-x)))
    both = peer.Function("both", [x], [L, peer.gradient(L, x)])
    only = peer.Function("only", [x], [L])
    build = time.perf_counter() - start

    def loop(function):
        """Without the conversions that a call from Python would bring along."""
        buffer, evaluate = function.buffer()
        import numpy

        arguments = numpy.array(leaves)
        results = [numpy.zeros(1), numpy.zeros(3)][: function.n_out()]
        buffer.set_arg(0, memoryview(arguments))
        for place, result in enumerate(results):
            buffer.set_res(place, memoryview(result))
        return seconds(evaluate), results

    forward, _ = loop(only)
    again, (value, gradient) = loop(both)
    return dict(build=build, forward=forward, reverse=None, again=again, value=float(value[0]),
                gradient=[float(g) for g in gradient])


def sympy(made, leaves):
    import sympy as peer

    x = peer.symbols("v0 v1 v2")
    start = time.perf_counter()
    L = run(made, x, peer.sin, peer.tanh, lambda x: 1 / (1 + peer.exp(-x)))
    gradient = [peer.diff(L, symbol) for symbol in x]
    both = peer.lambdify(x, [L, *gradient], "math", cse=True)
    build = time.perf_counter() - start
    again = seconds(lambda: both(*leaves))
    value, *gradient = both(*leaves)
    return dict(build=build, forward=None, reverse=None, again=again, value=value, gradient=gradient)


PEERS = dict(micrograd=micrograd, PyTorch=pytorch, autograd=autograd, JAX=jax, CasADi=casadi,
             SymPy=sympy)
# Beyond these sizes a peer takes minutes: JAX compiles every statement, SymPy copies them.
LARGEST = dict(micrograd=10**5, PyTorch=10**5, autograd=10**5, JAX=10**3, CasADi=10**5, SymPy=100)


def version(name):
    from importlib.metadata import version

    return version({"PyTorch": "torch"}.get(name, name.lower()))


def main():
    name, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    made = work.statements(count, seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = PEERS[name](made, work.LEAVES)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps(dict(peer=name, version=version(name), count=count,
                          bytes=(after - before) * unit, **result)))


if __name__ == "__main__":
    main()
