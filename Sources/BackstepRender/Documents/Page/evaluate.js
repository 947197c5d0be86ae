// Forward and backward pass over the whole graph, told as the same events as the program's.

/** How many entries a Jacobian may have to be written out. */
const LARGEST_JACOBIAN = 64;

/** A value of the data, a number or nested lists, as { shape, numbers }. */
function tensorOf(shape, value) {
  return { shape, numbers: Float64Array.from([value].flat(2).map(Number)) };
}

/** A graph that can be computed anew for other inputs. */
class Graph {
  constructor(data) {
    this.nodes = data.nodes;
    this.root = data.root;
    this.gradients = data.events.filter(({ event }) => event === "gradient");
    const seed = data.events.find(({ event }) => event === "seed");
    this.seed = seed && tensorOf(this.nodes[this.root].shape, seed.adjoint);
    const operations = this.nodes.filter(({ kind }) => kind === "operation");
    this.hasChoice = operations.some(({ op }) => op === "where");
    this.isScalar = this.nodes.every(({ shape }) => shape.length === 0)
      && operations.every((node) => !tensorRule(node));
    this.active = this.dependents(this.gradients.map(({ node }) => node));
    const inputs = this.nodes.flatMap(({ kind }, index) => (kind === "input" ? [index] : []));
    this.varies = this.dependents(inputs);
    /** Whether the graph can be computed here. */
    this.isKnown = operations.every((node) => (node.op === "grad" ? this.canDerive(node)
      : tensorRule(node) || Object.hasOwn(RULES, node.op)));
  }

  /** Whether a derivative among the nodes can be computed: a pass goes through no other such node. */
  canDerive({ args: [output, input] }) {
    const moves = this.dependents([input]);
    const isAbove = [];
    isAbove[output] = true;
    for (let index = output; index >= 0; index -= 1) {
      const { op, args = [] } = this.nodes[index];
      if (!isAbove[index] || !moves[index]) continue;
      if (op === "grad") return false;
      for (const operand of args) isAbove[operand] = true;
    }
    return true;
  }

  /** Which nodes depend on some of the given ones, those included. */
  dependents(nodes) {
    const given = new Set(nodes);
    const depends = this.nodes.map((_, index) => given.has(index));
    this.nodes.forEach(({ args = [] }, index) => {
      if (args.some((operand) => depends[operand])) depends[index] = true;
    });
    return depends;
  }

  /** The events of a whole trace; `leaves` holds a tensor for each constant and input. */
  trace(leaves) {
    const values = this.forward(leaves);
    const events = [];
    const watch = { value: false, partial: false };
    values.forEach((value, index) => {
      if (this.nodes[index].kind === "operation") {
        events.push(this.forwardEvent(index, values), ...this.warnings(index, values, watch));
      }
    });
    events.push({ event: "seed", node: this.root, adjoint: this.seed });
    const adjoints = this.backward(values, this.root, this.seed, this.active, events);
    const overflow = events.find(({ event, contributions }) => event === "backward"
      && contributions.some(({ accumulated }) => !isFiniteTensor(accumulated)));
    if (overflow && !watch.value && !watch.partial) {
      const { slot, accumulated } = overflow.contributions.find(
        (contribution) => !isFiniteTensor(contribution.accumulated));
      const node = this.nodes[overflow.node].args[slot];
      events.push({ event: "warning", node, kind: "nonFiniteAdjoint", value: accumulated });
    }
    for (const { node, name, shape, entry } of this.gradients) {
      const whole = adjoints[node] ?? { shape, numbers: zeros(countOf(shape)) };
      const value = entry === undefined ? whole : { shape: [], numbers: [whole.numbers[entry]] };
      events.push({ event: "gradient", node, name, entry, shape: value.shape, value });
    }
    return { values, events };
  }

  // MARK: Forward

  /** The values of all nodes. */
  forward(leaves) {
    const values = [];
    this.nodes.forEach((node, index) => {
      if (node.kind !== "operation") values.push(leaves[index]);
      else if (node.op === "grad") values.push(this.derivative(node, values));
      else values.push(this.valueOf(node, values));
    });
    return values;
  }

  valueOf(node, values) {
    const x = node.args.map((operand) => values[operand]);
    const whole = tensorRule(node);
    if (whole) {
      return { shape: node.shape, numbers: Float64Array.from(whole.value(x, node, node.shape)) };
    }
    const rule = RULES[node.op];
    const shape = rule.isMean ? broadcast(x) : node.shape;
    const numbers = zeros(countOf(shape));
    walk(shape, x, (place, operands) => { numbers[place] = rule.value(...operands); });
    if (!rule.isMean || this.isScalar) return { shape: node.shape, numbers };
    return { shape: node.shape, numbers: Float64Array.of(sumOf(numbers) / numbers.length) };
  }

