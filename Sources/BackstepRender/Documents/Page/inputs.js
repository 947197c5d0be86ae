// The inputs of a page: fields for their numbers.

/** How many entries of a vector or a matrix can be edited. */
const EDITABLE = 400;

/**
 * Fields for the leaves of a graph.
 *
 * `leaves` are kept up to date. `on` is told: `change` when they are other numbers, `done` when a field
 * was left, `mistake` with a sentence when no number was typed, `reset` when the first ones are back.
 */
class Inputs {
  constructor(form, data, leaves, isEditable, on) {
    Object.assign(this, { form, data, leaves, isEditable, on });
    this.build(form);
  }

  /** Fields for all inputs, in the order in which they were defined. */
  build(form) {
    form.addEventListener("submit", (event) => event.preventDefault());
    if (!this.isEditable) {
      form.append(element(["p", { class: "note" }, "This page cannot compute one of the operations "
        + "anew, so the inputs are shown as they are."]));
    }
    const place = new Map(this.data.definitions.map(({ name }, index) => [name, index]));
    const orderOf = (node) => place.get(this.data.nodes[node].name) ?? 0;
    const inputs = [...this.data.nodes.keys()]
      .filter((node) => ["input", "data"].includes(this.data.nodes[node].kind))
      .sort((one, other) => orderOf(one) - orderOf(other));
    for (const node of inputs) {
      const { kind, name, shape } = this.data.nodes[node];
      const label = nameText(name);
      const tag = kind === "data" ? ["span", { class: "tag" }, "const"] : null;
      if (shape.length === 0) {
        const field = this.field(node, 0, null);
        form.append(element(["div", { class: "scalar" },
          ["label", { for: `input-${node}-0` }, label, tag && " ", tag], field]));
      } else {
        form.append(element(this.fieldGrid(node, label, tag, shape)));
      }
    }
    form.append(element(["div", { class: "actions" },
      ["button", { type: "button", onclick: () => this.reset() }, "Back to the first numbers"]]));
  }

  fieldGrid(node, label, tag, shape) {
    const width = columnsOf(shape);
    const columns = Math.min(width, EDITABLE);
    const rows = Math.min(shape[0], Math.max(1, Math.floor(EDITABLE / columns)));
    const isPart = rows < shape[0] || columns < width;
    const place = (row, column) => (shape.length === 1 ? `${row + 1}` : `${row + 1},${column + 1}`);
    return ["fieldset", ["legend", `${label}  ${shape.join("×")}`, tag && " ", tag],
      ["div", { class: "scroller", tabindex: 0, role: "group", "aria-label": `Entries of ${label}` },
        ["div", { class: shape.length === 1 ? "grid row" : "grid" },
          ...Array.from({ length: rows }, (_, row) => ["div",
            ...Array.from({ length: columns }, (__, column) => (
              this.field(node, row * width + column, `${label}[${place(row, column)}]`)))])]],
      isPart && ["p", { class: "note" }, `The first ${rows * columns} of ${countOf(shape)} entries.`]];
  }

  /** A field for one number. */
  field(node, place, label) {
    const field = element(["input", {
      type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
      id: `input-${node}-${place}`, "aria-label": label, "data-node": node, "data-place": place,
      value: typedText(this.leaves[node].numbers[place]), disabled: !this.isEditable,
    }]);
    field.addEventListener("input", () => this.edit(field));
    field.addEventListener("change", () => this.on.done());
    field.addEventListener("keydown", (event) => this.nudge(field, event));
    return field;
  }

  /** Takes over what stands in a field; text that is no number changes nothing. */
  edit(field) {
    const number = typedNumber(field.value);
    field.setAttribute("aria-invalid", number === undefined);
    if (number === undefined) {
      this.on.mistake("That is not a number; the last one is kept.");
      return;
    }
    const { node, place } = field.dataset;
    this.leaves[node].numbers[place] = number;
    clearTimeout(this.waiting);
    // A large graph is computed when the typing pauses.
    if (this.data.nodes.length > 300) this.waiting = setTimeout(this.on.change, 200);
    else this.on.change();
  }

  /** Up and down change the last digit but one place to the right: 0.5 goes to 0.6. */
  nudge(field, event) {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const number = typedNumber(field.value);
    if (!direction || !Number.isFinite(number)) return;
    event.preventDefault();
    const decimals = /\.(\d*)/.exec(field.value)?.[1].length ?? 0;
    const places = Math.max(1, Math.min(decimals, 6));
    field.value = typedText(Number((number + direction * 10 ** -places).toFixed(places)));
    this.edit(field);
  }

  /** Puts the first numbers back. */
  reset() {
    this.data.nodes.forEach(({ kind, shape, value }, node) => {
      if (kind !== "operation") this.leaves[node] = tensorOf(shape, value);
    });
    for (const field of this.form.querySelectorAll("input")) {
      field.value = typedText(this.leaves[field.dataset.node].numbers[field.dataset.place]);
      field.removeAttribute("aria-invalid");
    }
    clearTimeout(this.waiting);
    this.on.reset();
  }
}
