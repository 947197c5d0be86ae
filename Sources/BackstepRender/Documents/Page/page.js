// The page itself: the current step, its controls, and the inputs that can be changed.

/** The longest list of steps that is shown as a whole. */
const WHOLE_TABLE = 400;
/** How many steps around the current one are listed of a longer trace. */
const PART_OF_TABLE = 120;
/** How many calculations are printed. */
const PRINTED = 400;
/** How long a step is shown while all are played, in milliseconds. */
const PACE = 1600;

const find = (id) => document.getElementById(id);

class Page {
  constructor(data) {
    this.data = data;
    tellApart(data.nodes.map(({ name }) => name));
    this.graph = new Graph(data);
    this.leaves = data.nodes.map(({ kind, shape, value }) => (
      kind === "operation" ? null : tensorOf(shape, value)));
    this.original = recordedTrace(data);
    this.digits = data.digits;
    this.step = 0;
    this.drawing = new Drawing(find("graph"), data, (node) => this.choose(node));
    this.buildSettings();
    new Inputs(find("inputs"), data, this.leaves, this.graph.isKnown, {
      change: () => this.recompute(),
      done: () => this.tellResult(),
      mistake: (sentence) => { find("result").textContent = sentence; },
      reset: () => this.goBack(),
    });
    this.buildDefinitions();
    this.listen();
    this.take(this.original);
    this.followLink();
  }

  // MARK: Traces

  /** Shows another trace, at the same step where there is one. */
  take(trace) {
    this.walk = new Walk(trace, this.data);
    this.words = new Words(this.data, this.digits);
    this.step = Math.min(this.step, this.walk.steps.length - 1);
    this.tables = new Tables(this.walk, this.words);
    this.listed = null;
    this.drawing.begin(this.walk, this.words);
    find("slider").max = this.walk.steps.length;
    this.show();
  }

  /** Computes everything anew for the inputs as they are now. */
  recompute() {
    this.take(this.graph.trace(this.leaves));
    this.tellResult();
  }

  /** Shows the program's own numbers again. */
  goBack() {
    this.take(this.original);
    this.tellResult();
  }

  /** Says what the output is now. */
  tellResult() {
    const value = this.walk.values[this.data.root];
    find("result").textContent = `${nameText(this.data.nodes[this.data.root].name)} is `
      + `${this.words.text(value)}.`;
  }

  // MARK: Steps

  go(step) {
    const last = this.walk.steps.length - 1;
    const next = Math.max(0, Math.min(last, step));
    if (next === this.step) return;
    this.step = next;
    this.show();
    this.writeLink();
  }

  /** Goes to where a node is computed, or from there to where its adjoint is. */
  choose(node) {
    const { steps } = this.walk;
    const computed = steps.findIndex((step) => step.kind === "forward" && step.node === node);
    const derived = this.walk.terms[node].at(-1)?.step ?? -1;
    const wanted = this.step === computed || computed < 0 ? derived : computed;
    if (wanted >= 0) this.go(wanted);
  }

  show() {
    const { steps } = this.walk;
    const [step, number] = [steps[this.step], this.step + 1];
    document.body.dataset.phase = step.phase;
    find("step-title").textContent = `Step ${number} of ${steps.length}. ${this.words.title(step)}`;
    find("sentence").textContent = this.words.sentence(this.walk, this.step);
    const lines = this.words.calculation(this.walk, this.step);
    this.showLines(lines);
    find("warnings").replaceChildren(...(step.warnings ?? []).map(
      (warning) => element(["li", this.words.warningText(warning)])));
    this.drawing.show(this.step);
    find("fit").hidden = !this.drawing.isCut;
    find("graph-note").hidden = this.drawing.isWhole;
    find("graph-note").textContent = `The graph has ${this.data.nodes.length} nodes: drawn are the `
      + `${this.drawing.shownNodes.length} around this step.`;
    this.showFanOut();
    this.showTables();
    const slider = find("slider");
    slider.value = number;
    slider.setAttribute("aria-valuetext", `${number} of ${steps.length}: ${this.words.title(step)}`);
    find("link").textContent = `${number} / ${steps.length}`;
    find("link").href = `#step=${number}`;
    find("link").setAttribute("aria-label", `${number} / ${steps.length}: a link to this step`);
    for (const id of ["first", "previous"]) disable(find(id), this.step === 0);
    for (const id of ["next", "last"]) disable(find(id), number === steps.length);
  }

