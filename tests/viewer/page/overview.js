/** The whole run in a strip: terms as colours, elections, crashes, cuts, what contradicts each other, the window. */

/**
 * @param {SVGSVGElement} strip
 * @param {Run} run
 * @param {Rows} rows
 */
function paintOverview(strip, run, rows) {
  const height = strip.getBoundingClientRect().height || 400;
  const count = Math.max(1, rows.rows.length);
  const y = (/** @type {number} */ step) => rows.rowOf[step] / count * height;
  strip.replaceChildren();
  const spans = termSpans(run);
  spans.forEach(({step, term}, at) => {
    const end = at + 1 < spans.length ? y(spans[at + 1].step) : height;
    const wide = end - y(step);
    if (wide >= .4) strip.append(shape("rect", {x: 4, y: y(step), width: 10, height: wide, class: `term ${termClass(term)}`}));
  });
  const c = run.columns;
  c.link_step.forEach((step, at) => {
    if (c.link_count[at] === 0) return;
    const end = at + 1 < c.link_step.length ? y(c.link_step[at + 1]) : height;
    strip.append(shape("rect", {x: 16, y: y(step), width: 3, height: Math.max(1, end - y(step)), class: "cut"}));
  });
  /** @type {Set<string>} */
  const marks = new Set();
  const once = (/** @type {string} */ name, /** @type {number} */ at) => {
    const key = `${name}${Math.round(at)}`;
    return !marks.has(key) && marks.add(key);
  };
  for (const step of elections(run)) {
    if (once("e", y(step))) strip.append(shape("line", {x1: 2, x2: 14, y1: y(step), y2: y(step), class: "election"}));
  }
  for (let step = 0; step < run.steps; step++) {
    if (!["crash", "kill", "gave up"].includes(run.kind(step)) || !once("c", y(step))) continue;
    strip.append(shape("path", {d: `M20 ${y(step) - 2}l4 4m-4 0l4 -4`, class: "crash"}));
  }
  for (const {step} of run.recording.end.moments) {
    strip.append(shape("path", {d: `M26 ${y(step)}l-9 -5v10z`, class: "bad"}));
  }
  strip.append(shape("rect", {x: 1, width: 24, y: 0, height: 4, class: "window"}));
  strip.append(shape("line", {x1: 0, x2: 26, y1: 0, y2: 0, class: "cursor"}));
}

/**
 * Moves the window and the cursor of the strip.
 * @param {SVGSVGElement} strip
 * @param {number} from Parts of the whole, from 0 to 1.
 * @param {number} to
 * @param {number} cursor
 */
function moveWindow(strip, from, to, cursor) {
  const height = strip.getBoundingClientRect().height || 400;
  const window = strip.querySelector(".window");
  const line = strip.querySelector(".cursor");
  window?.setAttribute("y", String(from * height));
  window?.setAttribute("height", String(Math.max(3, (to - from) * height)));
  line?.setAttribute("y1", String(cursor * height));
  line?.setAttribute("y2", String(cursor * height));
}

/**
 * The steps at which the newest term changes.
 * @param {Run} run
 */
function termSpans(run) {
  const {change_step, change_term} = run.columns;
  const spans = [{step: 0, term: 0}];
  change_step.forEach((step, at) => {
    if (change_term[at] > spans[spans.length - 1].term) spans.push({step, term: change_term[at]});
  });
  return spans;
}

/**
 * The steps at which a server becomes a leader.
 * @param {Run} run
 */
function elections(run) {
  const {change_step, change_server, change_role, change_term} = run.columns;
  const leads = new Array(run.servers + 1).fill(0);
  /** @type {number[]} */
  const found = [];
  change_step.forEach((step, at) => {
    const server = change_server[at];
    const term = change_role[at] === 2 ? change_term[at] : 0;
    if (term && leads[server] !== term) found.push(step);
    leads[server] = term;
  });
  return found;
}
