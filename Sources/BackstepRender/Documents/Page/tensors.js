// The operations on whole vectors and matrices, after the rules in Sources/Backstep/Operations.
//
// A tensor is { shape, numbers }, its numbers row after row. `value(x, node)` gives the numbers of a
// result, `pull(adjoint, x, out, slot, node)` those that an operand is sent: the adjoint of the
// result times the local derivative.

const countOf = (shape) => shape.reduce((count, size) => count * size, 1);
/** Rows and columns of a shape when it is broadcast: a vector is one row. */
const broadcastRows = (shape) => (shape.length === 2 ? shape[0] : 1);
const broadcastColumns = (shape) => (shape.length === 0 ? 1 : shape[shape.length - 1]);
/** Rows and columns of a vector as a column. */
const rowsOf = (shape) => (shape.length === 0 ? 1 : shape[0]);
const columnsOf = (shape) => (shape.length === 2 ? shape[1] : 1);
const zeros = (count) => new Float64Array(count);

// MARK: Lanes

/** The stretches of numbers that run along an axis, counted from 1; 0 is all in one. */
function lanesOf(shape, axis) {
  let [outer, count, inner] = [1, countOf(shape), 1];
  if (shape.length === 2 && axis === 1) [count, inner] = shape;
  if (shape.length === 2 && axis === 2) [outer, count] = shape;
  const lanes = [];
  for (let i = 0; i < outer; i += 1) {
    for (let k = 0; k < inner; k += 1) {
      lanes.push(Array.from({ length: count }, (_, j) => (i * count + j) * inner + k));
    }
  }
  return lanes;
}

const pick = (numbers, places) => places.map((place) => numbers[place]);
const put = (target, places, numbers) =>
  places.forEach((place, index) => { target[place] = numbers[index]; });

const sumOf = (lane) => lane.reduce((sum, x) => sum + x, 0);
const meanOf = (lane) => sumOf(lane) / lane.length;

function extremeOf(lane, isBefore) {
  let first = lane[0];
  for (const entry of lane.slice(1)) {
    if (Number.isNaN(first)) return first;
    if (isBefore(entry, first) || Number.isNaN(entry)) first = entry;
  }
  return first;
}

/** The largest entry, and by how much log(sum(exp(x))) is above it. */
function logSumParts(lane) {
  let place = 0;
  lane.forEach((x, index) => { if (x > lane[place]) place = index; });
  let others = 0;
  lane.forEach((x, index) => { if (index !== place) others += Math.exp(x - lane[place]); });
  return [lane[place], Math.log1p(others)];
}

function softmaxOf(lane) {
  const shift = extremeOf(lane, (x, y) => x > y);
  const powers = lane.map((x) => Math.exp(x - shift));
  const sum = sumOf(powers);
  return powers.map((power) => power / sum);
}

/** An operation that makes one number of each lane. */
const reduction = (reduce, pull, remark = () => null) => ({
  value: ([x], node) => {
    return lanesOf(x.shape, node.axis ?? 0).map((places) => reduce(pick(x.numbers, places)));
  },
  pull: (adjoint, [x], out, _slot, node) => {
    const sent = zeros(x.numbers.length);
    lanesOf(x.shape, node.axis ?? 0).forEach((places, number) => {
      put(sent, places, pull(adjoint[number], pick(x.numbers, places), out.numbers[number]));
    });
    return sent;
  },
  remark: ([x], out, node) => {
    const lanes = lanesOf(x.shape, node.axis ?? 0);
    const remarks = lanes.map((places, number) => remark(pick(x.numbers, places), out.numbers[number]));
    return remarks.find((found) => found !== null) ?? null;
  },
});

