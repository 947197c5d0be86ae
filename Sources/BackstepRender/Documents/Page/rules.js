// The operations entry by entry: value, local derivatives, and what there is to say of a point.
//
// They follow the rules in Sources/Backstep/Operations one by one, with the same conventions at
// kinks, ties and the ends of domains; Tests/Page compares the numbers with the program's.

const KINK = "kink";
const TIE = "tieSplit";
const FLAT = "flat";
const LABEL = "labelOutsideUnitInterval";

/** Weight times number, where nothing times anything is nothing. */
const weighted = (weight, number) =>
  weight === 0 && Math.abs(number) === Infinity ? 0 : weight * number;

/** The slope of a logarithm: none left of 0. Adding 0 turns −0 to 0. */
const logSlope = (unit, x) => (x < 0 ? NaN : unit / (x + 0));

/** At a kink with slope 1 on the right the slope of least norm. */
const kinkSlope = (left) => (left <= 0 ? 0 : left > 1 ? 1 : left);

/** NaN for an operand that is NaN, 0 for another. */
const blame = (x) => (Number.isNaN(x) ? NaN : 0);

const sigmoid = (x) => {
  const e = Math.exp(x < 0 ? x : -x);
  return x < 0 ? e / (1 + e) : 1 / (1 + e);
};
const sigmoidSlope = (x) => {
  const e = Math.exp(x < 0 ? x : -x);
  return e / ((1 + e) * (1 + e));
};
const softplus = (x) =>
  x < 0 ? Math.log1p(Math.exp(x)) : x + Math.log1p(Math.exp(-x));
const absolute = (x) => (x < 0 ? -x : x === 0 ? 0 : x);
const signum = (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : x);
const remarkOnLabel = (_, y) => (y < 0 || y > 1 ? LABEL : null);

const greater = (x, y) => {
  if (x > y) return x;
  if (y > x) return y;
  if (x !== y) return NaN;
  return x === 0 ? x + y : x;
};
const greaterSlopes = (x, y) => {
  if (x > y) return [1, 0];
  if (y > x) return [0, 1];
  return x === y ? [0.5, 0.5] : [blame(x), blame(y)];
};

/** Along the base y·out/x, or y·x^(y−1) where that has no digits. */
const slopeAlongBase = (x, y, out) => {
  if (y === 0) return 0;
  const size = Math.abs(out);
  if (x === 0 || !(size >= 2.2250738585072014e-308) || size === Infinity) {
    return y * power(x, y - 1);
  }
  return Math.abs(x) < 1 ? (y * out) / x : y * (out / x);
};
const slopeAlongExponent = (x, y, out) => {
  if (x < 0) return NaN;
  if (x === 0) return y < 0 ? NaN : 0;
  return weighted(out, Math.log(x));
};
/** As in C: 1 to any power is 1, and −1 to an infinite one. */
const power = (x, y) =>
  x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;

const geluEnd = (x) => x < -37.5 && x > -40;
/** The normal density times a factor, without a subnormal number on the way. */
const geluBell = (x, factor) => {
  const root = bell(x, 0.25);
  return ONE_OVER_SQRT_TWO_PI * root * factor * root;
};
const geluFraction = (x) => {
  let value = x;
  for (let level = 7; level >= 1; level -= 1) value = x + level / value;
  return value;
};

/** A function of one number. */
const unary = (value, partial, remark = () => null) => ({
  value,
  partials: (x, _y, _z, out) => [partial(x, out)],
  remark,
});

/** A function that is constant but for its jumps. */
const stepRule = (value) => unary(
  (x) => (Number.isNaN(x) ? x : value(x)), (x) => (Number.isNaN(x) ? NaN : 0), () => FLAT);

/** 1 where it holds, else 0. */
const comparison = (holds) => ({
  value: (x, y) => (holds(x, y) ? 1 : 0),
  partials: () => [0, 0],
  remark: () => FLAT,
});

/** A function of two or three numbers; `isMean` where over tensors it is the mean of the entries. */
const rule = (value, partials, remark = () => null, isMean = false) =>
  ({ value, partials, remark, isMean });