  /** The value of a node that is a derivative: a backward pass over the nodes before it. */
  derivative(node, values) {
    const [output, input] = node.args;
    const active = this.varies[input] ? this.varies : this.dependents([input]);
    const shape = this.nodes[output].shape;
    const seed = { shape, numbers: zeros(countOf(shape)).fill(1) };
    const adjoints = this.backward(values, output, seed, active, []);
    return adjoints[input] ?? { shape: node.shape, numbers: zeros(countOf(node.shape)) };
  }

  forwardEvent(index, values) {
    const { op, args } = this.nodes[index];
    const slots = op === "grad" ? [] : [...args.keys()].filter((slot) => this.active[args[slot]]);
    const partials = slots.map((slot) => ({ slot, local: this.local(index, slot, values) }));
    return { event: "forward", node: index, value: values[index], partials };
  }

  // MARK: Local derivatives

  /** The local derivative along an operand; undefined where it has too many entries. */
  local(index, slot, values) {
    const node = this.nodes[index];
    const x = node.args.map((operand) => values[operand]);
    const out = values[index];
    const whole = tensorRule(node);
    if (whole) return jacobian(whole, node, x, out, slot);
    const rule = RULES[node.op];
    const shape = rule.isMean ? broadcast(x) : node.shape;
    const numbers = zeros(countOf(shape));
    walk(shape, x, (place, operands) => {
      const [a, b, c] = operands;
      const local = rule.partials(a, b, c, out.numbers[rule.isMean ? 0 : place])[slot];
      numbers[place] = rule.isMean ? local / numbers.length : local;
    });
    return { shape, numbers };
  }

  /** What a node sends to one of its operands: adjoint times local derivative. */
  sent(index, slot, values, adjoint) {
    const node = this.nodes[index];
    const x = node.args.map((operand) => values[operand]);
    const whole = tensorRule(node);
    if (whole) {
      // Nothing comes from a branch that was not taken, not even 0 times infinity.
      const isNothing = this.hasChoice && adjoint.numbers.every((number) => number === 0);
      return isNothing ? zeros(x[slot].numbers.length)
        : Float64Array.from(whole.pull(adjoint.numbers, x, values[index], slot, node));
    }
    const local = this.local(index, slot, values);
    const isMean = RULES[node.op].isMean;
    const target = x[slot].shape;
    const result = zeros(countOf(target));
    const isStretched = result.length !== local.numbers.length;
    const columns = broadcastColumns(local.shape);
    local.numbers.forEach((number, place) => {
      const incoming = adjoint.numbers[isMean ? 0 : place];
      if (this.hasChoice && !this.isScalar && incoming === 0) return;
      const own = placeIn(target, Math.floor(place / columns), place % columns);
      const product = incoming * number;
      result[own] = isStretched ? result[own] + product : product;
    });
    return result;
  }

  // MARK: Backward

  /** The adjoints of all nodes that were reached; tells what happened to `events`. */
  backward(values, root, seed, active, events) {
    const adjoints = [];
    const terms = [];
    // Behind a branch of `where` that was not taken nothing is sent on.
    const isReached = [];
    adjoints[root] = seed;
    isReached[root] = true;
    for (let index = root; index >= 0; index -= 1) {
      const { kind, op, args = [], shape } = this.nodes[index];
      const isLeaf = kind !== "operation";
      const isSkipped = this.isScalar ? this.hasChoice && !isReached[index] : !adjoints[index];
      if (!active[index] || (isSkipped && !(isLeaf && this.isScalar))) continue;
      const adjoint = adjoints[index] ?? { shape, numbers: zeros(countOf(shape)) };
      if ((terms[index] ?? []).length > 1) {
        events.push({ event: "fanout", node: index, adjoint, terms: terms[index] });
      }
      if (isLeaf || op === "grad") continue;
      const contributions = [];
      for (const slot of args.keys()) {
        const operand = args[slot];
        if (!active[operand]) continue;
        const contribution = this.send(index, slot, values, adjoint, adjoints);
        contributions.push(contribution);
        terms[operand] ??= [];
        terms[operand].push({ slot, user: index, contribution: contribution.contribution });
      }
      if (contributions.length > 0) {
        events.push({ event: "backward", node: index, adjoint, contributions });
      }
      const taken = op === "where" ? [args[values[args[0]].numbers[0] !== 0 ? 1 : 2]] : args;
      for (const operand of taken) isReached[operand] = true;
    }
    return adjoints;
  }

  /** Adds what a node sends to the adjoint of an operand. */
  send(index, slot, values, adjoint, adjoints) {
    const operand = this.nodes[index].args[slot];
    const { shape } = values[operand];
    const product = { shape, numbers: this.sent(index, slot, values, adjoint) };
    const before = adjoints[operand]?.numbers ?? (this.isScalar ? [0] : null);
    const accumulated = {
      shape,
      numbers: before ? product.numbers.map((number, place) => before[place] + number)
        : product.numbers,
    };
    adjoints[operand] = accumulated;
    return { slot, local: this.local(index, slot, values), contribution: product, accumulated };
  }

