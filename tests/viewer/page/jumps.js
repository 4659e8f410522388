/** Where to go from a step. Each returns a step, or -1 if there is none. */

/**
 * The next or previous step of a server; of the one that moved, if none is chosen.
 * @param {Run} run
 * @param {number} step
 * @param {number} server
 * @param {1|-1} way
 */
function stepOf(run, step, server, way) {
  const id = server || run.columns.server[step];
  for (let at = step + way; at >= 0 && at < run.steps; at += way) if (run.columns.server[at] === id) return at;
  return -1;
}

/**
 * The next or previous step at which some server changes its term or becomes leader.
 * @param {Run} run
 * @param {number} step
 * @param {1|-1} way
 */
function turn(run, step, way) {
  run.turns ??= [...new Set([...termSpans(run).slice(1).map(span => span.step), ...elections(run)])].sort((a, b) => a - b);
  const at = way > 0 ? lastUpTo(run.turns, step) + 1 : lastUpTo(run.turns, step - 1);
  return run.turns[at] ?? -1;
}

/**
 * Where the message was sent that a step is about.
 * @param {Run} run
 * @param {number} step
 */
function sending(run, step) {
  const fate = run.fateAt[step];
  return fate < 0 ? -1 : run.columns.message_sent[run.columns.fate_message[fate]];
}

/**
 * Where the messages end that a step has sent: the first one that is not there yet, then the next.
 * @param {Run} run
 * @param {number} step
 */
function arrival(run, step) {
  const ends = run.arrowsBetween(step, step).filter(arrow => arrow.start === step && arrow.end > step && arrow.end < run.steps);
  return ends.length === 0 ? -1 : Math.min(...ends.map(arrow => arrow.end));
}

/**
 * The next step whose words contain a text.
 * @param {Run} run
 * @param {number} step
 * @param {string} text
 * @param {1|-1} way
 */
function search(run, step, text, way) {
  const wanted = text.toLowerCase();
  if (!wanted) return {step: -1, count: 0, number: 0};
  const c = run.columns;
  /** @type {Map<number, boolean>} */
  const known = new Map();
  const has = (/** @type {number} */ number) => {
    let found = known.get(number);
    if (found === undefined) known.set(number, found = run.text(number).toLowerCase().includes(wanted));
    return found;
  };
  const all = [];
  for (let at = 0; at < run.steps; at++) if (has(c.words[at]) || has(c.then[at]) || has(c.short[at])) all.push(at);
  if (all.length === 0) return {step: -1, count: 0, number: 0};
  const place = way > 0 ? lastUpTo(all, step) + 1 : lastUpTo(all, step - 1);
  const number = (place + all.length) % all.length;
  return {step: all[number], count: all.length, number: number + 1};
}