const RULES = {
  // Arithmetic
  id: unary((x) => x, () => 1),
  add: rule((x, y) => x + y, () => [1, 1]),
  sub: rule((x, y) => x - y, () => [1, -1]),
  mul: rule((x, y) => x * y, (x, y) => [y, x]),
  div: rule((x, y) => x / y, (x, y, _, out) => [1 / y, -(out / y)]),
  neg: unary((x) => -x, () => -1),

  // Powers and roots
  pow: rule(power, (x, y, _, out) =>
    [slopeAlongBase(x, y, out), slopeAlongExponent(x, y, out)]),
  sqrt: unary(Math.sqrt, (_, out) => 0.5 / (out + 0)),
  cbrt: unary(cubeRoot, (_, out) => 1 / (3 * (out * out))),
  hypot: rule(
    (x, y) => Math.hypot(x, y),
    (x, y, _, out) => (out === 0 ? [0, 0] : [x / out, y / out]),
    (x, y) => (x === 0 && y === 0 ? KINK : null)),

  // Exponentials and logarithms
  exp: unary(Math.exp, (_, out) => out),
  expm1: unary(Math.expm1, Math.exp),
  log: unary(Math.log, (x) => logSlope(1, x)),
  log2: unary(Math.log2, (x) => logSlope(1.4426950408889634, x)),
  log10: unary(Math.log10, (x) => logSlope(0.4342944819032518, x)),
  log1p: unary(Math.log1p, (x) => logSlope(1, 1 + x)),
  xlogy: rule((x, y) => weighted(x, Math.log(y)), (x, y) => {
    const log = Math.log(y);
    if (x === 0 && y === 0) return [log, 0];
    return [log, y < 0 ? NaN : x / (y + 0)];
  }),

  // Circular and hyperbolic functions
  sin: unary(Math.sin, Math.cos),
  cos: unary(Math.cos, (x) => -Math.sin(x)),
  tan: unary(Math.tan, (_, out) => 1 + out * out),
  asin: unary(Math.asin, (x) => 1 / Math.sqrt((1 - x) * (1 + x))),
  acos: unary(Math.acos, (x) => -1 / Math.sqrt((1 - x) * (1 + x))),
  atan: unary(Math.atan, (x) => (Math.abs(x) < 2 ** 27 ? 1 / (1 + x * x) : 1 / x / x)),
  atan2: rule(Math.atan2, (y, x) => {
    const length = Math.hypot(x, y);
    return [x / length / length, -(y / length / length)];
  }),
  sinh: unary(Math.sinh, Math.cosh),
  cosh: unary(Math.cosh, Math.sinh),
  tanh: unary(Math.tanh, (x) => {
    const e = Math.exp(x < 0 ? 2 * x : -2 * x);
    return (4 * e) / ((1 + e) * (1 + e));
  }),
  asinh: unary(Math.asinh, (x) => 1 / Math.hypot(x, 1)),
  acosh: unary(Math.acosh, (x) => 1 / (Math.sqrt(x - 1) * Math.sqrt(x + 1))),
  atanh: unary(Math.atanh, (x) => (Math.abs(x) > 1 ? NaN : 1 / ((1 - x) * (1 + x)))),

  // Activations
  sigmoid: unary(sigmoid, sigmoidSlope),
  logsigmoid: unary((x) => -softplus(-x), (x) => sigmoid(-x)),
  softplus: unary(softplus, sigmoid),
  relu: unary(
    (x) => (x <= 0 ? 0 : x), (x) => (x > 0 ? 1 : x <= 0 ? 0 : NaN),
    (x) => (x === 0 ? KINK : null)),
  leaky_relu: rule(
    (x, slope) => (x > 0 ? x : x === 0 ? 0 : weighted(slope, x)),
    (x, slope) => {
      if (x > 0) return [1, 0];
      return [x === 0 ? kinkSlope(slope) : Number.isNaN(x) ? x : slope, x];
    },
    (x, slope) => (x === 0 && slope !== 1 ? KINK : null)),
  elu: rule(
    (x, alpha) => (x > 0 ? x : x === 0 ? 0 : alpha * Math.expm1(x)),
    (x, alpha) => {
      if (x > 0) return [1, 0];
      return [x === 0 ? kinkSlope(alpha) : alpha * Math.exp(x), Math.expm1(x)];
    },
    (x, alpha) => (x === 0 && alpha !== 1 ? KINK : null)),
  gelu: unary(
    (x) => (geluEnd(x) ? geluBell(x, -x / geluFraction(x)) : weighted(normalDistribution(x), x)),
    (x) => {
      if (geluEnd(x)) return geluBell(x, x - 1 / geluFraction(x));
      return normalDistribution(x) + weighted(ONE_OVER_SQRT_TWO_PI * bell(x, 0.5), x);
    }),
  silu: unary(
    (x) => {
      const e = Math.exp(x < 0 ? x : -x);
      return x < 0 ? weighted(e, x) / (1 + e) : x / (1 + e);
    },
    (x) => {
      const e = Math.exp(x < 0 ? x : -x);
      const [larger, smaller] = [1 / (1 + e), e / (1 + e)];
      return x < 0
        ? weighted(smaller, 1 + x * larger) : larger * (1 + weighted(smaller, x));
    }),
  erf: unary(erf, (x) => TWO_OVER_SQRT_PI * bell(x, 1)),
  erfc: unary(erfc, (x) => -TWO_OVER_SQRT_PI * bell(x, 1)),

  // Rounding, choice and comparison
  abs: unary(absolute, signum, (x) => (x === 0 ? KINK : null)),
  sign: stepRule(signum),
  floor: stepRule(Math.floor),
  ceil: stepRule(Math.ceil),
  round: stepRule((x) => {
    const whole = Math.trunc(x);
    return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
  }),
  min: rule(
    (x, y) => -greater(-x, -y), (x, y) => greaterSlopes(-x, -y), (x, y) => (x === y ? TIE : null)),
  max: rule(greater, greaterSlopes, (x, y) => (x === y ? TIE : null)),
  clamp: rule(
    (x, lo, hi) => {
      if ([x, lo, hi].some(Number.isNaN)) return NaN;
      const raised = x < lo ? lo : x;
      return raised > hi ? hi : raised;
    },
    (x, lo, hi, out) => {
      if (Number.isNaN(out)) return [blame(x), blame(lo), blame(hi)];
      const isBelow = x < lo;
      if ((isBelow ? lo : x) > hi) return [0, 0, 1];
      return isBelow ? [0, 1, 0] : [1, 0, 0];
    }),
  where: rule(
    (c, a, b) => (Number.isNaN(c) ? NaN : c === 0 ? b : a),
    (c) => (Number.isNaN(c) ? [NaN, 0, 0] : c === 0 ? [0, 0, 1] : [0, 1, 0])),
  lt: comparison((x, y) => x < y),
  le: comparison((x, y) => x <= y),
  gt: comparison((x, y) => x > y),
  ge: comparison((x, y) => x >= y),
  eq: comparison((x, y) => x === y),
  ne: comparison((x, y) => x !== y),

  // Losses
  bce: rule(
    (a, y) => 0 - (weighted(y, Math.log(a)) + weighted(1 - y, Math.log1p(-a))),
    (a, y) => {
      if (a < 0 || a > 1) return [NaN, NaN];
      const alongLabel = a > 0.25 && a < 0.75
        ? Math.log1p((1 - 2 * a) / a) : Math.log1p(-a) - Math.log(a);
      if (a === 0 && y === 0) return [(1 - y) / (1 - a), alongLabel];
      if (a === 1 && y === 1) return [-(y / a), alongLabel];
      return [(a - y) / ((a + 0) * (1 - a)), alongLabel];
    },
    remarkOnLabel, true),
  bce_logits: rule(
    (z, y) => {
      if (z < 0) return Math.log1p(Math.exp(z)) - weighted(y, z);
      return weighted(1 - y, z) + Math.log1p(Math.exp(-z));
    },
    (z, y) => [z < 0 ? sigmoid(z) - y : 1 - y - sigmoid(-z), -z],
    remarkOnLabel, true),
  mse: rule(
    (a, y) => (a - y) * (a - y), (a, y) => [2 * (a - y), 2 * (y - a)], () => null, true),
  mae: rule(
    (a, y) => absolute(a - y), (a, y) => [signum(a - y), signum(y - a)],
    (a, y) => (a === y ? KINK : null), true),
  huber: rule(
    (a, y, delta) => {
      const rest = a - y;
      const size = absolute(rest);
      if (delta <= 0) return NaN;
      return size <= delta ? 0.5 * rest * rest : delta * (size - 0.5 * delta);
    },
    (a, y, delta) => {
      if (delta <= 0) return [NaN, NaN, NaN];
      const rest = a - y;
      const size = absolute(rest);
      if (size <= delta) return [rest, y - a, 0];
      const slope = rest < 0 ? -delta : rest > 0 ? delta : rest;
      return [slope, -slope, size - delta];
    },
    () => null, true),
  hinge: rule(
    (a, y) => {
      const margin = 1 - a * y;
      return margin <= 0 ? 0 : margin;
    },
    (a, y) => {
      const margin = 1 - a * y;
      if (margin <= 0) return [0, 0];
      return margin > 0 ? [-y, -a] : [NaN, NaN];
    },
    (a, y) => (a * y === 1 ? KINK : null), true),
};
