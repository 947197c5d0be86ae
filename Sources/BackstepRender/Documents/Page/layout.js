// Where the nodes of a graph are drawn: in layers, along the way from the inputs to the output.
//
// Sugiyama, Tagawa and Toda, *Methods for Visual Understanding of Hierarchical System Structures*
// (1981): layers, places for long edges in the layers between, few crossings by sorting each layer by
// the mean place of its neighbours, then coordinates. All is computed for layers from left to right;
// for layers from top to bottom the two axes change places at the end.

/** Room for the number beside an edge, which is wider than it is high. */
const GAP_ACROSS = 66;
const GAP_UPRIGHT = 54;
const GAP_IN_LAYER = 18;
const SWEEPS = 12;

/**
 * Lays out a graph.
 *
 * `boxes` are { id, width, height, isClose }, operands before those that use them; `edges` are
 * { from, to }. The answer has the boxes with x and y of their centres, the edges with points, and
 * the width and height of it all.
 */
function layout(boxes, edges, isUpright) {
  const cells = boxes.map((box) => ({
    box,
    // How much room it takes along its layer, and across.
    size: isUpright ? box.width : box.height,
    depth: isUpright ? box.height : box.width,
    before: [],
    after: [],
  }));
  const cellOf = new Map(cells.map((cell) => [cell.box.id, cell]));
  chooseLayers(cells, cellOf, edges);
  const layers = [];
  for (const cell of cells) (layers[cell.layer] ??= []).push(cell);
  const chains = edges.map((edge) => chainOf(cellOf.get(edge.from), cellOf.get(edge.to), layers));
  reduceCrossings(layers);
  placeInLayers(layers);
  return drawn(cells, edges, chains, layers, isUpright);
}

/** An operation comes right after the last of its operands, a leaf right before its first use. */
function chooseLayers(cells, cellOf, edges) {
  const users = new Map(cells.map((cell) => [cell, []]));
  const operands = new Map(cells.map((cell) => [cell, []]));
  for (const { from, to } of edges) {
    users.get(cellOf.get(from)).push(cellOf.get(to));
    operands.get(cellOf.get(to)).push(cellOf.get(from));
  }
  for (const cell of cells) {
    const layers = operands.get(cell).map((operand) => operand.layer);
    cell.layer = layers.length > 0 ? Math.max(...layers) + 1 : 0;
  }
  for (const cell of cells.toReversed()) {
    const layers = users.get(cell).map((user) => user.layer);
    if (operands.get(cell).length === 0 && layers.length > 0) cell.layer = Math.min(...layers) - 1;
  }
  const first = Math.min(...cells.map(({ layer }) => layer));
  for (const cell of cells) cell.layer -= first;
}

/** The cells along an edge, with a new one in each layer between. */
function chainOf(from, to, layers) {
  const chain = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer += 1) {
    const cell = { box: null, size: 6, depth: 0, layer, before: [], after: [] };
    (layers[layer] ??= []).push(cell);
    chain.push(cell);
  }
  chain.push(to);
  for (let index = 1; index < chain.length; index += 1) {
    chain[index - 1].after.push(chain[index]);
    chain[index].before.push(chain[index - 1]);
  }
  return chain;
}

/** How many edges between two neighbouring layers cross. */
function crossings(layers) {
  let count = 0;
  for (const layer of layers) {
    const ends = layer.flatMap((cell) => cell.after.map((next) => next.place).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i += 1) {
      for (let j = i + 1; j < ends.length; j += 1) if (ends[i] > ends[j]) count += 1;
    }
  }
  return count;
}

const numberPlaces = (layer) => layer.forEach((cell, place) => { cell.place = place; });
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Sorts each layer by its neighbours' mean places, forth and back, and keeps the best order. */
function reduceCrossings(layers) {
  layers.forEach(numberPlaces);
  const isLarge = layers.some((layer) => layer.length > 120);
  let best = layers.map((layer) => [...layer]);
  let fewest = isLarge ? Infinity : crossings(layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    const isForth = sweep % 2 === 0;
    for (const layer of isForth ? layers : layers.toReversed()) {
      for (const cell of layer) {
        const neighbours = isForth ? cell.before : cell.after;
        cell.key = neighbours.length > 0 ? mean(neighbours.map(({ place }) => place)) : cell.place;
      }
      layer.sort((one, other) => one.key - other.key || one.place - other.place);
      numberPlaces(layer);
    }
    const count = isLarge ? fewest - 1 : crossings(layers);
    if (count < fewest) {
      fewest = count;
      best = layers.map((layer) => [...layer]);
    }
  }
  best.forEach((layer, index) => {
    layers[index] = layer;
    numberPlaces(layer);
  });
}

