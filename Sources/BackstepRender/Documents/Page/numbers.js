"use strict";
// Numbers: how they are written and read, and the functions that browsers lack.

// MARK: Writing

const MINUS = "\u2212";

/** The shortest decimal digits of a positive finite number, and the power of ten of the first. */
function decimalOf(size) {
  const [digits, exponent] = size.toExponential().split("e");
  return { digits: digits.replace(".", ""), exponent: Number(exponent) };
}

/** Rounds decimal digits, a half away from zero, and drops zeros at the end. */
function rounded({ digits, exponent }, count) {
  let kept = digits.slice(0, count);
  if (digits.length > count && digits[count] >= "5") {
    const carried = (BigInt(kept) + 1n).toString();
    if (carried.length > kept.length) exponent += 1;
    kept = carried;
  }
  return { digits: kept.replace(/0+$/, "") || "0", exponent };
}

/**
 * A number as sign, digits and power of ten; `power` is null where there is none.
 *
 * As in the program's own texts: integers below 10^10 in full, other numbers with so many digits.
 * `digits` is a count, or "all" for the shortest digits that stand for the double.
 */
function partsOf(number, digits) {
  if (Number.isNaN(number)) return { sign: "", digits: "NaN", power: null };
  const sign = number < 0 || Object.is(number, -0) ? MINUS : "";
  const size = Math.abs(number);
  if (size === Infinity) return { sign, digits: "\u221e", power: null };
  if (size < 1e10 && Number.isInteger(size)) return { sign, digits: String(size), power: null };
  const isAll = digits === "all";
  const decimal = isAll ? decimalOf(size) : rounded(decimalOf(size), digits);
  const point = decimal.exponent + 1;
  const last = isAll ? 16 : Math.max(digits, Number.isInteger(size) ? 10 : 1);
  if (point >= -3 && point <= last) {
    return { sign, digits: positional(decimal.digits, point), power: null };
  }
  const [first, rest] = [decimal.digits[0], decimal.digits.slice(1)];
  return { sign, digits: rest ? `${first}.${rest}` : first, power: decimal.exponent };
}

function positional(digits, point) {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

const SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

const raised = (digits) => digits.replace(/\d/g, (digit) => SUPERSCRIPTS[digit]);

/** A number as text: `−0.25`, `4.2×10⁻¹⁸`. */
function numberText(number, digits) {
  const { sign, digits: text, power } = partsOf(number, digits);
  if (power === null) return sign + text;
  return `${sign}${text}×10${power < 0 ? "\u207b" : ""}${raised(String(Math.abs(power)))}`;
}

/** A number as it can be typed, with all its digits. */
function typedText(number) {
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number < 0 ? "-inf" : "inf";
  return Object.is(number, -0) ? "-0" : String(number);
}

/** The number that was typed; undefined where it is none. */
function typedNumber(text) {
  const plain = text.trim().replace(MINUS, "-").replace("∞", "inf");
  if (/^[+-]?inf(inity)?$/i.test(plain)) return plain.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined;
}

// MARK: Functions

/** Near 1 ulp: the browser's root and one step of Newton's method. */
function cubeRoot(x) {
  const root = Math.cbrt(x);
  return root === 0 || !Number.isFinite(root) ? root : root + (x / (root * root) - root) / 3;
}

/** What x² loses to rounding; exact unless something overflows (Dekker 1971). */
function squareRest(x, square) {
  const scaled = 134217729 * x;
  const high = scaled - (scaled - x);
  const low = x - high;
  return high * high - square + 2 * high * low + low * low;
}

/** The bell curve exp(−width·x²), with the part of the square that is rounded away. */
function bell(x, width) {
  const square = x * x;
  const power = Math.exp(-width * square);
  if (power === 0 || Number.isNaN(power)) return power;
  return power - power * (width * squareRest(x, square));
}

const TWO_OVER_SQRT_PI = 1.1283791670955126;
const ONE_OVER_SQRT_PI = 0.5641895835477563;
const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;

/** The error function near 0: Kummer's series, whose terms are all of one sign. */
function erfSeries(x) {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * bell(x, 1) * sum;
}

/** 1 − erf for x ≥ 1: Laplace's continued fraction, from its end. */
function erfcFraction(x) {
  let value = x;
  for (let level = Math.ceil(20 + 250 / (x * x)); level >= 1; level -= 1) {
    value = x + level / 2 / value;
  }
  return (ONE_OVER_SQRT_PI * bell(x, 1)) / value;
}

function erf(x) {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) < 1) return erfSeries(x);
  return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1;
}

function erfc(x) {
  if (Number.isNaN(x)) return x;
  if (x >= 1) return x > 30 ? 0 : erfcFraction(x);
  return x <= -1 ? 2 - erfcFraction(-x) : 1 - erfSeries(x);
}

/** The distribution function of the normal distribution; see Libm.swift for the correction. */
function normalDistribution(x) {
  const reciprocal = 0.7071067811865476;
  const scaled = -x * reciprocal;
  const half = 0.5 * erfc(scaled);
  if (!(scaled > 1 && half > 0)) return half;
  const rest = productRest(-x, reciprocal, scaled) - x * -4.833646656726457e-17;
  return half - rest * ONE_OVER_SQRT_PI * Math.exp(-scaled * scaled);
}

/** What a product loses to rounding (Dekker 1971). */
function productRest(a, b, product) {
  const [aScaled, bScaled] = [134217729 * a, 134217729 * b];
  const aHigh = aScaled - (aScaled - a);
  const bHigh = bScaled - (bScaled - b);
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