/** An operation that makes a lane of each lane; along the last axis where none is named. */
const laneMap = (map, pull) => {
  const lanes = (shape, node) => lanesOf(shape, node.axis ?? shape.length);
  return {
    value: ([x], node) => {
      const numbers = zeros(x.numbers.length);
      for (const places of lanes(x.shape, node)) put(numbers, places, map(pick(x.numbers, places)));
      return numbers;
    },
    pull: (adjoint, _x, out, _slot, node) => {
      const sent = zeros(adjoint.length);
      for (const places of lanes(out.shape, node)) {
        put(sent, places, pull(pick(adjoint, places), pick(out.numbers, places)));
      }
      return sent;
    },
    remark: () => null,
  };
};

const pullExtreme = (adjoint, lane, out) => {
  const share = 1 / lane.filter((x) => x === out).length;
  return lane.map((x) => (x === out ? adjoint * share : Number.isNaN(x) ? NaN : 0));
};
const remarkOnTie = (lane, out) => (lane.filter((x) => x === out).length > 1 ? TIE : null);

function varianceOf(lane) {
  const mean = meanOf(lane);
  return sumOf(lane.map((x) => (x - mean) * (x - mean))) / lane.length;
}

/** The products of what comes before and after each entry, so that none is divided by. */
function pullProduct(adjoint, lane) {
  const sent = [];
  let before = 1;
  for (const x of lane) {
    sent.push(before);
    before *= x;
  }
  let after = 1;
  for (let index = lane.length - 1; index >= 0; index -= 1) {
    sent[index] = adjoint * (sent[index] * after);
    after *= lane[index];
  }
  return sent;
}

function normOf(lane) {
  let scale = 0;
  for (const x of lane) scale = greater(scale, absolute(x));
  if (!(scale > 0 && scale < Infinity)) return scale;
  return scale * Math.sqrt(sumOf(lane.map((x) => (x / scale) * (x / scale))));
}

const REDUCTIONS = {
  sum: reduction(sumOf, (adjoint, lane) => lane.map(() => adjoint)),
  mean: reduction(meanOf, (adjoint, lane) => lane.map(() => adjoint * (1 / lane.length))),
  prod: reduction((lane) => lane.reduce((product, x) => product * x, 1), pullProduct),
  max: reduction((lane) => extremeOf(lane, (x, y) => x > y), pullExtreme, remarkOnTie),
  min: reduction((lane) => extremeOf(lane, (x, y) => x < y), pullExtreme, remarkOnTie),
  argmax: reduction(
    (lane) => {
      const isNumber = (x) => !Number.isNaN(x);
      const largest = extremeOf(lane, (x, y) => x > y);
      return 1 + lane.findIndex((x) => (isNumber(largest) ? x === largest : !isNumber(x)));
    },
    (_, lane) => lane.map(() => 0), () => FLAT),
  var: reduction(varianceOf, (adjoint, lane) => {
    const mean = meanOf(lane);
    return lane.map((x) => adjoint * ((2 / lane.length) * (x - mean)));
  }),
  std: reduction(
    (lane) => Math.sqrt(varianceOf(lane)),
    (adjoint, lane, out) => {
      const mean = meanOf(lane);
      return lane.map((x) => (out === 0 ? 0 : adjoint * ((x - mean) / (lane.length * out))));
    },
    (lane, out) => (out === 0 && lane.length > 1 ? KINK : null)),
  norm: reduction(
    normOf, (adjoint, lane, out) => lane.map((x) => (out === 0 ? 0 : adjoint * (x / out))),
    (_, out) => (out === 0 ? KINK : null)),
  logsumexp: reduction(
    (lane) => {
      const largest = extremeOf(lane, (x, y) => x > y);
      if (!Number.isFinite(largest)) return largest;
      const [shift, rest] = logSumParts(lane);
      return shift + rest;
    },
    (adjoint, lane) => softmaxOf(lane).map((share) => adjoint * share)),
  softmax: laneMap(softmaxOf, (adjoint, out) => {
    const mean = sumOf(adjoint.map((x, index) => x * out[index]));
    return out.map((share, index) => share * (adjoint[index] - mean));
  }),
  log_softmax: laneMap(
    (lane) => {
      const [shift, rest] = logSumParts(lane);
      return lane.map((x) => x - shift - rest);
    },
    (adjoint, out) => {
      const sum = sumOf(adjoint);
      return adjoint.map((x, index) => x - Math.exp(out[index]) * sum);
    }),
};

