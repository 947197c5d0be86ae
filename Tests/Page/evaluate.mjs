// Runs the evaluator of exported pages without a browser.
//
//   node evaluate.mjs FILE.html            compares what the page computes with what it was given
//   node evaluate.mjs FILE.html VALUES     computes it for other values of the leaves, a JSON list
//                                          with a value for each node (null for operations), and
//                                          prints the events, one a line
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const [path, valuesPath] = process.argv.slice(2);
const html = readFileSync(path, "utf8");
const data = JSON.parse(/<script type="application\/json"[^>]*>([^<]*)<\/script>/.exec(html)[1]);
const script = /<script>([^]*?)<\/script>/.exec(html)[1];
const context = createContext({});
runInContext(`${script}; this.page = { Graph, tensorOf, recordedTrace };`, context);
const { Graph, tensorOf, recordedTrace } = context.page;

const graph = new Graph(data);
if (!graph.isKnown) throw new Error("the page does not know every operation");
const given = valuesPath ? JSON.parse(readFileSync(valuesPath, "utf8")) : [];
const leaves = data.nodes.map(({ kind, shape, value }, index) => (
  kind === "operation" ? null : tensorOf(shape, given[index] ?? value)));
const { events } = graph.trace(leaves);

const isTensor = (value) => value && typeof value === "object" && "numbers" in value;

/** All numbers of an event with their keys, in order. */
function* numbersOf(value, key = "") {
  if (isTensor(value)) {
    for (const number of value.numbers) yield [key, number];
  } else if (Array.isArray(value)) {
    for (const one of value) yield* numbersOf(one, key);
  } else if (value && typeof value === "object") {
    for (const name of Object.keys(value).sort()) yield* numbersOf(value[name], `${key}.${name}`);
  } else if (typeof value === "number") {
    yield [key, value];
  }
}

if (valuesPath) {
  const plain = (_, value) => {
    if (isTensor(value)) return Array.from(value.numbers, String);
    return value;
  };
  for (const event of events) console.log(JSON.stringify(event, plain));
} else {
  const skip = ({ event }) => event !== "warning";
  const expected = recordedTrace(data).events;
  const text = ({ event, node, kind }) => `${event} ${node} ${kind ?? ""}`;
  const order = (list) => list.map(text).join("\n");
  if (order(events) !== order(expected)) {
    console.log(`${path}: other events\n${order(events)}\n-- expected\n${order(expected)}`);
    process.exit(1);
  }
  let worst = 0;
  const own = events.filter(skip);
  expected.filter(skip).forEach((event, index) => {
    const found = [...numbersOf(own[index])];
    for (const [place, [key, number]] of [...numbersOf(event)].entries()) {
      const [ownKey, ownNumber] = found[place] ?? [];
      const isSame = Object.is(number, ownNumber) || number === ownNumber;
      const error = Math.abs(number - ownNumber) / Math.max(1e-300, Math.abs(number));
      if (key !== ownKey || (!isSame && !(error <= 1e-9))) {
        console.log(`${path}: ${text(event)}${key} is ${ownNumber}, not ${number}`);
        process.exitCode = 1;
      }
      if (!isSame) worst = Math.max(worst, error);
    }
  });
  console.log(`${path}: ${events.length} events agree, largest relative difference ${worst}`);
}
