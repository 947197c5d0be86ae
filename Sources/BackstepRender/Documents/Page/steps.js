// The trace as steps: what is known after each, what it is about, and how it is calculated.

/** All steps of a trace, in order. */
function stepsOf(events, data) {
  const steps = [{ kind: "start", phase: "inputs" }];
  for (const event of events) {
    const { node } = event;
    switch (event.event) {
      case "forward": steps.push({ kind: "forward", phase: "forward", node, event }); break;
      case "seed": steps.push({ kind: "seed", phase: "backward", node, event }); break;
      case "fanout": steps.push({ kind: "fanout", phase: "backward", node, event }); break;
      case "backward":
        for (const contribution of event.contributions) {
          const operand = data.nodes[node].args[contribution.slot];
          steps.push({ kind: "send", phase: "backward", node, operand, event, contribution });
        }
        break;
      case "warning": steps.at(-1).warnings = [...(steps.at(-1).warnings ?? []), event]; break;
      default:
    }
  }
  const gradients = events.filter(({ event }) => event === "gradient");
  steps.push({ kind: "gradient", phase: "gradient", gradients });
  return steps;
}

/** A trace with its steps, and what is known after each of them. */
class Walk {
  constructor({ values, events }, data) {
    this.data = data;
    this.values = values;
    this.events = events;
    this.steps = stepsOf(events, data);
    /** The step after which a node's value is known. */
    this.valueStep = data.nodes.map(({ kind }) => (kind === "operation" ? Infinity : 0));
    /** The contributions that flow into each node: { step, user, slot, contribution, sum }. */
    this.terms = data.nodes.map(() => []);
    this.steps.forEach((step, index) => {
      if (step.kind === "forward") this.valueStep[step.node] = index;
      if (step.kind === "send") {
        const { slot, contribution, accumulated } = step.contribution;
        this.terms[step.operand].push(
          { step: index, user: step.node, slot, contribution, sum: accumulated });
      }
      if (step.kind === "seed") {
        const adjoint = step.event.adjoint;
        this.terms[step.node].push({ step: index, user: null, contribution: adjoint, sum: adjoint });
      }
    });
    /** The nodes at which contributions flow together, in the order in which they do. */
    this.shared = [...data.nodes.keys()].filter((node) => this.terms[node].length > 1)
      .sort((one, other) => this.terms[one][0].step - this.terms[other][0].step);
  }

  /** The value of a node after a step; null where it is not computed yet. */
  value(node, step) {
    return this.valueStep[node] <= step ? this.values[node] : null;
  }

  /** The adjoint of a node after a step: { sum, isComplete }; null where nothing was sent yet. */
  adjoint(node, step) {
    const there = this.terms[node].filter((term) => term.step <= step);
    if (there.length === 0) return null;
    return { sum: there.at(-1).sum, isComplete: there.length === this.terms[node].length };
  }

  /** Which contribution of how many a sending step makes: [1, 3]. */
  placeOf(index) {
    const terms = this.terms[this.steps[index].operand];
    return [terms.findIndex((term) => term.step === index) + 1, terms.length];
  }
}

/** Puts words and formulas to the steps of a walk. */
class Words {
  constructor(data, digits) {
    this.data = data;
    this.digits = digits;
    this.root = data.nodes[data.root].name;
  }

  name(node) { return this.data.nodes[node].name; }
  /** A node's name as text. */
  shown(node) {
    const name = this.name(node);
    return this.data.nodes[node].kind === "constant" ? name.replaceAll("-", MINUS) : nameText(name);
  }
  /** ∂L/∂a as text. */
  adjointText(node) { return `∂${nameText(this.root)}/∂${this.shown(node)}`; }
  /** ∂L/∂a as mathematics. */
  adjointMath(node) { return derivativeMath(this.root, this.name(node)); }

  /** A value in a line of text; a large one by its shape, or if it may be cut by its first entries. */
  text({ shape, numbers }, most = 6, isCut = false) {
    if (shape.length === 0) return numberText(numbers[0], this.digits);
    if (isCut && shape.length === 1 && numbers.length > most) {
      const first = Array.from(numbers.slice(0, most), (x) => numberText(x, this.digits));
      return `[${first.join(", ")}, …]`;
    }
    if (numbers.length > most) return `${shape.join("×")} ${shape.length === 1 ? "vector" : "matrix"}`;
    const row = (entries) => `[${Array.from(entries, (x) => numberText(x, this.digits)).join(", ")}]`;
    if (shape.length === 1) return row(numbers);
    const rows = Array.from({ length: shape[0] }, (_, index) =>
      row(numbers.slice(index * shape[1], (index + 1) * shape[1])));
    return `[${rows.join(", ")}]`;
  }