// MARK: Products

/** [rows × inner] times [inner × columns]; either may be given transposed. */
function multiply(rows, inner, columns, x, y, { first = false, second = false } = {}) {
  const result = zeros(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let sum = 0;
      for (let k = 0; k < inner; k += 1) {
        const left = x[first ? k * rows + row : row * inner + k];
        sum += left * y[second ? column * inner + k : k * columns + column];
      }
      result[row * columns + column] = sum;
    }
  }
  return result;
}

/** The operands of a product as matrices: vectors are rows on the left and columns on the right. */
function productSizes(x, y) {
  if (x.length === 2) return [x[0], x[1], columnsOf(y)];
  if (y.length === 2 && y[0] === 1 && x[0] !== 1) return [x[0], 1, y[1]];
  return [1, x[0], columnsOf(y)];
}

function transposed(numbers, rows, columns) {
  const result = zeros(numbers.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      result[column * rows + row] = numbers[row * columns + column];
    }
  }
  return result;
}

const PRODUCTS = {
  matmul: {
    value: ([x, y]) => multiply(...productSizes(x.shape, y.shape), x.numbers, y.numbers),
    pull: (adjoint, [x, y], _out, slot) => {
      const [rows, inner, columns] = productSizes(x.shape, y.shape);
      return slot === 0
        ? multiply(rows, columns, inner, adjoint, y.numbers, { second: true })
        : multiply(inner, rows, columns, x.numbers, adjoint, { first: true });
    },
  },
  dot: {
    value: ([x, y]) => [sumOf(Array.from(x.numbers, (number, index) => number * y.numbers[index]))],
    pull: (adjoint, x, _out, slot) => x[1 - slot].numbers.map((number) => adjoint[0] * number),
  },
  outer: {
    value: ([x, y]) => multiply(x.shape[0], 1, y.shape[0], x.numbers, y.numbers),
    pull: (adjoint, [x, y], _out, slot) => (slot === 0
      ? multiply(x.shape[0], y.shape[0], 1, adjoint, y.numbers)
      : multiply(1, x.shape[0], y.shape[0], x.numbers, adjoint)),
  },
  transpose: {
    value: ([x]) => transposed(x.numbers, rowsOf(x.shape), columnsOf(x.shape)),
    pull: (adjoint, [x]) => transposed(adjoint, columnsOf(x.shape), rowsOf(x.shape)),
  },
};

// MARK: Numbers that only move

/** An operation whose every entry is an entry of an operand: `places` says which ones go where. */
const movement = (places) => ({
  value: (x, node, out) => {
    const numbers = zeros(countOf(out));
    x.forEach((part, slot) => {
      places(x, slot, out, node).forEach(([own, whole]) => { numbers[whole] = part.numbers[own]; });
    });
    return numbers;
  },
  pull: (adjoint, x, out, slot, node) => {
    const sent = zeros(x[slot].numbers.length);
    places(x, slot, out.shape, node).forEach(([own, whole]) => { sent[own] = adjoint[whole]; });
    return sent;
  },
});

const samePlaces = (x) => Array.from(x[0].numbers, (_, index) => [index, index]);

