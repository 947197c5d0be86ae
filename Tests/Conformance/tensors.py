"""Vectors and matrices by their definitions, over an arithmetic of numbers such as `Duals`."""

from duals import Dual, Rejected
from functions import FUNCTIONS

# How many entries are computed with at most.
LARGEST = 1 << 18


class Tensor:
    """Entries row after row, and their shape: (), (n,) or (rows, columns)."""

    def __init__(self, shape, entries):
        self.shape, self.entries = tuple(shape), list(entries)

    @staticmethod
    def each(function, *operands):
        """An operation entry by entry, with NumPy's broadcasting."""
        shape = broadcast(*(x.shape for x in operands))
        require(count(shape) <= LARGEST)
        rows, columns = (1, 1, *shape)[-2:]
        stretched = [x.stretched(rows, columns) for x in operands]
        return Tensor(shape, [function(*entries) for entries in zip(*stretched)])

    def stretched(self, rows, columns):
        """The entries, repeated along the axes of size 1 to fill so many rows and columns."""
        own_rows, own_columns = (1, 1, *self.shape)[-2:]
        if (own_rows, own_columns) == (rows, columns):
            return self.entries
        return [
            self.entries[row % own_rows * own_columns + column % own_columns]
            for row in range(rows) for column in range(columns)]

    @property
    def rows(self):
        """The entries as a list of rows; a vector is one row."""
        columns = (1, *self.shape)[-1]
        return [self.entries[i:i + columns] for i in range(0, len(self.entries), columns)]

    def map(self, function):
        return Tensor(self.shape, map(function, self.entries))

    def __neg__(self):
        return self.map(lambda x: -x)

    def __add__(self, other):
        return Tensor.each(lambda x, y: x + y, self, other)

    def __sub__(self, other):
        return Tensor.each(lambda x, y: x - y, self, other)

    def __mul__(self, other):
        return Tensor.each(lambda x, y: x * y, self, other)

    def __truediv__(self, other):
        return Tensor.each(lambda x, y: x / y, self, other)


def tensor_of(event, key="value", shape=None):
    """The tensor that an event tells under a key."""
    shape = event.get("shape", []) if shape is None else shape
    numbers = event[key]
    for _ in shape[1:]:
        numbers = sum(numbers, [])
    result = Tensor(map(int, shape), numbers if shape else [numbers])
    require(len(result.entries) == count(result.shape))
    return result


def broadcast(*shapes):
    """The shape of an operation entry by entry."""
    rank = max(map(len, shapes))
    result = []
    for sizes in zip(*((1,) * (rank - len(shape)) + shape for shape in shapes)):
        others = set(sizes) - {1}
        require(len(others) <= 1)
        result.append(others.pop() if others else 1)
    return tuple(result)


def count(shape):
    return (1, 1, *shape)[-2] * (1, 1, *shape)[-1]


def require(condition):
    """Rejects a program that has no value."""
    if not condition:
        raise Rejected


def columns_of(rows):
    return [list(column) for column in zip(*rows)]


# What a lane of numbers becomes: all entries of a tensor, a row, or a column.

def total(k, lane):
    return sum(lane[1:], lane[0])


def mean(k, lane):
    return k.settled(total(k, lane)) / len(lane)


def product(k, lane):
    result = lane[0]
    for entry in lane[1:]:
        result = k.settled(result * entry)
    return result


def largest(k, lane):
    first, *others = sorted(lane, key=lambda entry: -entry.plain)
    for other in others[:1]:
        k.kink(first - other)
    return first


def smallest(k, lane):
    return -largest(k, [-entry for entry in lane])


def place_of_largest(k, lane):
    return k.constant(lane.index(largest(k, lane)) + 1)


def variance(k, lane):
    middle = k.settled(mean(k, lane))
    rests = [k.settled(entry - middle) for entry in lane]
    return mean(k, [rest * rest for rest in rests])


def root(k, x):
    k.require(x.plain > k.NEAR**2)
    return k.primitive("sqrt", x)


def exponentials(k, lane):
    """How large each entry's exponential is, and their sum, all without the largest's factor."""
    shift = max(entry.plain for entry in lane)
    powers = [k.settled(k.primitive("exp", entry - shift)) for entry in lane]
    return shift, powers, k.settled(total(k, powers))


def log_sum_exp(k, lane):
    shift, _, whole = exponentials(k, lane)
    return k.primitive("log", whole) + shift


def softmax(k, lane):
    _, powers, whole = exponentials(k, lane)
    return [power / whole for power in powers]


def log_softmax(k, lane):
    whole = k.settled(log_sum_exp(k, lane))
    return [k.settled(entry - whole) for entry in lane]


