"""The same programs by JAX's own functions and its own reverse mode, in double precision."""

import jax
import jax.numpy as jnp
from jax.scipy.special import erf, erfc, xlogy

from tensors import LOSSES, Tensor, require

jax.config.update("jax_enable_x64", True)


def bce(a, y):
    return -(y * jnp.log(a) + (1 - y) * jnp.log1p(-a))


def bce_logits(z, y):
    rest = jnp.log1p(jnp.exp(-jnp.abs(z)))
    return jnp.where(z > 0, (1 - y) * z, -y * z) + rest


def huber(a, y, delta):
    size = jnp.abs(a - y)
    return jnp.where(size <= delta, size**2 / 2, delta * (size - delta / 2))


FUNCTIONS = {
    "abs": jnp.abs, "sign": jnp.sign, "sqrt": jnp.sqrt, "cbrt": jnp.cbrt, "exp": jnp.exp,
    "expm1": jnp.expm1, "log": jnp.log, "ln": jnp.log, "log2": jnp.log2, "log10": jnp.log10,
    "log1p": jnp.log1p, "xlogy": xlogy, "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan,
    "asin": jnp.arcsin, "acos": jnp.arccos, "atan": jnp.arctan, "atan2": jnp.arctan2,
    "sinh": jnp.sinh, "cosh": jnp.cosh, "tanh": jnp.tanh, "asinh": jnp.arcsinh,
    "acosh": jnp.arccosh, "atanh": jnp.arctanh, "sigmoid": jax.nn.sigmoid, "σ": jax.nn.sigmoid,
    "logsigmoid": jax.nn.log_sigmoid, "softplus": jax.nn.softplus, "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu, "elu": jax.nn.elu, "silu": jax.nn.silu, "erf": erf, "erfc": erfc,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False), "pow": jnp.power, "min": jnp.minimum,
    "max": jnp.maximum, "clamp": lambda x, low, high: jnp.minimum(jnp.maximum(x, low), high),
    "hypot": jnp.hypot, "floor": jnp.floor, "ceil": jnp.ceil, "round": jnp.round,
    "where": lambda c, a, b: jnp.where(c != 0, a, b), "bce": bce, "bce_logits": bce_logits,
    "mse": lambda a, y: (a - y) ** 2, "mae": lambda a, y: jnp.abs(a - y), "huber": huber,
    "hinge": lambda a, y: jax.nn.relu(1 - a * y),
}
COMPARISONS = {
    "<": jnp.less, "<=": jnp.less_equal, ">": jnp.greater, ">=": jnp.greater_equal,
    "==": jnp.equal, "!=": jnp.not_equal,
}



def lanes(function):
    """A function of one lane, along an axis counted from 1, or of all numbers."""
    def along(x, axis=None):
        return function(jnp.ravel(x) if axis is None else x, None if axis is None else axis - 1)

    return along


def lane_map(function):
    """A function that keeps its lanes, by default those of the last axis."""
    def along(x, axis=None):
        if x.ndim == 0:
            return function(x[None], -1)[0]
        return function(x, axis - 1 if axis else -1)

    return along


def concat(*parts, axis=None):
    if max(x.ndim for x in parts) < 2:
        return jnp.concatenate([jnp.ravel(x) for x in parts])
    return jnp.concatenate(parts, axis=(axis or 1) - 1)


def onehot(places, classes):
    return (places[..., None] == jnp.arange(1, int(classes) + 1)).astype(jnp.float64)


def cross_entropy(scores, target):
    if target.ndim < scores.ndim:
        target = onehot(target, scores.shape[-1])
    return -jnp.mean(jnp.sum(target * jax.nn.log_softmax(scores), axis=-1))


def filled(number):
    return lambda *sizes: jnp.full(tuple(map(int, sizes)), number, jnp.float64)


REDUCTIONS = {
    "sum": lanes(jnp.sum), "mean": lanes(jnp.mean), "prod": lanes(jnp.prod), "max": lanes(jnp.max),
    "min": lanes(jnp.min), "var": lanes(jnp.var), "std": lanes(jnp.std),
    "argmax": lanes(lambda x, axis: jnp.argmax(x, axis) + 1.0),
    "norm": lanes(lambda x, axis: jnp.linalg.norm(x, axis=axis)),
    "logsumexp": lanes(lambda x, axis: jax.nn.logsumexp(x, axis=axis)),
}
TENSORS = {
    "softmax": lane_map(jax.nn.softmax), "log_softmax": lane_map(jax.nn.log_softmax),
    "dot": jnp.vdot, "outer": jnp.outer, "cross_entropy": cross_entropy, "concat": concat,
    "stack": lambda *parts, axis=1: jnp.stack(parts, axis - 1), "flatten": jnp.ravel,
    "transpose": lambda x: x[None] if x.ndim == 1 else x.T,
    "reshape": lambda x, *sizes: x.reshape(tuple(map(int, sizes))), "onehot": onehot,
    "zeros": filled(0), "ones": filled(1), "eye": lambda n: jnp.eye(int(n)),
    "range": lambda low, high: jnp.arange(int(low), int(high) + 1.0),
}


class Arrays:
    """The arithmetic that `Session` asks for, over JAX's arrays of doubles."""

    def derive(self, function, shapes, seed):
        value, pull = jax.vjp(function, [jnp.zeros(shape) for shape in shapes])
        if not shapes:
            return self.told(value), []
        slopes, = pull(jnp.ones(value.shape) if seed is None else self.constant(seed))
        return self.told(value), [self.told(x) for x in slopes]

    def slope(self, function, shape):
        """The derivative of a scalar along a shift, as what is computed with."""
        value, pull = jax.vjp(function, jnp.zeros(shape))
        require(value.size == 1)
        slope, = pull(jnp.ones(value.shape))
        return slope

    @staticmethod
    def told(x):
        return Tensor(x.shape, jnp.ravel(x).tolist())

    def constant(self, value):
        if isinstance(value, Tensor):
            return jnp.array(value.entries, jnp.float64).reshape(value.shape)
        return jnp.float64(value)

    def shape(self, x):
        return x.shape

    def plain(self, x):
        return x.shape, jnp.ravel(x).tolist()

    def call(self, function, arguments, axis):
        named = {} if axis is None else {"axis": axis}
        if function in TENSORS or function in REDUCTIONS and len(arguments) == 1:
            return (TENSORS | REDUCTIONS)[function](*arguments, **named)
        result = FUNCTIONS[function](*arguments)
        return jnp.mean(result) if function in LOSSES else result

    def compare(self, operator, x, y):
        return COMPARISONS[operator](x, y).astype(jnp.float64)

    def power(self, x, y):
        return jnp.power(x, y)

    def matmul(self, x, y):
        if x.ndim == 1 and y.ndim == 2 and y.shape[0] == 1 != x.shape[0]:
            return jnp.outer(x, y)
        return jnp.matmul(x, y)

    def transpose(self, x):
        return TENSORS["transpose"](x)

    def part(self, x, places):
        return x[tuple(
            place - 1 if isinstance(place, int) else slice((place[0] or 1) - 1, place[1])
            for place in places)]

    def list(self, parts):
        return jnp.stack(parts)

    def settled(self, x):
        return x