const MOVEMENTS = {
  stack: movement((x, slot, _out, node) => Array.from(x[slot].numbers, (_, index) => [
    index, node.axis === 2 ? index * x.length + slot : slot * x[slot].numbers.length + index,
  ])),
  concat: movement((x, slot, out, node) => {
    const isBeside = node.axis === 2;
    const size = (part) => (isBeside ? columnsOf(part.shape) : part.numbers.length);
    const offset = sumOf(x.slice(0, slot).map(size));
    if (!isBeside) return Array.from(x[slot].numbers, (_, index) => [index, offset + index]);
    const columns = columnsOf(x[slot].shape);
    return Array.from(x[slot].numbers, (_, index) => [
      index, Math.floor(index / columns) * out[1] + offset + (index % columns),
    ]);
  }),
  reshape: movement(samePlaces),
  flatten: movement(samePlaces),
  index: movement(([x], _slot, _out, node) => {
    const isMatrix = x.shape.length === 2;
    const rows = isMatrix ? node.selections[0] : [0, 1];
    const columns = node.selections[isMatrix ? 1 : 0] ?? [0, x.shape[1]];
    const pairs = [];
    for (let row = rows[0]; row < rows[1]; row += 1) {
      for (let column = columns[0]; column < columns[1]; column += 1) {
        pairs.push([row * (isMatrix ? x.shape[1] : 0) + column, pairs.length]);
      }
    }
    return pairs;
  }),
  onehot: {
    value: ([x], _node, out) => {
      const classes = broadcastColumns(out);
      const numbers = zeros(countOf(out));
      x.numbers.forEach((index, row) => {
        const isPlace = Number.isInteger(index) && index >= 1 && index <= classes;
        if (isPlace) numbers[row * classes + index - 1] = 1;
        else numbers.fill(NaN, row * classes, (row + 1) * classes);
      });
      return numbers;
    },
    pull: (_adjoint, [x]) => zeros(x.numbers.length),
  },
};

// MARK: Cross-entropy

const CROSS_ENTROPY = {
  /** The scores of each row, with the place that is true or its probabilities. */
  rows([z, y]) {
    const [count, classes] = z.shape.length === 2 ? z.shape : [1, z.shape[0]];
    const hasIndices = y.shape.length < z.shape.length;
    return Array.from({ length: count }, (_, row) => {
      const scores = Array.from(z.numbers.slice(row * classes, (row + 1) * classes));
      const index = y.numbers[row];
      const isPlace = Number.isInteger(index) && index >= 1 && index <= classes;
      return {
        scores,
        hasIndices,
        place: hasIndices ? (isPlace ? index - 1 : null) : null,
        targets: hasIndices ? null : Array.from(y.numbers.slice(row * classes, (row + 1) * classes)),
      };
    });
  },
  value(x) {
    let sum = 0;
    const rows = this.rows(x);
    for (const { scores, hasIndices, place, targets } of rows) {
      const [shift, rest] = logSumParts(scores);
      const cost = (column) => rest - (scores[column] - shift);
      if (hasIndices) sum += place === null ? NaN : cost(place);
      else targets.forEach((weight, column) => { sum += weighted(weight, cost(column)); });
    }
    return [sum / rows.length];
  },
  pull(adjoint, x, _out, slot) {
    const rows = this.rows(x);
    const count = rows.length;
    if (slot === 1 && rows[0].hasIndices) return zeros(x[1].numbers.length);
    return Float64Array.from(rows.flatMap(({ scores, hasIndices, place, targets }) => {
      if (slot === 1) {
        const [shift, rest] = logSumParts(scores);
        return scores.map((score) => adjoint[0] * ((rest - (score - shift)) / count));
      }
      const shares = softmaxOf(scores);
      if (hasIndices) {
        if (place === null) return shares.map(() => NaN);
        // p − 1 as minus the sum of the others keeps its digits where p is close to 1.
        shares[place] = 0;
        shares[place] = -sumOf(shares);
        return shares.map((share) => adjoint[0] * (share / count));
      }
      const weights = sumOf(targets);
      return shares.map(
        (share, column) => adjoint[0] * ((share * weights - targets[column]) / count));
    }));
  },
};

const TENSOR_RULES = {
  ...REDUCTIONS, ...PRODUCTS, ...MOVEMENTS, cross_entropy: CROSS_ENTROPY,
};

/** The rule of an operation on whole tensors; undefined for one that works entry by entry. */
function tensorRule(node) {
  // max and min of two operands go entry by entry.
  if (node.op in RULES && node.args.length > 1) return undefined;
  return Object.hasOwn(TENSOR_RULES, node.op) ? TENSOR_RULES[node.op] : undefined;
}
