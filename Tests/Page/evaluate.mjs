// Runs the evaluator of exported pages without a browser:
//
//   node evaluate.mjs PAGE.html...                what each page computes, against its own trace
//   node evaluate.mjs PAGE.html=OTHER.html...     what a page computes for the inputs of another one,
//                                                 of the same formulas, against the other's trace
//
// Ends with 1 if anything differs by more than 1e-9 of itself and 1e-13 of the largest number there.
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

/** The data of a page, and what its script knows of computing. */
function opened(path) {
  const html = readFileSync(path, "utf8");
  const data = JSON.parse(/<script type="application\/json"[^>]*>([^<]*)<\/script>/.exec(html)[1]);
  const script = /<script>([^]*?)<\/script>/.exec(html)[1];
  const context = createContext({});
  runInContext(`${script}; this.page = { Graph, tensorOf, recordedTrace };`, context);
  return { data, page: context.page };
}

const isTensor = (value) => value && typeof value === "object" && "numbers" in value;

/** All numbers of an event with their keys, in order. */
function* numbersOf(value, key = "") {
  if (isTensor(value)) {
    yield [`${key} shape`, value.shape.join()];
    for (const number of value.numbers) yield [key, number];
  } else if (Array.isArray(value)) {
    for (const one of value) yield* numbersOf(one, key);
  } else if (value && typeof value === "object") {
    for (const name of Object.keys(value).sort()) {
      if (name !== "hint" && name !== "shape") yield* numbersOf(value[name], `${key}.${name}`);
    }
  } else if (value !== undefined) {
    yield [key, value];
  }
}

/** Compares the events that a page computes with those of a trace; tells what differs. */
function* differences(found, expected, tally) {
  const about = ({ event, node, kind }) => `${event} ${node ?? ""} ${kind ?? ""}`;
  const sizes = expected.flatMap((event) => [...numbersOf(event)])
    .map(([, number]) => Math.abs(number)).filter(Number.isFinite);
  const largest = sizes.reduce((one, other) => Math.max(one, other), 1);
  for (let index = 0; index < Math.max(found.length, expected.length); index += 1) {
    if (!found[index] || !expected[index] || about(found[index]) !== about(expected[index])) {
      yield `${about(found[index] ?? {})} in place of ${about(expected[index] ?? {})}`;
      return;
    }
    const own = [...numbersOf(found[index])];
    for (const [place, [key, number]] of [...numbersOf(expected[index])].entries()) {
      const [ownKey, ownNumber] = own[place] ?? [];
      tally.numbers += 1;
      if (key === ownKey && (Object.is(number, ownNumber) || number === ownNumber)) continue;
      const error = Math.abs(number - ownNumber);
      if (key !== ownKey || !(error <= 1e-9 * Math.abs(number) + 1e-13 * largest)) {
        yield `${about(expected[index])}: ${ownKey} is ${ownNumber}, not ${key} ${number}`;
      } else {
        tally.worst = Math.max(tally.worst, error / Math.max(Math.abs(number), 1e-13 * largest));
      }
    }
  }
}

const tally = { pages: 0, numbers: 0, worst: 0 };
for (const argument of process.argv.slice(2)) {
  const [path, other = path] = argument.split("=");
  const { data, page } = opened(path);
  const expected = other === path ? data : opened(other).data;
  const graph = new page.Graph(data);
  const leaves = expected.nodes.map(({ kind, shape, value }) => (
    kind === "operation" ? null : page.tensorOf(shape, value)));
  tally.pages += 1;
  if (!graph.isKnown) {
    console.log(`${path}: an operation is not known to the page`);
    process.exitCode = 1;
    continue;
  }
  const found = graph.trace(leaves).events;
  for (const difference of differences(found, page.recordedTrace(expected).events, tally)) {
    console.log(`${argument}: ${difference}`);
    process.exitCode = 1;
  }
}
console.log(`${tally.pages} pages, ${tally.numbers} numbers, `
  + `largest relative difference ${tally.worst.toExponential(1)}`);