  // MARK: Warnings

  /** What a reader should know about a node, as the program says it. */
  warnings(index, values, watch) {
    const node = this.nodes[index];
    if (node.op === "grad") return [];
    const found = [];
    const warn = (kind, more = {}) => found.push({ event: "warning", node: index, kind, ...more });
    const slots = [...node.args.keys()].filter((slot) => this.active[node.args[slot]]);
    const value = values[index];
    const isCause = !isFiniteTensor(value)
      && node.args.every((operand) => isFiniteTensor(values[operand]));
    if (!watch.value && isCause) {
      watch.value = true;
      warn("nonFiniteValue", { value });
    }
    for (const slot of watch.value || watch.partial ? [] : slots) {
      const local = this.local(index, slot, values);
      if (watch.partial || !local || isFiniteTensor(local)) continue;
      watch.partial = true;
      warn("nonFinitePartial", { slot, value: local });
    }
    const remark = slots.length > 0 ? this.remark(node, values, value) : null;
    if (remark) warn(remark);
    return found;
  }

  remark(node, values, out) {
    const x = node.args.map((operand) => values[operand]);
    const whole = tensorRule(node);
    if (whole) return whole.remark?.(x, out, node) ?? null;
    let found = null;
    walk(broadcast(x), x, (_, operands) => { found ??= RULES[node.op].remark(...operands); });
    return found;
  }
}

const isFiniteTensor = ({ numbers }) => numbers.every(Number.isFinite);

/** The shape that operands are stretched to. */
function broadcast(x) {
  const rank = Math.max(...x.map(({ shape }) => shape.length));
  const rows = Math.max(...x.map(({ shape }) => broadcastRows(shape)));
  const columns = Math.max(...x.map(({ shape }) => broadcastColumns(shape)));
  return [[], [columns], [rows, columns]][rank];
}

/** Where the entry of a row and a column lies in an operand that is stretched along axes of size 1. */
function placeIn(shape, row, column) {
  const columns = broadcastColumns(shape);
  return (broadcastRows(shape) === 1 ? 0 : row * columns) + (columns === 1 ? 0 : column);
}

/** Calls `body` with every place of a shape and the operands' numbers there. */
function walk(shape, x, body) {
  const columns = broadcastColumns(shape);
  for (let row = 0; row < broadcastRows(shape); row += 1) {
    for (let column = 0; column < columns; column += 1) {
      body(row * columns + column,
        x.map((operand) => operand.numbers[placeIn(operand.shape, row, column)]));
    }
  }
}

/** A row for each entry of the result, a column for each of the operand. */
function jacobian(rule, node, x, out, slot) {
  const { shape } = x[slot];
  const [rows, columns] = [out.numbers.length, x[slot].numbers.length];
  if (rows * columns > LARGEST_JACOBIAN) return undefined;
  const numbers = zeros(rows * columns);
  for (let entry = 0; entry < rows; entry += 1) {
    const unit = zeros(rows);
    unit[entry] = 1;
    numbers.set(rule.pull(unit, x, out, slot, node), entry * columns);
  }
  return { shape: node.shape.length === 0 ? shape : [rows, columns], numbers };
}

/** The program's own events, with values as tensors, in the form in which `Graph.trace` tells them. */
function recordedTrace(data) {
  const values = data.nodes.map(({ shape, value }) => value !== undefined && tensorOf(shape, value));
  const local = (part) => part.local && tensorOf(part.local.shape, part.local.value);
  const events = data.events.map((event) => {
    const shape = event.shape ?? data.nodes[event.node].shape;
    switch (event.event) {
      case "forward": {
        values[event.node] = tensorOf(shape, event.value);
        const partials = event.partials.map((part) => ({ ...part, local: local(part) }));
        return { ...event, value: values[event.node], partials };
      }
      case "seed": return { ...event, adjoint: tensorOf(shape, event.adjoint) };
      case "fanout": {
        const terms = event.terms.map(
          (term) => ({ ...term, contribution: tensorOf(shape, term.contribution) }));
        return { ...event, adjoint: tensorOf(shape, event.adjoint), terms };
      }
      case "backward": {
        const contributions = event.contributions.map((part) => {
          const own = data.nodes[data.nodes[event.node].args[part.slot]].shape;
          return {
            ...part,
            local: local(part),
            contribution: tensorOf(own, part.contribution),
            accumulated: tensorOf(own, part.accumulated),
          };
        });
        return { ...event, adjoint: tensorOf(shape, event.adjoint), contributions };
      }
      case "gradient": return { ...event, value: tensorOf(event.shape, event.value) };
      default:
        return event.value === undefined ? event : { ...event, value: tensorOf(event.shape ?? [], event.value) };
    }
  });
  return { values, events };
}