REDUCTIONS = {
    "sum": total, "mean": mean, "prod": product, "max": largest, "min": smallest,
    "argmax": place_of_largest, "var": variance, "std": lambda k, lane: root(k, variance(k, lane)),
    "norm": lambda k, lane: root(k, total(k, [entry * entry for entry in lane])),
    "logsumexp": log_sum_exp,
}
LANE_MAPS = {"softmax": softmax, "log_softmax": log_softmax}
LOSSES = ("bce", "bce_logits", "mse", "mae", "huber", "hinge")
CONSTRUCTORS = ("zeros", "ones", "eye", "range")
ARRANGEMENTS = ("transpose", "stack", "concat", "reshape", "flatten", "onehot", *CONSTRUCTORS)
PRODUCTS = ("dot", "outer", "cross_entropy")
NAMES = {*FUNCTIONS, *REDUCTIONS, *LANE_MAPS, *ARRANGEMENTS, *PRODUCTS}


def size(x):
    """The whole number that a scalar operand is."""
    number = int(x.entries[0].plain)
    require(not x.shape and number == x.entries[0].plain and abs(number) <= 1 << 53)
    return number


class Tensors:
    """Evaluates with tensors of another arithmetic's numbers."""

    def __init__(self, numbers):
        self.numbers = numbers

    # Numbers in and out

    def constant(self, value):
        """A number, or a tensor of plain numbers, as what is computed with."""
        if not isinstance(value, Tensor):
            return Tensor((), [self.numbers.constant(value)])
        return value.map(self.numbers.constant)

    def settled(self, x):
        return x.map(self.numbers.settled)

    def shape(self, x):
        return x.shape

    def plain(self, x):
        """The shape and the plain numbers."""
        return x.shape, [entry.plain for entry in x.entries]

    def derive(self, function, shapes, seed):
        """The value of a function of shifts from 0, and its derivatives along them.

        Those of a result that is not a scalar are weighted with the seed and summed.
        """
        number = self.numbers.number
        result, slopes_of = self.moved(function, shapes)
        value = result.map(lambda entry: entry.plain)
        if not shapes:
            return value, []
        if seed is None:
            require(count(result.shape) == 1)
            seed = Tensor(result.shape, [number(1)])
        require(seed.shape == result.shape)
        return value, [
            slopes.map(lambda slope: Dual.of(slope).plain)
            for slopes in slopes_of([number(weight) for weight in seed.entries])]

    def slope(self, function, shape):
        """The derivative of a scalar along a shift from 0, as what is computed with."""
        result, slopes_of = self.moved(lambda shifts: function(shifts[0]), [shape])
        require(count(result.shape) == 1)
        slope, = slopes_of([self.numbers.number(1)])
        return self.settled(slope.map(Dual.of))

    def moved(self, function, shapes):
        """A function of shifts from 0, and its derivatives along them, for weights of its entries."""
        number = self.numbers.number
        self.numbers.level += 1
        level = self.numbers.level
        shifts, offset = [], 0
        for shape in shapes:
            places = range(offset, offset + count(shape))
            shifts.append(
                Tensor(shape, [Dual(number(0), {i: number(1)}, level) for i in places]))
            offset += len(places)
        try:
            result = function(shifts)
        finally:
            self.numbers.level -= 1

        def slopes_of(weights):
            slopes = [number(0)] * offset
            for weight, entry in zip(weights, result.entries):
                for direction, slope in entry.at(level)[1].items():
                    slopes[direction] = slopes[direction] + weight * slope
            slopes = iter(slopes)
            return [Tensor(s, [next(slopes) for _ in range(count(s))]) for s in shapes]

        return result, slopes_of

    # Operations

    def compare(self, operator, x, y):
        return Tensor.each(lambda x, y: self.numbers.compare(operator, x, y), x, y)

    def power(self, x, y):
        return Tensor.each(self.numbers.power, x, y)

    def matmul(self, x, y):
        """A vector is a column on the right, and a row on the left or, before a single row, not."""
        require(x.shape and y.shape)
        if len(x.shape) == 1 and len(y.shape) == 2 and y.shape[0] == 1 != x.shape[0]:
            left, shape = [[entry] for entry in x.entries], (x.shape[0], y.shape[1])
        else:
            left, shape = x.rows, x.shape[:-1] + y.shape[1:]
        right = [y.entries] if len(y.shape) == 1 else columns_of(y.rows)
        require(len(left[0]) == len(right[0]) and count(shape) <= LARGEST)
        return Tensor(shape, [self.dot(row, column) for row in left for column in right])

    def dot(self, row, column):
        return total(self.numbers, [self.numbers.settled(x * y) for x, y in zip(row, column)])

    def transpose(self, x):
        if len(x.shape) < 2:
            return Tensor((1, *x.shape) if x.shape else (), x.entries)
        return Tensor(x.shape[::-1], sum(columns_of(x.rows), []))

    def part(self, x, places):
        """What stands at the places, ranges from 1 or single numbers, one for each axis."""
        require(0 < len(places) <= len(x.shape))
        shape, entries = [], x.rows if len(x.shape) == 2 else x.entries
        for axis, place in enumerate(places):
            single = isinstance(place, int)
            low, high = (place, place) if single else place
            low = 1 if low is None else low
            high = x.shape[axis] if high is None else high
            require(1 <= low <= high <= x.shape[axis])
            if not single:
                shape.append(high - low + 1)
            if axis == 0:
                entries = entries[low - 1:high]
            else:
                entries = [row[low - 1:high] for row in entries]
        if len(x.shape) == 2:
            entries = sum(entries, [])
        return Tensor((*shape, *x.shape[len(places):]), entries)

    def list(self, parts, axis=None):
        require(all(part.shape == parts[0].shape for part in parts) and len(parts[0].shape) < 2)
        require(axis is None or 1 <= axis <= len(parts[0].shape) + 1)
        k = self.numbers
        rows = [[k.settled(e) if e.moves else e for e in part.entries] for part in parts]
        if axis == 2:
            require(len(parts[0].shape) == 1)
            rows = columns_of(rows)
        shape = (len(rows), len(rows[0])) if parts[0].shape else (len(rows),)
        return Tensor(shape, sum(rows, []))

    def call(self, name, arguments, axis=None):
        k = self.numbers
        if name in REDUCTIONS and len(arguments) == 1:
            return self.reduced(REDUCTIONS[name], arguments[0], axis)
        if name in FUNCTIONS:
            result = Tensor.each(
                lambda *entries: k.call(name, entries), *arguments)
            if name not in LOSSES:
                return result
            require(result.shape == arguments[0].shape)
            return Tensor((), [mean(k, [k.settled(entry) for entry in result.entries])])
        if name in LANE_MAPS:
            return self.mapped(LANE_MAPS[name], arguments[0], axis)
        if name == "stack":
            return self.list(arguments, axis)
        if name == "concat":
            return self.concat(arguments, axis)
        return getattr(self, f"call_{name}", getattr(self, name, None))(*arguments)

    def reduced(self, function, x, axis):
        require(axis is None or 1 <= axis <= len(x.shape))
        if axis is None or len(x.shape) == 1:
            return Tensor((), [function(self.numbers, x.entries)])
        lanes = columns_of(x.rows) if axis == 1 else x.rows
        return Tensor((len(lanes),), [function(self.numbers, lane) for lane in lanes])

    def mapped(self, function, x, axis):
        require(axis is None or 1 <= axis <= len(x.shape))
        if axis == 1 and len(x.shape) == 2:
            return self.transpose(self.mapped(function, self.transpose(x), 2))
        return Tensor(x.shape, sum((function(self.numbers, row) for row in x.rows), []))

    def concat(self, parts, axis):
        if all(len(part.shape) < 2 for part in parts):
            require(axis in (None, 1))
            entries = sum((part.entries for part in parts), [])
            return Tensor((len(entries),), entries)
        require(axis in (None, 1, 2) and all(len(part.shape) == 2 for part in parts))
        if axis == 2:
            return self.transpose(self.concat([self.transpose(part) for part in parts], 1))
        columns = parts[0].shape[1]
        require(all(len(p.shape) == 2 and p.shape[1] == columns for p in parts))
        return Tensor(
            (sum(p.shape[0] for p in parts), columns), sum((p.entries for p in parts), []))

    def reshape(self, x, *sizes):
        shape = tuple(map(size, sizes))
        require(min(shape) >= 1 and count(shape) == len(x.entries))
        return Tensor(shape, x.entries)

    def flatten(self, x):
        return Tensor((len(x.entries),), x.entries)

    def call_dot(self, x, y):
        require(x.shape == y.shape)
        return Tensor((), [self.dot(x.entries, y.entries)])

    def outer(self, x, y):
        require(len(x.shape) == len(y.shape) == 1 and count(x.shape + y.shape) <= LARGEST)
        return Tensor(
            x.shape + y.shape, [a * b for a in x.entries for b in y.entries])

    def onehot(self, places, classes):
        require(len(places.shape) < 2 and 1 <= size(classes) <= LARGEST)
        require(all(place.plain in range(1, size(classes) + 1) for place in places.entries))
        rows = [
            [self.numbers.constant(column + 1 == place.plain) for column in range(size(classes))]
            for place in places.entries]
        return Tensor((*places.shape, size(classes)), sum(rows, []))

    def cross_entropy(self, scores, target):
        require(scores.shape)
        if len(target.shape) < len(scores.shape):
            require(target.shape == scores.shape[:-1])
            target = self.onehot(target, self.constant(scores.shape[-1]))
        require(target.shape == scores.shape)
        losses = [
            -self.dot(weights, log_softmax(self.numbers, row))
            for weights, row in zip(target.rows, scores.rows)]
        return Tensor((), [mean(self.numbers, losses)])

    def zeros(self, *sizes):
        return self.filled(0, sizes)

    def ones(self, *sizes):
        return self.filled(1, sizes)

    def filled(self, number, sizes):
        shape = tuple(map(size, sizes))
        require(min(shape) >= 1 and count(shape) <= LARGEST)
        return Tensor(shape, [self.numbers.constant(number) for _ in range(count(shape))])

    def eye(self, n):
        n = size(n)
        require(1 <= n and n * n <= LARGEST)
        return Tensor(
            (n, n), [self.numbers.constant(i == j) for i in range(n) for j in range(n)])

    def range(self, low, high):
        require(1 <= size(high) + 1 - size(low) <= LARGEST)
        numbers = range(size(low), size(high) + 1)
        return Tensor((len(numbers),), map(self.numbers.constant, numbers))
