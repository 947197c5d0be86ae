// The graph as SVG: nodes with their values and adjoints, and what the current step does to them.

/** The largest graph that is drawn as a whole. */
const WHOLE_GRAPH = 150;
/** How many nodes around the current one are drawn of a larger graph. */
const PART_OF_GRAPH = 26;

/** The height of a line of text, and the room around a drawing. */
const LINE = 19;
const MARGIN = 14;
/** The smallest scale at which a drawing is shown before it has to be scrolled. */
const LEAST_SCALE = 0.68;
/** One that is hardly larger than its place is shown as a whole all the same. */
const NEARLY = 0.88;
/** How many digits the numbers beside edges have. */
const LABEL_DIGITS = 3;
const NOT_YET = "—";

/** Draws the graph of a walk into an element, and keeps the drawing up to date. */
class Drawing {
  constructor(canvas, data, onChoose) {
    this.canvas = canvas;
    this.data = data;
    this.onChoose = onChoose;
    this.isWhole = data.nodes.length <= WHOLE_GRAPH;
    this.users = data.nodes.map(() => []);
    data.nodes.forEach(({ args = [] }, node) => {
      for (const operand of args) this.users[operand].push(node);
    });
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /** Lays the graph out anew: for another trace, other digits, another width. */
  begin(walk, words) {
    this.walk = walk;
    this.words = words;
    this.brief = new Words(this.data, words.digits === "all" ? 2 : Math.min(2, words.digits));
    this.shownNodes = null;
  }

  /** Shows what is known after a step. */
  show(index) {
    const step = this.walk.steps[index];
    if (!this.shownNodes || !this.isInView(step)) {
      this.shownNodes = this.isWhole ? [...this.data.nodes.keys()] : this.around(step);
      this.build(this.shownNodes);
    }
    this.update(step, index);
  }

  /** Whether all that a step is about is drawn: then a part of a graph stays as it is. */
  isInView(step) {
    if (this.isWhole) return true;
    const { args = [] } = this.data.nodes[step.node] ?? {};
    const needed = [step.node, step.operand, ...args.slice(0, 4)];
    return needed.every((node) => node === undefined || this.shownNodes.includes(node));
  }

  /** The nodes near the one that a step is about: its operands and users, and theirs. */
  around(step) {
    const center = step.node ?? (step.kind === "start" ? 0 : this.data.root);
    const near = new Set([center]);
    if (step.operand !== undefined) near.add(step.operand);
    // Nearest first, operands before users, a few of each so that no fan-out fills the drawing.
    for (const node of near) {
      if (near.size >= PART_OF_GRAPH) break;
      const operands = this.data.nodes[node].args ?? [];
      for (const next of [...operands.slice(0, 8), ...this.users[node].slice(0, 4)]) {
        if (near.size < PART_OF_GRAPH) near.add(next);
      }
    }
    return [...near].sort((one, other) => one - other);
  }

  // MARK: Building

  /** The lines of text on a node, at their widest. */
  labels(node) {
    const { name, kind, text, op } = this.data.nodes[node];
    const shown = nameText(name);
    if (kind === "constant") return [limited(this.words.shown(node), 16)];
    const formula = op === "grad" ? "a derivative" : text && this.words.formulaText(text, node);
    const title = kind === "operation" ? `${shown} = ${limited(formula, 30 - shown.length)}` : shown;
    const last = this.walk.steps.length;
    const adjoint = this.walk.adjoint(node, last);
    const lines = [title, this.valueLine(node, last)];
    if (adjoint) lines.push(this.adjointLine(node, last));
    return lines;
  }

  /** How wide a node must be to hold its lines after every step. */
  widthFor(node, lines) {
    const partial = this.walk.terms[node].slice(0, 8).map(({ step }) => this.adjointLine(node, step));
    return this.widthOf([...lines, ...partial]);
  }

  /** A value in a line: of a tensor two digits, for there is little room. */
  text(tensor) {
    return tensor.shape.length === 0 ? this.words.text(tensor) : this.brief.text(tensor, 2, true);
  }

  valueLine(node, index) {
    const value = this.walk.value(node, index);
    return value ? this.text(value) : NOT_YET;
  }

  adjointLine(node, index) {
    const adjoint = this.walk.adjoint(node, index);
    const name = this.isBrief ? "∂" : limited(this.words.adjointText(node), 18);
    if (!adjoint) return `${name} = ${NOT_YET}`;
    return `${name} = ${this.text(adjoint.sum)}${adjoint.isComplete ? "" : " + …"}`;
  }

  /** The width of lines of which the first is the title. */
  widthOf([title, ...texts]) {
    const widthOf = (text, weight) => {
      this.pen.font = `${weight} 14.5px ${getComputedStyle(document.body).fontFamily}`;
      return this.pen.measureText(text).width;
    };
    return Math.max(widthOf(title, 600), ...texts.map((text) => widthOf(text, 400)));
  }

  build(nodes) {
    this.choosePlan(nodes);
    const { width, height } = this.plan;
    const svg = element(["svg", {
      viewBox: `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`,
      width: Math.round((width + 2 * MARGIN) * this.scale),
      height: Math.round((height + 2 * MARGIN) * this.scale),
      role: "img",
      "aria-label": this.description(nodes),
    },
    ["defs", ...["", "-forward", "-back"].map((kind) => ["marker", {
      id: `arrow${kind}`, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: kind ? 5 : 7,
      markerHeight: kind ? 5 : 7, orient: "auto-start-reverse",
    }, ["path", { d: "M0 0L10 5L0 10z" }]])],
    ["g", { class: "edges" }, ...this.plan.edges.map((edge) => this.edgeElement(edge))],
    ["g", { class: "nodes" }, ...this.plan.boxes.map((box) => this.nodeElement(box))],
    ["g", { class: "labels" }]]);
    this.canvas.replaceChildren(svg);
    this.edges = new Map([...svg.querySelectorAll("[data-edge]")].map((one) => [one.dataset.edge, one]));
    this.nodes = new Map([...svg.querySelectorAll("[data-node]")].map((one) => [Number(one.dataset.node), one]));
    this.labelLayer = svg.querySelector(".labels");
  }

  /** Lays the nodes out in the direction in which they come out largest; briefly where room is scarce. */
  choosePlan(nodes) {
    const isThere = new Set(nodes);
    const edges = nodes.flatMap((to) => (this.data.nodes[to].args ?? []).flatMap((from, slot) => (
      isThere.has(from) ? [{ from, to, slot }] : [])));
    for (this.isBrief of [false, true]) {
      const boxes = nodes.map((node) => this.boxOf(node));
      const [across, upright] = [layout(boxes, edges, false), layout(boxes, edges, true)];
      const [fitAcross, fitUpright] = [across, upright].map(({ width, height }) => Math.min(
        this.canvas.clientWidth / (width + 2 * MARGIN), this.roomBelow() / (height + 2 * MARGIN)));
      // From left to right reads best, unless from top to bottom is much larger.
      const isAcross = Math.max(fitAcross, LEAST_SCALE) * 1.3 >= Math.max(fitUpright, LEAST_SCALE)
        && this.canvas.clientWidth > 560;
      this.plan = isAcross ? across : upright;
      const fit = isAcross ? fitAcross : fitUpright;
      this.isCut = fit < NEARLY * LEAST_SCALE;
      this.scale = Math.min(this.mostScale(), this.isCut && !this.isFitted ? LEAST_SCALE : fit);
      if (fit >= 0.8 * this.mostScale()) break;
    }
  }

  boxOf(node) {
    const lines = this.labels(node);
    const isClose = this.data.nodes[node].kind === "constant";
    const width = Math.ceil(this.widthFor(node, lines)) + (isClose ? 12 : 24);
    return {
      id: node, width: Math.max(isClose ? 24 : 60, width), isClose,
      height: lines.length * LINE + (isClose ? 8 : 14),
    };
  }

  /** How high a drawing may be that leaves room for the calculation. */
  roomBelow() {
    const isLarge = document.documentElement.dataset.theme === "projector";
    return Math.max(200, innerHeight * (innerWidth < 600 ? 0.36 : isLarge ? 0.34 : 0.4));
  }

  mostScale() { return Math.max(1.1, parseFloat(getComputedStyle(document.body).fontSize) / 14); }

  description(nodes) {
    const count = (kind) => nodes.filter((node) => this.data.nodes[node].kind === kind).length;
    const what = this.isWhole ? "The graph" : "The part of the graph around the current step";
    return `${what}: `
      + `${count("input") + count("data")} inputs, ${count("operation")} operations. `
      + "The tables below say all that it shows.";
  }

  edgeElement({ from, to, slot, points }) {
    const [start, ...rest] = points;
    let path = `M${start.x} ${start.y}`;
    let last = start;
    for (const [index, point] of rest.entries()) {
      // Straight along a layer, a curve between two.
      const isCurve = index % 2 === 1;
      if (!isCurve && (point.x !== last.x || point.y !== last.y)) path += `L${point.x} ${point.y}`;
      if (isCurve) path += curve(last, point, this.plan.isUpright);
      last = point;
    }
    return ["path", {
      "data-edge": `${to}.${slot}`, "data-from": from, d: path, class: "edge", "marker-end": "url(#arrow)",
    }];
  }

  nodeElement({ id, x, y, width, height }) {
    const { kind, name } = this.data.nodes[id];
    const [left, top] = [x - width / 2, y - height / 2];
    const isShared = this.walk.terms[id].length > 1;
    const classes = ["node", kind, id === this.data.root && "output", isShared && "shared"];
    const labels = this.labels(id);
    const rows = ["title", "value", "adjoint"].slice(0, labels.length);
    const first = top + (height - labels.length * LINE) / 2 + LINE * 0.74;
    const radius = kind === "input" || kind === "data" ? 20 : 6;
    return ["g", {
      class: classes.filter(Boolean).join(" "), "data-node": id, onclick: () => this.onChoose(id),
    },
    ["title", nameText(name)],
    ["rect", { x: left, y: top, width, height, rx: kind === "constant" ? 6 : radius }],
    id === this.data.root && ["rect", {
      class: "inner", x: left + 3.5, y: top + 3.5, width: width - 7, height: height - 7, rx: 5,
    }],
    ...rows.map((row, line) => ["text", { class: row, x, y: first + line * LINE },
      row === "title" ? labels[0] : ""])];
  }

  // MARK: Following the steps

  update(step, index) {
    for (const [node, group] of this.nodes) {
      const value = group.querySelector(".value");
      const adjoint = group.querySelector(".adjoint");
      setText(value, this.valueLine(node, index));
      setText(adjoint, this.adjointLine(node, index));
      value?.classList.toggle("missing", !this.walk.value(node, index));
      adjoint?.classList.toggle("missing", !this.walk.adjoint(node, index));
      group.classList.toggle("current", node === step.node);
      group.classList.toggle("partner", this.isPartner(node, step));
    }
    const isBack = step.phase === "backward";
    const active = new Map(this.activeEdges(step));
    for (const [key, path] of this.edges) {
      path.classList.toggle("forward", active.has(key) && !isBack);
      path.classList.toggle("back", active.has(key) && isBack);
      const arrow = active.has(key) ? (isBack ? "back" : "forward") : null;
      path.setAttribute("marker-end", `url(#arrow${arrow === "forward" ? "-forward" : ""})`);
      if (arrow === "back") {
        path.setAttribute("marker-start", "url(#arrow-back)");
        path.removeAttribute("marker-end");
      } else {
        path.removeAttribute("marker-start");
      }
    }
    this.labelLayer.replaceChildren(...[...active].flatMap(([key, text]) => this.edgeLabel(key, text, isBack)));
    this.center(step);
  }

  isPartner(node, step) {
    if (step.kind === "send") return node === step.operand;
    if (step.kind === "forward") return this.data.nodes[step.node].args.includes(node);
    return step.kind === "fanout" && this.walk.terms[step.node].some(({ user }) => user === node);
  }

  /** The edges that a step goes along, with what there is to write beside them. */
  activeEdges({ kind, node, event, contribution }) {
    const number = (tensor) => (tensor && tensor.shape.length === 0
      ? numberText(tensor.numbers[0], LABEL_DIGITS) : "");
    const signed = (text, sign) => (text ? sign + text : "");
    if (kind === "forward") {
      return this.data.nodes[node].args.map((_, slot) => {
        const partial = event.partials.find((one) => one.slot === slot);
        return [`${node}.${slot}`, partial && number(partial.local)];
      });
    }
    if (kind === "send") {
      return [[`${node}.${contribution.slot}`, signed(number(contribution.local), "×")]];
    }
    if (kind !== "fanout") return [];
    return this.walk.terms[node].filter(({ user }) => user !== null)
      .map(({ user, slot, contribution: sent }) => {
        const text = number(sent);
        return [`${user}.${slot}`, text.startsWith(MINUS) ? text : signed(text, "+")];
      });
  }

  /** The number at an edge: in the last gap between layers, where no node is. */
  edgeLabel(key, text, isBack) {
    const edge = this.plan.edges.find(({ to, slot }) => `${to}.${slot}` === key);
    if (!edge || !text) return [];
    const [from, to] = edge.points.slice(-3);
    const place = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    if (this.plan.isUpright) {
      place.x += 7;
      place.y += 5;
    } else {
      place.y -= 8;
    }
    const kind = `label ${isBack ? "back" : "forward"}${this.plan.isUpright ? " beside" : ""}`;
    return [element(["text", { class: kind, ...place }, text], SVG)];
  }

  /** Scrolls to where the step happens, if it is out of sight. */
  center(step) {
    const box = this.plan.boxes.find(({ id }) => id === step.node);
    if (!box) return;
    const [x, y] = [(box.x + MARGIN) * this.scale, (box.y + MARGIN) * this.scale];
    const { clientWidth, clientHeight, scrollLeft, scrollTop } = this.canvas;
    const isOut = (at, start, size, half) => at - half < start || at + half > start + size;
    if (isOut(x, scrollLeft, clientWidth, (box.width / 2) * this.scale)
      || isOut(y, scrollTop, clientHeight, (box.height / 2) * this.scale)) {
      this.canvas.scrollTo({ left: x - clientWidth / 2, top: y - clientHeight / 2, behavior: motion() });
    }
  }
}

/** How scrolling moves: at once where less motion is wanted. */
const motion = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

function setText(text, content) {
  if (text && text.textContent !== content) text.textContent = content;
}

/** A text of at most so many characters. */
function limited(text, count) {
  const letters = [...text];
  return letters.length <= count ? text : `${letters.slice(0, Math.max(1, count - 1)).join("")}…`;
}

/** A curve that leaves and arrives along the direction in which the layers follow each other. */
function curve(from, to, isUpright) {
  const [halfX, halfY] = [(to.x - from.x) / 2, (to.y - from.y) / 2];
  return isUpright
    ? `C${from.x} ${from.y + halfY} ${to.x} ${to.y - halfY} ${to.x} ${to.y}`
    : `C${from.x + halfX} ${from.y} ${to.x - halfX} ${to.y} ${to.x} ${to.y}`;
}