  /** A value within a sentence. */
  brief(tensor) {
    return tensor.numbers.length > 4 ? `a ${this.text(tensor, 0)}` : this.text(tensor);
  }

  /** An operation or a local derivative as text, with names in its gaps. */
  formulaText(pieces, node) {
    const { args = [] } = this.data.nodes[node];
    const name = (operand) => this.shown(operand);
    return pieces.map((piece, index) => {
      if (typeof piece === "string") return signs(piece);
      if (typeof piece === "number") {
        const text = name(args[piece]);
        const isWithin = /[-+*/^]\s*$/.test(pieces[index - 1] ?? "");
        return text.startsWith(MINUS) && isWithin ? `(${text})` : text;
      }
      switch (piece.gap) {
        case "operands": return args.map(name).join(", ");
        case "result": return this.shown(node);
        default: return this.adjointText(node);
      }
    }).join("").replaceAll("'", "ᵀ").replace(/\^(\d+)(?![\d.])/g, (_, digits) => raised(digits));
  }

  /** A formula as mathematics, with names in its gaps or, given values, with numbers. */
  formulaMath(pieces, node, values = null) {
    const formula = formulaOf(pieces.flatMap((piece) => (piece.gap === "operands"
      ? this.data.nodes[node].args.flatMap((_, slot) => (slot > 0 ? [", ", slot] : [slot])) : [piece])));
    if (!formula) return ["mtext", this.formulaText(pieces, node)];
    return new FormulaWriter((gap) => this.atom(gap, node, values)).math(formula);
  }

  atom(gap, node, values) {
    if (gap === "adjoint") return { math: this.adjointMath(node), rank: 1, isNegative: false };
    const place = gap === "result" ? node : this.data.nodes[node].args[gap];
    const { kind, shape, name } = this.data.nodes[place];
    const number = kind === "constant" && shape.length === 0
      ? Number(this.data.nodes[place].value) : values?.[place].numbers[0];
    if (number !== undefined && shape.length === 0) {
      const isNegative = number < 0 || partsOf(number, this.digits).power !== null;
      return { math: numberMath(number, kind === "constant" ? "all" : this.digits), rank: 0, isNegative };
    }
    if (kind === "constant") return { math: ["mtext", name], rank: shape.length, isNegative: false };
    return { math: nameMath(name), rank: shape.length, isNegative: false };
  }

  /** Whether numbers can stand in a formula: all that its gaps stand for are single numbers. */
  takesNumbers(pieces, node) {
    const places = pieces.filter((piece) => typeof piece !== "string").flatMap((piece) => {
      if (piece.gap === "operands") return this.data.nodes[node].args;
      if (piece.gap) return [piece.gap === "result" ? node : this.data.root];
      return [this.data.nodes[node].args[piece]];
    });
    return places.length > 0 && places.some((place) => this.data.nodes[place].kind !== "constant")
      && places.every((place) => this.data.nodes[place].shape.length === 0);
  }

  // MARK: Sentences

  title(step) {
    switch (step.kind) {
      case "start": return "Inputs";
      case "forward": return `Forward: ${this.shown(step.node)}`;
      case "seed": return `Backward: the seed at ${this.shown(step.node)}`;
      case "fanout": return `Backward: the sum at ${this.shown(step.node)}`;
      case "send": return `Backward: ${this.shown(step.node)} to ${this.shown(step.operand)}`;
      default: return "The gradient";
    }
  }

  /** What happens in a step, in a sentence or two. */
  sentence(walk, index) {
    const step = walk.steps[index];
    const { node, operand, event, contribution } = step;
    switch (step.kind) {
      case "start":
        return "The inputs have their values; nothing has been computed from them yet.";
      case "forward": {
        const { text, op } = this.data.nodes[node];
        const formula = op === "grad" ? "a derivative, by a backward pass of its own"
          : this.formulaText(text, node);
        return `${this.shown(node)} = ${formula} is ${this.brief(event.value)}.`;
      }
      case "seed":
        return `The way back begins at the output: ${this.adjointText(node)}, the seed, is `
          + `${this.brief(event.adjoint)}.`;
      case "fanout":
        return `${this.shown(node)} was used ${oftenText(walk.terms[node].length)}: its contributions `
          + `add up to ${this.brief(event.adjoint)}.`;
      case "send": {
        const [place, count] = walk.placeOf(index);
        const product = `${this.shown(node)} sends ${this.brief(contribution.contribution)} to `
          + `${this.shown(operand)}: its adjoint times the local derivative.`;
        if (count === 1) return product;
        return `${product} Contribution ${place} of ${count}; `
          + (place === count ? `the sum is ${this.brief(contribution.accumulated)}.`
            : `the sum so far is ${this.brief(contribution.accumulated)}.`);
      }
      default:
        return step.gradients.length === 0 ? "There is no input to take a derivative with respect to."
          : `Every derivative of ${nameText(this.root)} that was asked for is known.`;
    }
  }