  /** Shows a calculation; where it is too wide, smaller, and then with a line for each equals sign. */
  showLines(lines) {
    const area = find("lines");
    for (const [isTight, shown] of [[false, lines], [true, lines], [true, lines.flatMap(broken)]]) {
      // The size first: browsers do not stretch brackets anew when it changes.
      area.classList.toggle("tight", isTight);
      area.replaceChildren(...equations(shown));
      if (area.scrollWidth <= area.clientWidth) return;
    }
  }

  // MARK: Where contributions flow together

  showFanOut() {
    const { shared, terms } = this.walk;
    const most = 5;
    const distance = (node) => Math.min(...terms[node].map(({ step }) => Math.abs(step - this.step)));
    const near = shared.length <= most ? shared
      : shared.map((node) => [distance(node), node]).sort(([one], [other]) => one - other)
        .slice(0, most).map(([, node]) => node).sort((one, other) => terms[one][0].step - terms[other][0].step);
    const rest = shared.length - near.length;
    find("fanout").replaceChildren(
      ...(shared.length === 0 ? [element(["p", { class: "note" },
        "Every value is used once only, so each adjoint is a single contribution."])] : []),
      ...(rest > 0 ? [element(["p", { class: "note" },
        `${shared.length} values are used more than once: these are the ${near.length} nearest to this step.`])] : []),
      ...near.map((node) => this.tables.fanOut(node, this.step)));
  }

  // MARK: All steps

  showTables() {
    const { steps } = this.walk;
    const isWhole = steps.length <= WHOLE_TABLE;
    const start = isWhole ? 0 : Math.max(0, Math.min(steps.length - PART_OF_TABLE,
      Math.floor(this.step / (PART_OF_TABLE / 2)) * (PART_OF_TABLE / 2) - PART_OF_TABLE / 4));
    if (this.listed !== start) {
      this.listed = start;
      const end = isWhole ? steps.length : start + PART_OF_TABLE;
      find("steps").replaceChildren(...this.tables.steps(start, end));
      find("steps-note").hidden = isWhole;
      find("steps-note").textContent = `There are ${steps.length} steps: listed are ${start + 1} to `
        + `${Math.min(end, steps.length)}, around the current one.`;
    }
    for (const row of find("steps").querySelectorAll("tr.current")) {
      row.classList.remove("current");
      row.querySelector("a").removeAttribute("aria-current");
    }
    const row = find("steps").querySelector(`tr[data-step="${this.step + 1}"]`);
    row?.classList.add("current");
    row?.querySelector("a").setAttribute("aria-current", "step");
  }

  // MARK: Settings

  buildSettings() {
    const digits = find("digits");
    for (const count of [...new Set([3, 6, 10, this.data.digits])].sort((one, other) => one - other)) {
      digits.append(element(["option", { value: count }, count]));
    }
    digits.append(element(["option", { value: "all" }, "all"]));
    digits.value = this.digits;
    digits.addEventListener("change", () => {
      this.digits = digits.value === "all" ? "all" : Number(digits.value);
      this.take({ values: this.walk.values, events: this.walk.events });
    });
    const look = find("look");
    look.addEventListener("change", () => {
      document.documentElement.dataset.theme = look.value;
      this.drawing.begin(this.walk, this.words);
      this.show();
    });
    const fit = find("fit");
    fit.addEventListener("click", () => {
      this.drawing.isFitted = !this.drawing.isFitted;
      fit.setAttribute("aria-pressed", this.drawing.isFitted);
      this.drawing.begin(this.walk, this.words);
      this.show();
    });
    find("legend").replaceChildren(
      element(["li", { class: "value" }, "value"]),
      element(["li", { class: "adjoint" }, `adjoint ∂: ∂${nameText(this.data.nodes[this.data.root].name)}/∂node`]),
      element(["li", `${NOT_YET} not computed yet`]),
      element(["li", "thick border: used more than once"]));
  }

  buildDefinitions() {
    const text = this.data.definitions.map((one) => one.text).join("\n");
    // Names from right to left by themselves, without marks in what is copied.
    find("definitions").replaceChildren(...text.split(RIGHT_TO_LEFT).map(
      (part, place) => (place % 2 === 1 ? element(["bdi", part]) : part)));
    const section = find("definitions").closest("section");
    section.classList.toggle("long", this.data.definitions.length > 80);
    section.hidden = this.data.definitions.length === 0;
  }

  // MARK: Controls