/** Moves the cells of each layer towards the mean of their neighbours without touching each other. */
function placeInLayers(layers) {
  const gap = (one, other) => (one.size + other.size) / 2
    + (one.box && other.box ? GAP_IN_LAYER : GAP_IN_LAYER / 1.5);
  for (const layer of layers) {
    let at = 0;
    layer.forEach((cell, place) => {
      at += place > 0 ? gap(layer[place - 1], cell) : 0;
      cell.at = at;
    });
    const middle = at / 2;
    for (const cell of layer) cell.at -= middle;
  }
  for (let sweep = 0; sweep < 2 * SWEEPS; sweep += 1) {
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) {
      for (const cell of layer) {
        const near = sweep % 2 === 0 ? cell.before : cell.after;
        const neighbours = near.length > 0 ? near : [...cell.before, ...cell.after];
        cell.wish = neighbours.length > 0 ? mean(neighbours.map(({ at }) => at)) : cell.at;
      }
      settle(layer, gap);
    }
  }
}

/**
 * Gives every cell of a layer the place it wishes for as far as the gaps allow.
 *
 * Cells that would touch become a block that stands where its members wish on the mean.
 */
function settle(layer, gap) {
  const blocks = [];
  for (const cell of layer) {
    let block = { cells: [cell], offsets: [0], wish: cell.wish };
    while (blocks.length > 0) {
      const last = blocks.at(-1);
      const width = last.offsets.at(-1) + gap(last.cells.at(-1), block.cells[0]);
      if (last.wish + width <= block.wish) break;
      blocks.pop();
      const offsets = [...last.offsets, ...block.offsets.map((offset) => offset + width)];
      const cells = [...last.cells, ...block.cells];
      block = { cells, offsets, wish: mean(cells.map((one, place) => one.wish - offsets[place])) };
    }
    blocks.push(block);
  }
  for (const { cells, offsets, wish } of blocks) {
    cells.forEach((cell, place) => { cell.at = wish + offsets[place]; });
  }
}

/** Coordinates for boxes and edges, from the top left corner on. */
function drawn(cells, edges, chains, layers, isUpright) {
  const all = layers.flat();
  const least = Math.min(...all.map((cell) => cell.at - cell.size / 2));
  const most = Math.max(...all.map((cell) => cell.at + cell.size / 2));
  const gap = isUpright ? GAP_UPRIGHT : GAP_ACROSS;
  let across = 0;
  for (const layer of layers) {
    const depth = Math.max(...layer.map((cell) => cell.depth));
    for (const cell of layer) {
      [cell.start, cell.end] = [across, across + depth];
      // A number stands close to what uses it.
      cell.across = cell.box?.isClose ? cell.end - cell.depth / 2 : across + depth / 2;
    }
    across += depth + gap;
  }
  const point = (along, over) => (isUpright
    ? { x: along - least, y: over } : { x: over, y: along - least });
  const ports = portsOf(chains);
  return {
    isUpright,
    boxes: cells.map((cell) => ({ ...cell.box, ...point(cell.at, cell.across) })),
    edges: edges.map((edge, index) => (
      { ...edge, points: pointsAlong(chains[index], ports[index], point) })),
    width: isUpright ? most - least : across - gap,
    height: isUpright ? across - gap : most - least,
  };
}

/** How far from the middle of its box each edge comes in, so that no two come in at one point. */
function portsOf(chains) {
  const arriving = new Map();
  chains.forEach((chain, index) => {
    const target = chain.at(-1);
    if (!arriving.has(target)) arriving.set(target, []);
    arriving.get(target).push({ index, at: chain.at(-2).at });
  });
  const ports = [];
  for (const [target, edges] of arriving) {
    edges.sort((one, other) => one.at - other.at || one.index - other.index);
    const step = Math.min(16, target.size / (edges.length + 1));
    edges.forEach(({ index }, place) => { ports[index] = (place - (edges.length - 1) / 2) * step; });
  }
  return ports;
}

/** The points of an edge: out of one box, straight through the layers between, into the other. */
function pointsAlong(chain, port, point) {
  return chain.flatMap((cell, index) => {
    const { start, end } = cell;
    if (index === 0) return [point(cell.at, cell.across + cell.depth / 2), point(cell.at, end)];
    if (!cell.box) return [point(cell.at, start), point(cell.at, end)];
    return [point(cell.at + port, start), point(cell.at + port, cell.across - cell.depth / 2)];
  });
}