  /** What a warning says. */
  warningText({ node, slot, kind, value, hint }) {
    const { args } = this.data.nodes[node];
    const name = this.shown(node);
    const sentence = {
      nonFiniteValue: () => `${name} is ${this.text(value)}: the first value that is not finite`,
      nonFinitePartial: () => `∂${name}/∂${this.shown(args[slot])} is ${this.text(value)}: `
        + "the first local derivative that is not finite",
      nonFiniteAdjoint: () => `${this.adjointText(node)} is ${this.text(value)}: `
        + "the first adjoint that is not finite, though its parts are",
      tieSplit: () => `${name}: the operands are equal and share the derivative in equal parts`,
      kink: () => `${name} has a kink here: the derivative is the subgradient of least norm`,
      flat: () => `${name} is flat: its derivative is 0 wherever there is one`,
      labelOutsideUnitInterval: () => `${name}: the label lies outside the interval from 0 to 1`,
    }[kind];
    return `${sentence?.() ?? name}.${hint ? ` ${hint[0].toUpperCase()}${hint.slice(1)}.` : ""}`;
  }

  // MARK: Calculations

  /**
   * The calculation of a step: lines of { left, sign, parts }, where the parts are equal to each
   * other and the sign, "=" unless it says otherwise, stands before the first. Lines that are short
   * may stand beside each other.
   */
  calculation(walk, index) {
    const step = walk.steps[index];
    switch (step.kind) {
      case "start": return this.startLines(walk);
      case "forward": return this.forwardLines(walk, step);
      case "seed":
        return [line(this.adjointMath(step.node), valueMath(step.event.adjoint, this.digits))];
      case "fanout": return this.fanoutLines(walk, step);
      case "send": return this.sendLines(walk, step, index);
      default:
        return step.gradients.map(({ name, entry, value, shape, node }) => shortLine(
          entry === undefined ? derivativeMath(this.root, name)
            : this.entryMath(name, node === undefined ? shape : this.data.nodes[node].shape, entry),
          valueMath(value, this.digits)));
    }
  }

  entryMath(name, shape, entry) {
    const columns = columnsOf(shape);
    const places = shape.length === 2
      ? `${Math.floor(entry / columns) + 1},${(entry % columns) + 1}` : `${entry + 1}`;
    return ["mfrac", ["mrow", ["mo", "∂"], nameMath(this.root)],
      ["mrow", ["mo", "∂"], ["msub", nameMath(name), ["mtext", places]]]];
  }

  startLines(walk) {
    return this.data.nodes.flatMap(({ kind, name }, node) => (["input", "data"].includes(kind)
      ? [shortLine(nameMath(name), valueMath(walk.values[node], this.digits))] : []));
  }

  forwardLines(walk, { node, event }) {
    const { text, op, partials } = this.data.nodes[node];
    const value = valueMath(event.value, this.digits);
    const name = nameMath(this.name(node));
    if (op === "grad") return [line(name, this.gradMath(node), value)];
    const parts = [this.formulaMath(text, node)];
    if (this.takesNumbers(text, node) && op !== "id") {
      parts.push(this.formulaMath(text, node, walk.values));
    }
    const lines = [line(name, ...parts, value)];
    for (const { slot, local } of event.partials) {
      const { formula, isContribution } = partials[slot];
      const operand = this.data.nodes[node].args[slot];
      const parts = [];
      if (!isContribution) parts.push(this.formulaMath(formula, node));
      const isNumber = isNumeral(formula);
      if (!isContribution && !isNumber && this.takesNumbers(formula, node) && formula.length > 1) {
        parts.push(this.formulaMath(formula, node, walk.values));
      }
      if (local && !isNumber) parts.push(valueMath(local, this.digits));
      const left = derivativeMath(this.name(node), this.name(operand));
      if (parts.length > 0) lines.push(shortLine(left, ...parts));
    }
    return lines;
  }

