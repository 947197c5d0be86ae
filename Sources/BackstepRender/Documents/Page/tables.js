// The tables of a page: all steps, and where contributions flow together.

/** Makes the tables of a walk. */
class Tables {
  constructor(walk, words) {
    this.walk = walk;
    this.words = words;
    this.data = walk.data;
  }

  /** What flows together at a node, after a step. */
  fanOut(node, now) {
    const most = 12;
    const all = this.walk.terms[node];
    // Of a long sum the part around the current step is shown.
    const current = all.findLastIndex(({ step }) => step <= now);
    const start = Math.max(0, Math.min(all.length - most, current - most / 2));
    const terms = all.slice(start, start + most);
    const rows = terms.map(({ step, user, contribution, sum }, index) => {
      const isDone = step <= now;
      const state = step === now ? "now" : isDone ? "done" : "pending";
      const value = (tensor) => (isDone ? this.dataElement(tensor, 3) : ["span", "not yet"]);
      return ["tr", { class: state },
        ["th", { scope: "row" }, ["a", { href: `#step=${step + 1}` },
          user === null ? "seed" : `from ${this.words.shown(user)}`]],
        ["td", isDone && start + index > 0 && "+= ", value(contribution)], ["td", value(sum)]];
    });
    const count = all.length > most ? ` (${start + 1} to ${start + terms.length} shown)` : "";
    return tableOf(`${this.words.adjointText(node)} gathers ${all.length} contributions${count}`,
      ["From", "Contribution", "Sum so far"], rows);
  }

  /** A value as text that also says its exact numbers to programs. */
  dataElement(tensor, most = 6) {
    return ["data", { value: exactText(tensor) }, this.words.text(tensor, most)];
  }

  /** Tables of the steps from one to another: the way forward and the way back. */
  steps(start, end) {
    const rows = { forward: [], backward: [] };
    for (let index = start; index < end; index += 1) {
      const step = this.walk.steps[index];
      if (step.kind === "forward") rows.forward.push(this.forwardRow(step, index));
      else if (step.phase === "backward") rows.backward.push(this.backwardRow(step, index));
    }
    return [
      rows.forward.length > 0 && tableOf("Forward: values and local derivatives",
        ["Step", "Node", "Operation", "Value", "Local derivatives"], rows.forward),
      rows.backward.length > 0 && tableOf("Backward: contributions and adjoints",
        ["Step", "From", "To", "Adjoint × local derivative", "Contribution", "Sum so far"], rows.backward),
    ].filter(Boolean);
  }

  row(index, ...cells) {
    const number = index + 1;
    return ["tr", { "data-step": number },
      ["th", { scope: "row" }, ["a", { href: `#step=${number}`, "aria-label": `Step ${number}` }, number]],
      ...cells.map((cell) => ["td", ...[cell].flat()])];
  }

  forwardRow({ node, event }, index) {
    const { text, op, args, partials } = this.data.nodes[node];
    const operation = op === "grad" ? "a derivative" : this.words.formulaText(text, node);
    const locals = event.partials.map(({ slot, local }) => ["div",
      ["span", { class: "symbol" }, `∂${this.words.shown(node)}/∂${this.words.shown(args[slot])}`], " = ",
      ...this.localCell(node, partials[slot], local)]);
    return this.row(index, this.words.shown(node), operation, [this.dataElement(event.value)], locals);
  }

  /** A local derivative: formula and numbers, but once only where the formula is the number. */
  localCell(node, { formula, isContribution }, local) {
    const text = local && (isContribution || isNumeral(formula)) ? "" : this.words.formulaText(formula, node);
    return [text && ["span", { class: "formula" }, text], text && local && " = ",
      local && this.dataElement(local)];
  }

  backwardRow(step, index) {
    const { words } = this;
    const { node, operand, event, contribution } = step;
    if (step.kind === "seed") {
      return this.row(index, "seed", words.shown(node), "", [this.dataElement(event.adjoint)],
        [this.dataElement(event.adjoint)]);
    }
    if (step.kind === "fanout") {
      const terms = this.walk.terms[node];
      const sum = terms.length > 6 ? `${terms.length} contributions`
        : terms.map((term) => words.text(term.contribution, 3)).join(" + ").replaceAll(`+ ${MINUS}`, `${MINUS} `);
      return this.row(index, "sum", words.shown(node), sum, "", [this.dataElement(event.adjoint)]);
    }
    const { formula, isContribution } = this.data.nodes[node].partials[contribution.slot];
    const rule = words.formulaText(formula, node);
    const product = isContribution ? [["span", { class: "formula" }, rule]]
      : [this.dataElement(event.adjoint, 3), " × ", ...this.factor(contribution.local, rule)];
    return this.row(index, words.shown(node), words.shown(operand), product,
      [this.dataElement(contribution.contribution)], [this.dataElement(contribution.accumulated)]);
  }

  /** A local derivative behind a times sign: its number, or where it has too many its formula. */
  factor(local, formula) {
    if (!local) return [["span", { class: "formula" }, formula]];
    const number = this.dataElement(local, 3);
    return local.shape.length === 0 && local.numbers[0] < 0 ? ["(", number, ")"] : [number];
  }
}

/** A table under its heading, in a box that can be scrolled. */
function tableOf(title, columns, rows) {
  return element(["div", ["h3", title],
    ["div", { class: "scroller", tabindex: 0, role: "group", "aria-label": title },
      ["table", { "aria-label": title },
        ["thead", ["tr", ...columns.map((column) => ["th", { scope: "col" }, column])]],
        ["tbody", ...rows]]]]);
}

/** A value with all its digits, for programs: a number, or lists of numbers as JSON. */
function exactText({ shape, numbers }) {
  if (shape.length === 0) return typedText(numbers[0]);
  const list = (entries) => `[${Array.from(entries, typedText).join(",")}]`;
  if (shape.length === 1) return list(numbers);
  const rows = Array.from({ length: shape[0] }, (_, row) =>
    list(numbers.slice(row * shape[1], (row + 1) * shape[1])));
  return `[${rows.join(",")}]`;
}
