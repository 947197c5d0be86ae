// Formulas in mathematical notation: read from the program's texts, written as MathML.
//
// A formula comes as a list of texts and gaps. It is read into a tree, and the tree is written with
// names or with numbers in the gaps. Elements are described as arrays, [name, attributes?, ...children],
// and made by `element`, so that no text is ever taken for markup.

const MATHML = "http://www.w3.org/1998/Math/MathML";
const SVG = "http://www.w3.org/2000/svg";

/** Makes an element of [name, attributes?, ...children]; a child is such a list, a node, or text. */
function element(description, namespace = null) {
  if (description instanceof Node) return description;
  const [name, ...rest] = description;
  const space = name === "math" ? MATHML : name === "svg" ? SVG : namespace;
  const made = space ? document.createElementNS(space, name) : document.createElement(name);
  const hasAttributes = rest[0] && typeof rest[0] === "object"
    && !Array.isArray(rest[0]) && !(rest[0] instanceof Node);
  for (const [key, value] of Object.entries(hasAttributes ? rest.shift() : {})) {
    if (key === "onclick") made.addEventListener("click", value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  for (const child of rest) {
    if (child === null || child === undefined || child === false) continue;
    made.append(typeof child === "object" ? element(child, space) : String(child));
  }
  return made;
}

// MARK: Reading

const TOKEN = /\s+|(\d[\d.]*(?:e[+-]?\d+)?)|([\p{L}_][\p{L}\p{M}\p{N}_]*)|(==|!=|<=|>=|[-+*/^@'()[\],:=<>])/uy;

/** The tokens of a formula; null where it is not written in Backstep's language. */
function tokensOf(pieces) {
  const tokens = [];
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      tokens.push({ kind: "gap", gap: typeof piece === "number" ? piece : piece.gap });
      continue;
    }
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < piece.length) {
      const match = TOKEN.exec(piece);
      if (!match) return null;
      const [, number, name, sign] = match;
      if (number) tokens.push({ kind: "number", text: number });
      else if (name) tokens.push({ kind: "name", text: name });
      else if (sign) tokens.push({ kind: "sign", text: sign });
    }
  }
  return tokens;
}

/** What binds tighter has the larger number. */
const BINDING = {
  "<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "@": 3, "^": 5,
};

/** Reads a formula; null where that cannot be done. */
function formulaOf(pieces) {
  const tokens = tokensOf(pieces);
  if (!tokens) return null;
  let next = 0;
  const sign = (text) => {
    const isThere = tokens[next]?.kind === "sign" && tokens[next].text === text;
    if (isThere) next += 1;
    return isThere;
  };
  const fail = () => { throw new SyntaxError("not a formula"); };

  function operation(least) {
    let left = sign("-") ? { kind: "negative", x: operation(4) } : postfix();
    for (;;) {
      const text = tokens[next]?.kind === "sign" ? tokens[next].text : "";
      const binding = BINDING[text];
      if (!binding || binding < least) return left;
      next += 1;
      left = { kind: "operation", sign: text, left, right: operation(text === "^" ? 4 : binding + 1) };
    }
  }

  function postfix() {
    let x = atom();
    for (;;) {
      if (sign("'")) x = { kind: "transpose", x };
      else if (sign("[")) x = { kind: "index", x, places: places() };
      else return x;
    }
  }

  function atom() {
    const token = tokens[next] ?? fail();
    next += 1;
    if (token.kind === "number" || token.kind === "gap") return token;
    if (token.kind === "name") {
      return sign("(") ? { kind: "call", name: token.text, arguments: list(")") } : token;
    }
    if (token.text === "(") {
      const inner = operation(1);
      return sign(")") ? inner : fail();
    }
    return token.text === "[" ? { kind: "list", entries: list("]") } : fail();
  }

  /** Arguments up to a bracket; one given by name is { keyword, value }. */
  function list(end) {
    const found = [];
    while (!sign(end)) {
      const isKeyword = tokens[next]?.kind === "name" && tokens[next + 1]?.text === "=";
      if (isKeyword) {
        next += 2;
        found.push({ keyword: tokens[next - 2].text, value: operation(1) });
      } else {
        found.push(operation(1));
      }
      if (!sign(",") && tokens[next]?.text !== end) fail();
    }
    return found;
  }

  /** What stands between the brackets of an index, as text. */
  function places() {
    let text = "";
    while (!sign("]")) {
      const token = tokens[next] ?? fail();
      next += 1;
      text += token.text ?? fail();
    }
    return text;
  }

  try {
    const formula = operation(1);
    return next === tokens.length ? formula : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

// MARK: Writing names and numbers

const SUBSCRIPTS = "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089";
const SUBSCRIPTED = /^([\p{L}][\p{M}]*)_?(\d+)$/u;

/** Names that are shown as they are, because they would look like others: `w1` beside `w₁`. */
const plainNames = new Set();

/** Finds the names that would look alike. */
function tellApart(names) {
  const looks = new Map();
  for (const name of new Set(names)) looks.set(nameText(name), [...(looks.get(nameText(name)) ?? []), name]);
  for (const alike of looks.values()) {
    if (alike.length > 1) alike.forEach((name) => plainNames.add(name));
  }
}

/** Letters that are written from right to left: they would carry `= 4` beside them along. */
const RIGHT_TO_LEFT = /((?:[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]\p{M}*)+)/gu;

/** A name as text: digits behind a letter are an index, `w₁`. */
function nameText(name) {
  const match = plainNames.has(name) ? null : SUBSCRIPTED.exec(name);
  const text = match ? match[1] + match[2].replace(/\d/g, (digit) => SUBSCRIPTS[digit]) : name;
  return text.replace(RIGHT_TO_LEFT, "\u200e$1\u200e");
}

/** A name as MathML. */
function nameMath(name) {
  if (plainNames.has(name)) return ["mi", name];
  const match = SUBSCRIPTED.exec(name) ?? /^([\p{L}][\p{M}]*)([\u2080-\u2089]+)$/u.exec(name);
  if (match) {
    const index = match[2].replace(/[\u2080-\u2089]/g, (digit) => SUBSCRIPTS.indexOf(digit));
    return ["msub", ["mi", match[1]], ["mn", index]];
  }
  const parts = /^([\p{L}][\p{M}]*)_(\p{L}{1,6})$/u.exec(name);
  if (parts) return ["msub", ["mi", parts[1]], ["mi", { mathvariant: "normal" }, parts[2]]];
  return ["mi", name];
}

/** A number as MathML. */
function numberMath(number, digits) {
  const { sign, digits: text, power } = partsOf(number, digits);
  const size = /^\d/.test(text) ? ["mn", text] : ["mi", { mathvariant: "normal" }, text];
  const whole = power === null ? [size] : [
    size, ["mo", { lspace: "0.15em", rspace: "0.15em" }, "×"],
    ["msup", ["mn", "10"], power < 0 ? ["mrow", ["mo", MINUS], ["mn", -power]] : ["mn", power]],
  ];
  if (!sign && whole.length === 1) return size;
  return ["mrow", ...(sign ? [["mo", { form: "prefix" }, MINUS]] : []), ...whole];
}

/** How many rows and columns of a matrix are shown before dots take over. */
const SHOWN = 8;

/** The places that are shown of so many; null for the dots. */
function shownPlaces(count) {
  if (count <= SHOWN) return Array.from({ length: count }, (_, index) => index);
  const first = Array.from({ length: SHOWN - 2 }, (_, index) => index);
  return [...first, null, count - 1];
}

/** A value as MathML: a number, a column, or a matrix. */
function valueMath({ shape, numbers }, digits) {
  if (shape.length === 0) return numberMath(numbers[0], digits);
  const columns = columnsOf(shape);
  const rows = shownPlaces(shape[0]).map((row) => ["mtr",
    ...shownPlaces(columns).map((column) => ["mtd",
      row === null || column === null
        ? ["mo", row === null && column === null ? "⋱" : row === null ? "⋮" : "⋯"]
        : numberMath(numbers[row * columns + column], digits)])]);
  return bracketed(["mtable", ...rows], "[", "]");
}

/** Whether a formula is higher than a line. */
const isTall = (math) => Array.isArray(math)
  && (["mfrac", "mtable", "msqrt", "mroot"].includes(math[0]) || math.some(isTall));

/** Something in brackets; they are stretched only where they have to be, as browsers space them wide. */
function bracketed(inner, open = "(", close = ")") {
  const bracket = (sign, form) => ["mo", { form, stretchy: String(isTall(inner)) }, sign];
  return ["mrow", bracket(open, "prefix"), inner, bracket(close, "postfix")];
}

/** ∂a/∂b. */
const derivativeMath = (of, by) => ["mfrac",
  ["mrow", ["mo", { form: "prefix", rspace: "0" }, "∂"], nameMath(of)],
  ["mrow", ["mo", { form: "prefix", rspace: "0" }, "∂"], nameMath(by)]];

const equals = ["mo", "="];
const times = ["mo", "\u22c5"];

// MARK: Writing formulas

const SIGNS = {
  "+": "+", "-": MINUS, "<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠",
};
/** Brackets of functions that are written with brackets of their own. */
const BRACKETS = { abs: ["|", "|"], norm: ["‖", "‖"], floor: ["⌊", "⌋"], ceil: ["⌈", "⌉"] };
/** Functions whose result is a number whatever goes in. */
const TO_NUMBERS = new Set(["sum", "mean", "prod", "var", "std", "norm", "dot", "logsumexp"]);

/**
 * Writes a formula as MathML.
 *
 * `atom(gap)` tells what stands in a gap: { math, rank, isNegative }.
 */
class FormulaWriter {
  constructor(atom) {
    this.atom = atom;
  }

  /** How tightly a formula binds as it is written: a fraction or a power needs no parentheses. */
  binding(x) {
    if (x.kind === "negative") return 2;
    if (x.kind === "gap") return this.atom(x.gap).isNegative ? 2 : 9;
    if (x.kind !== "operation") return 9;
    return x.sign === "/" ? 4 : BINDING[x.sign];
  }

  /** How many axes a formula's value has. */
  rank(x) {
    switch (x.kind) {
      case "gap": return this.atom(x.gap).rank;
      case "operation": return Math.max(this.rank(x.left), this.rank(x.right));
      case "negative": case "transpose": return this.rank(x.x);
      case "call":
        if (["ones", "onehot", "outer", "reshape", "flatten"].includes(x.name)) return 1;
        if (TO_NUMBERS.has(x.name) && x.arguments.length === 1) return 0;
        return Math.max(0, ...x.arguments.map((one) => this.rank(one.value ?? one)));
      default: return 0;
    }
  }

  /** Writes it so that it can stand beside an operation that binds so tightly. */
  inside(x, least) {
    const math = this.math(x);
    return this.binding(x) < least ? bracketed(math) : math;
  }

  math(x) {
    switch (x.kind) {
      case "number": return ["mn", x.text];
      case "name": return x.text === "pi" ? ["mi", "π"] : nameMath(x.text);
      case "gap": return this.atom(x.gap).math;
      case "negative":
        return ["mrow", ["mo", { form: "prefix" }, MINUS], this.inside(x.x, 3)];
      case "transpose": return ["msup", this.inside(x.x, 9), ["mo", "⊤"]];
      case "index":
        return ["msub", this.inside(x.x, 9), ["mtext", `[${x.places.replaceAll(",", ", ")}]`]];
      case "list": return bracketed(this.listed(x.entries), "[", "]");
      case "call": return this.call(x);
      default: return this.operation(x);
    }
  }

  operation({ sign, left, right }) {
    switch (sign) {
      case "/":
        // −x/y² is minus a fraction, not a fraction of a negative number.
        if (left.kind === "negative") {
          return ["mrow", ["mo", { form: "prefix" }, MINUS],
            ["mfrac", this.math(left.x), this.math(right)]];
        }
        return ["mfrac", this.math(left), this.math(right)];
      case "^": return ["msup", this.inside(left, 9), this.math(right)];
      case "*": {
        const isEntrywise = this.rank(left) > 0 && this.rank(right) > 0;
        return ["mrow", this.inside(left, 3), isEntrywise ? ["mo", "⊙"] : times,
          this.inside(right, 3.5)];
      }
      case "@":
        return ["mrow", this.inside(left, 3), ["mspace", { width: "0.2em" }], this.inside(right, 3.5)];
      case "+": case "-":
        return ["mrow", this.inside(left, 2), ["mo", SIGNS[sign]], this.inside(right, 2.5)];
      default: {
        const whole = ["mrow", this.inside(left, 2), ["mo", SIGNS[sign]], this.inside(right, 2)];
        return this.isCondition ? whole : bracketed(whole, "[", "]");
      }
    }
  }

  call({ name, arguments: list }) {
    const [first] = list;
    switch (name) {
      case "sqrt": return ["msqrt", this.math(first)];
      case "cbrt": return ["mroot", this.math(first), ["mn", "3"]];
      case "exp": return ["msup", ["mi", "e"], this.math(first)];
      case "where": return this.cases(list);
      case "ones":
        return ["msub", ["mn", { class: "ones" }, "1"], ["mrow", ...this.sizes(list)]];
      default:
    }
    if (name in BRACKETS && list.length === 1) {
      return bracketed(this.math(first), ...BRACKETS[name]);
    }
    const axis = list.find(({ keyword }) => keyword === "axis");
    const plain = list.filter((one) => one !== axis);
    const function_ = ["mi", name === "sigmoid" ? "σ" : name.replaceAll("_", " ")];
    return ["mrow",
      axis ? ["msub", function_, ["mrow", ["mtext", "axis\u00a0"], this.math(axis.value)]] : function_,
      ["mo", { class: "apply" }, "\u2061"], bracketed(this.listed(plain))];
  }

  sizes(list) {
    return list.flatMap((size, index) => [...(index > 0 ? [["mo", "×"]] : []), this.math(size)]);
  }

  listed(list) {
    return ["mrow", ...list.flatMap((one, index) => [
      ...(index > 0 ? [["mo", ","]] : []),
      one.keyword ? ["mrow", ["mi", one.keyword], equals, this.math(one.value)] : this.math(one),
    ])];
  }

  /** where(c, a, b) as a brace with cases. */
  cases([condition, yes, no]) {
    const rows = [];
    let rest = { kind: "call", name: "where", arguments: [condition, yes, no] };
    while (rest.kind === "call" && rest.name === "where") {
      const [test, value, other] = rest.arguments;
      const outer = this.isCondition;
      this.isCondition = true;
      const math = this.math(test);
      this.isCondition = outer;
      const isNumber = !["operation"].includes(test.kind);
      rows.push(["mtr", ["mtd", this.math(value)], ["mtd", ["mtext", "if\u00a0"], math,
        ...(isNumber ? [["mo", "≠"], ["mn", "0"]] : [])]]);
      rest = other;
    }
    rows.push(["mtr", ["mtd", this.math(rest)], ["mtd", ["mtext", "otherwise"]]]);
    return ["mrow", ["mo", { stretchy: "true", form: "prefix" }, "{"],
      ["mtable", { class: "cases" }, ...rows]];
  }
}