  gradMath(node) {
    const [output, input] = this.data.nodes[node].args;
    return derivativeMath(this.name(output), this.name(input));
  }

  sendLines(walk, { node, operand, event, contribution }, index) {
    const { slot, local, accumulated } = contribution;
    const { formula, isContribution } = this.data.nodes[node].partials[slot];
    const [place, count] = walk.placeOf(index);
    const product = valueMath(contribution.contribution, this.digits);
    const chain = ["mrow", this.adjointMath(node), times,
      derivativeMath(this.name(node), this.name(operand))];
    const parts = [chain];
    const isScalar = this.data.nodes[node].shape.length === 0
      && this.data.nodes[operand].shape.length === 0;
    const isEntrywise = this.data.nodes[node].shape.length > 0;
    if (isContribution) {
      parts.push(this.formulaMath(formula, node));
    } else {
      const writer = this.formulaMath(formula, node);
      const isSum = /[-+] /.test(formula.filter((piece) => typeof piece === "string").join(" "))
        && formulaOf(formula)?.sign?.match(/^[-+]$/);
      parts.push(["mrow", this.adjointMath(node), isEntrywise ? ["mo", "⊙"] : times,
        isSum ? bracketed(writer) : this.signed(formula, writer)]);
    }
    if (isScalar && local) {
      parts.push(["mrow", numberMath(event.adjoint.numbers[0], this.digits), times,
        this.factor(local.numbers[0])]);
    }
    const lines = [line(this.adjointMath(operand), ...parts, product)];
    if (count === 1) return lines;
    // What a value gathers from several uses is added up.
    lines[0].sign = "+=";
    const isNumber = this.data.nodes[operand].shape.length === 0;
    const before = place > 1 && isNumber ? [["mrow",
      numberMath(walk.terms[operand][place - 2].sum.numbers[0], this.digits), ["mo", "+"],
      this.factor(contribution.contribution.numbers[0])]] : [];
    const left = place === count ? this.adjointMath(operand) : ["mtext", "sum so far"];
    lines.push(line(left, ...before, valueMath(accumulated, this.digits)));
    return lines;
  }

  /** A formula in parentheses where it begins with a minus sign. */
  signed(formula, math) {
    const first = formula.find((piece) => piece !== "");
    return typeof first === "string" && first.startsWith("-") ? bracketed(math) : math;
  }

  /** A number as a factor: a negative one in parentheses. */
  factor(number) {
    const math = numberMath(number, this.digits);
    return number < 0 || Object.is(number, -0) ? bracketed(math) : math;
  }

  fanoutLines(walk, { node, event }) {
    const terms = walk.terms[node];
    const joined = (parts) => ["mrow",
      ...parts.flatMap((part, place) => (place > 0 ? [["mo", "+"], part] : [part]))];
    const most = 6;
    const shown = terms.slice(0, terms.length > most ? most - 1 : most);
    const dots = terms.length > most ? [["mo", "⋯"]] : [];
    const chain = shown.map(({ user }) => (user === null ? this.adjointMath(node)
      : ["mrow", this.adjointMath(user), times, derivativeMath(this.name(user), this.name(node))]));
    // Browsers do not stretch braces well, so a line under each term ties it to where it came from.
    const isNumber = this.data.nodes[node].shape.length === 0;
    const numbers = shown.map(({ user, contribution }, place) => ["munder",
      ["mrow", { class: "term" }, place > 0 && isNumber
        ? this.factor(contribution.numbers[0]) : valueMath(contribution, this.digits)],
      user === null ? ["mtext", "seed"]
        : ["mrow", ["mtext", "from\u00a0"], nameMath(this.name(user))]]);
    return [
      line(this.adjointMath(node), joined([...chain, ...dots])),
      line(null, joined([...numbers, ...dots]), valueMath(event.adjoint, this.digits)),
    ];
  }
}

/** Whether a formula is a number and nothing else. */
const isNumeral = (formula) => formula.length === 1 && typeof formula[0] === "string"
  && /^-?[\d.]+$/.test(formula[0]);

/** A piece of a formula with the signs of mathematics. */
const signs = (text) => text.replaceAll("-", MINUS).replaceAll("*", "·").replaceAll("<=", "≤")
  .replaceAll(">=", "≥").replaceAll("!=", "≠");

/** A line of a calculation. */
const line = (left, ...parts) => ({ left, sign: "=", parts });
const shortLine = (left, ...parts) => ({ ...line(left, ...parts), isShort: true });

const oftenText = (count) => (count === 2 ? "twice" : `${count} times`);
