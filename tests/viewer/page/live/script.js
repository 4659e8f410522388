/** The script: its lines, what is wrong with them, and what they do differently. */

/**
 * @typedef {{line: number, command: string, outcome: string, expected: string, happened: string, why: string,
 *   place: string|null}} Fault
 * @typedef {{line: number, command: string, what: string[]}} Difference
 * @typedef {{script: string, fault: Fault|null, fails: boolean, commands: {line: number, text: string, output: string,
 *   servers: string[], answers: string[]}[], choices: Choices, recording: Recording, failed: boolean,
 *   differences: Difference[], printed: string, notice: string, can_undo: boolean, can_redo: boolean,
 *   has_own: boolean, name: string}} State
 */

/**
 * The numbers of the lines, with a mark at those that fail or do something different than before.
 * @param {State} state
 * @param {string} text
 */
function paintGutter(state, text) {
  const other = new Set(state.differences.map(difference => difference.line));
  const failing = state.fault && state.fails ? state.fault.line : 0;
  const count = Math.max(1, text.split("\n").length);
  const lines = [];
  for (let line = 1; line <= count; line++) {
    const bad = line === failing;
    const mark = bad ? "✗ " : other.has(line) ? "≠ " : "";
    lines.push(element("span", {class: bad ? "bad" : mark ? "other" : ""}, `${mark}${line}\n`));
  }
  part("gutter").replaceChildren(...lines);
}

/**
 * The report on an act, as paragraphs; the first is the heading. Empty if there is nothing to report.
 * @param {State} state
 */
function account(state) {
  const all = [];
  const add = (/** @type {string} */ text, name = "p") => { if (text) all.push(element(name, {}, text)); };
  const {fault} = state;
  if (fault) {
    const where = fault.line > 0 ? `Line ${fault.line}: ` : "";
    all.push(element("p", {class: "head"}, `✗ ${where}${fault.command}`));
    if (fault.outcome === "script") add(fault.happened);
    else add(`${fault.expected ? `Expected: ${fault.expected}. ` : ""}Happened: ${fault.happened}.`);
    add(fault.why);
    add(fault.place ? `At ${fault.place}.` : "");
    add(state.fails ? "The servers are as they were before this line." : state.failed ?
      "The command is undone. The diagram shows what it did; what you do next begins before it." : "The command is undone.");
  }
  if (state.notice) all.push(element("p", fault ? {} : {class: "head"}, state.notice));
  for (const difference of state.differences) {
    add(`Line ${difference.line}: ${difference.command}`);
    add(difference.what.join("\n"), "pre");
  }
  if (state.printed) {
    add("Your code has printed (the script runs from its beginning each time):");
    add(state.printed.trimEnd(), "pre");
  }
  return all;
}