  listen() {
    const press = (id, action) => find(id).addEventListener("click", () => {
      if (find(id).getAttribute("aria-disabled") !== "true") action();
    });
    press("first", () => this.go(0));
    press("previous", () => this.go(this.step - 1));
    press("next", () => this.go(this.step + 1));
    press("last", () => this.go(this.walk.steps.length - 1));
    press("play", () => this.play(!this.timer));
    find("slider").addEventListener("input", () => this.go(Number(find("slider").value) - 1));
    addEventListener("hashchange", () => this.followLink());
    addEventListener("keydown", (event) => this.key(event));
    this.listenToSwipes(find("calculation"));
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      this.drawing.begin(this.walk, this.words);
      this.show();
    });
    addEventListener("beforeprint", () => this.print());
    addEventListener("afterprint", () => this.afterPrint());
  }

  key(event) {
    const isTyping = event.target.matches?.("input, select, textarea");
    if (isTyping || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const last = this.walk.steps.length - 1;
    const target = {
      ArrowLeft: this.step - 1, ArrowRight: this.step + 1, PageUp: undefined, Home: 0, End: last,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.go(target);
  }

  listenToSwipes(area) {
    let start = null;
    area.addEventListener("touchstart", (event) => {
      const touch = event.touches.length === 1 ? event.touches[0] : null;
      // What can be scrolled sideways is scrolled, and nothing else.
      const scroller = event.target.closest?.(".lines");
      const isScrollable = scroller && scroller.scrollWidth > scroller.clientWidth;
      start = touch && !isScrollable ? { x: touch.clientX, y: touch.clientY } : null;
    }, { passive: true });
    area.addEventListener("touchend", (event) => {
      if (!start) return;
      const { clientX, clientY } = event.changedTouches[0];
      const [dx, dy] = [clientX - start.x, clientY - start.y];
      start = null;
      if (Math.abs(dx) > 45 && Math.abs(dx) > 2 * Math.abs(dy)) this.go(this.step + (dx < 0 ? 1 : -1));
    }, { passive: true });
  }

  play(isOn) {
    clearInterval(this.timer);
    this.timer = null;
    find("play").setAttribute("aria-pressed", isOn);
    find("play").textContent = isOn ? "Stop" : "Play";
    if (!isOn) return;
    if (this.step === this.walk.steps.length - 1) this.go(0);
    this.timer = setInterval(() => {
      this.go(this.step + 1);
      if (this.step === this.walk.steps.length - 1) this.play(false);
    }, PACE);
  }

  /** Goes to the step that the address names. */
  followLink() {
    const number = Number(/^#step=(\d+)$/.exec(location.hash)?.[1]);
    if (number >= 1) this.go(number - 1);
  }

  writeLink() {
    try {
      history.replaceState(null, "", `#step=${this.step + 1}`);
    } catch {
      // A browser may keep a page from disk from changing its address, or limit how often.
    }
  }

  // MARK: Paper

  /** On paper there is no stepping: the last state of the graph, and every calculation. */
  print() {
    this.beforePrint ??= this.step;
    this.step = this.walk.steps.length - 1;
    this.show();
    const steps = this.walk.steps.slice(0, PRINTED);
    find("calculations").replaceChildren(...steps.map((step, index) => element(["li",
      ["h3", this.words.title(step)],
      ["p", this.words.sentence(this.walk, index)],
      ["div", { class: "lines" }, ...equations(this.words.calculation(this.walk, index))],
      ...(step.warnings ?? []).map((warning) => ["p", this.words.warningText(warning)])])));
    if (this.walk.steps.length > PRINTED) {
      find("calculations").append(element(["li", `The first ${PRINTED} of ${this.walk.steps.length} steps.`]));
    }
    find("paper").hidden = false;
  }

  afterPrint() {
    find("paper").hidden = true;
    find("calculations").replaceChildren();
    if (this.beforePrint !== undefined) this.step = this.beforePrint;
    this.beforePrint = undefined;
    this.show();
  }
}

/** Equations under each other, at most forty. */
function equations(lines) {
  const most = 40;
  const made = lines.slice(0, most).map(({ left, sign, parts, isShort }) => element(
    ["div", { class: left ? (isShort ? "short" : null) : "continued" },
      ["math", { display: "block" }, ["mrow", left,
        ...parts.flatMap((part, place) => [["mo", place === 0 ? sign : "="], part])]]]));
  if (lines.length > most) made.push(element(["p", { class: "note" }, `and ${lines.length - most} more`]));
  return made;
}

/** A line of a calculation with each of its parts on a line of its own. */
const broken = ({ left, sign, parts }) => parts.map((part, place) => (
  { left: place === 0 ? left : null, sign: place === 0 ? sign : "=", parts: [part] }));

/** A button at the end of its way stays where it is, so that the keyboard does not lose it. */
function disable(button, isDisabled) {
  button.setAttribute("aria-disabled", isDisabled);
}

if (typeof document !== "undefined") new Page(JSON.parse(find("data").textContent));
