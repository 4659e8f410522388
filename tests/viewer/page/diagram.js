/** Paints the rows that are to be seen. One row is one step, or the reason of a block. */

const ROW = 22;
/** The room below the last row. */
const BELOW = 33;
/** A message that is under way for more rows than this is two stubs: late ones would cover everything. */
const LONGEST_ARROW = 40;
const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of the diagram.
 * @param {string} name
 * @param {Record<string, string|number>} attributes
 * @param {string} [text]
 */
function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/**
 * Where lanes and words are in a diagram of this width.
 * @param {Run} run
 * @param {number} width
 */
function layoutOf(run, width) {
  const narrow = width < 520;
  const digits = String(run.steps).length;
  const left = 8 + digits * 6 + (narrow ? 14 : 22);
  const words = narrow ? 150 : 260;
  const beside = narrow ? 44 : 56;
  const room = (width - left - beside - words) / Math.max(1, run.servers - 1);
  const pitch = Math.max(narrow ? 24 : 30, Math.min(84, room));
  return {left, pitch, gutter: 4 + digits * 6, words: left + pitch * (run.servers - 1) + beside, width, narrow};
}

/** @typedef {ReturnType<typeof layoutOf>} Layout */

/**
 * The rows: a step is its number, the reason of block N is -1 - N. Also the row of each step; of a step that is
 * folded away, that of the next one that is shown.
 * @param {Run} run
 * @param {boolean} folded
 */
function rowsOf(run, folded) {
  const rows = [];
  const rowOf = new Int32Array(run.steps + 1);
  const {blocks} = run.recording;
  let block = 0;
  for (let step = 0; step < run.steps; step++) {
    for (; block < blocks.length && blocks[block].step <= step; block++) {
      // The first block begins before the servers do.
      if (blocks[block].reason) rows.push(-1 - block);
    }
    rowOf[step] = rows.length;
    if (!folded || run.changed[step]) rows.push(step);
  }
  for (; block < blocks.length; block++) if (blocks[block].reason) rows.push(-1 - block);
  rowOf[run.steps] = rows.length;
  return {rows, rowOf};
}

/** @typedef {ReturnType<typeof rowsOf>} Rows */

/** Paints a part of a run. */
class Diagram {
  /**
   * @param {Run} run
   * @param {Rows} rows
   * @param {Layout} layout
   */
  constructor(run, rows, layout) {
    this.run = run;
    this.rows = rows;
    this.layout = layout;
  }

  /** @param {number} server */
  x(server) { return this.layout.left + (server - 1) * this.layout.pitch; }

  /** @param {number} step */
  y(step) { return this.rows.rowOf[Math.min(step, this.run.steps)] * ROW + ROW / 2 - this.top; }

  /**
   * The shapes of the rows from `first` to `last`, with the cursor at `step`.
   * @param {number} first
   * @param {number} last
   * @param {number} step
   */
  paint(first, last, step) {
    this.top = first * ROW;
    // Messages that are in flight at the end need room below the last row.
    this.height = (last - first + 1) * ROW + (last === this.rows.rows.length - 1 ? BELOW : 0);
    const shown = this.rows.rows.slice(first, last + 1);
    const steps = shown.filter(row => row >= 0);
    const all = document.createDocumentFragment();
    if (steps.length === 0) return all;
    // Steps that are folded away before the first and after the last row belong to it too.
    const from = steps[0] === 0 ? 0 : this.before(first, steps[0]);
    const to = steps[steps.length - 1];
    this.background(all, first, shown, step);
    this.fences(all, from, to);
    for (let server = 1; server <= this.run.servers; server++) this.lane(all, server, from, to);
    this.messages(all, from, to, step);
    for (const row of steps) this.event(all, row);
    this.words(all, first, shown, step);
    return all;
  }

  /**
   * The step after the last one that is shown above these rows.
   * @param {number} first
   * @param {number} step
   */
  before(first, step) {
    for (let row = first - 1; row >= 0; row--) {
      if (this.rows.rows[row] >= 0) return Math.min(step, this.rows.rows[row] + 1);
    }
    return 0;
  }

  /**
   * @param {DocumentFragment} all
   * @param {number} first
   * @param {number[]} shown
   * @param {number} step
   */
  background(all, first, shown, step) {
    const bad = new Set(this.run.recording.end.moments.map(moment => moment.step));
    const here = this.rows.rowOf[step];
    shown.forEach((row, at) => {
      const y = at * ROW;
      const box = {x: 0, y, width: this.layout.width, height: ROW};
      if (row >= 0 && bad.has(row)) all.append(shape("rect", {...box, class: "bad-row"}));
      if (first + at === here) all.append(shape("rect", {...box, class: "here-row"}));
    });
  }

  /**
   * Links that are cut: a fence between neighbours that do not reach each other, and a second line along a server that
   * reaches less than half of the others.
   * @param {DocumentFragment} all
   * @param {number} from
   * @param {number} to
   */
  fences(all, from, to) {
    const starts = this.run.columns.link_step;
    for (let at = Math.max(0, lastUpTo(starts, from)); at < starts.length && starts[at] <= to; at++) {
      const cut = cutAt(this.run, starts[at]);
      if (cut.length === 0) continue;
      const y1 = Math.max(0, this.y(starts[at]));
      const y2 = Math.min(this.height, at + 1 < starts.length ? this.y(starts[at + 1]) : this.height);
      for (let server = 1; server <= this.run.servers; server++) {
        const x = this.x(server);
        const next = cut.some(([a, b]) => (a === server && b === server + 1) || (b === server && a === server + 1));
        if (next) {
          const middle = x + this.layout.pitch / 2;
          all.append(shape("line", {x1: middle, y1, x2: middle, y2, class: "fence"}));
        }
        const lost = new Set(cut.filter(pair => pair.includes(server)).map(([a, b]) => a === server ? b : a));
        if (lost.size * 2 >= this.run.servers) {
          all.append(shape("rect", {x: x - 6, y: y1, width: 12, height: Math.max(0, y2 - y1), rx: 6, class: "apart"}));
        }
      }
    }
  }

  /**
   * A server's line: thick leads, broken campaigns, thin follows, dotted is down.
   * @param {DocumentFragment} all
   * @param {number} server
   * @param {number} from
   * @param {number} to
   */
  lane(all, server, from, to) {
    const lines = this.run.lines.change[server];
    const x = this.x(server);
    let place = Math.max(0, lastUpTo(lines.step, from));
    while (place < lines.step.length && lines.step[place] <= to) {
      const state = stateAt(this.run, server, lines.step[place]);
      // Most changes leave role and term as they are: they belong to one stretch of the line.
      let next = state.place + 1;
      while (next < lines.step.length && lines.step[next] <= to) {
        const other = stateAt(this.run, server, lines.step[next]);
        if (other.role !== state.role || other.term !== state.term) break;
        next = other.place + 1;
      }
      const y1 = Math.max(0, this.y(lines.step[place]));
      const y2 = Math.min(this.height, next < lines.step.length ? this.y(lines.step[next]) : this.height);
      if (y2 > y1) {
        all.append(shape("line", {x1: x, y1, x2: x, y2, class: `lane ${state.role} ${termClass(state.term)}`}));
      }
      place = next;
    }
  }

  /**
   * @param {DocumentFragment} all
   * @param {number} from
   * @param {number} to
   * @param {number} step
   */
  messages(all, from, to, step) {
    for (const arrow of this.run.arrowsBetween(from, to)) {
      const y1 = this.y(arrow.start);
      const y2 = this.y(arrow.end);
      const [x1, x2] = [this.x(arrow.from), this.x(arrow.to)];
      const here = arrow.start === step || arrow.end === step;
      const focus = here ? "here" : arrow.start <= step && arrow.end > step ? "under-way" : "";
      const reply = this.run.columns.message_reply[arrow.message] ? "reply" : "";
      const names = `${reply} ${focus} ${termClass(this.run.columns.message_term[arrow.message])}`;
      const part = {"arrives": 1, "lost at sending": .35, "lost on its way": .6, "lost on arrival": .8,
        "not sent": .25, "under way": .8}[arrow.fate] ?? 1;
      // What is lost at sending ends in its own row; it is drawn a little downwards, so that it can be seen.
      const short = arrow.fate === "lost at sending" || arrow.fate === "not sent";
      const end = {x: x1 + (x2 - x1) * part, y: short ? y1 + ROW * .55 : y1 + (y2 - y1) * part};
      if ((y2 - y1) / ROW > LONGEST_ARROW) {
        this.stubs(all, {x: x1, y: y1}, {x: x2, y: y2}, names, arrow.end < this.run.steps);
      } else {
        all.append(shape("line", {x1, y1, x2: end.x, y2: end.y, class: `message ${names}`}));
        if (arrow.fate === "arrives") this.head(all, x1, y1, end.x, end.y, names);
        if (arrow.fate === "under way") all.append(shape("circle", {cx: end.x, cy: end.y, r: 3, class: `flying ${termClass(this.run.columns.message_term[arrow.message])}`}));
      }
      if (part < 1 && arrow.fate !== "under way") this.cross(all, end.x, end.y);
      if (this.run.isHeld(arrow, step) && arrow.end > step) this.bars(all, (x1 + x2) / 2, (y1 + Math.min(y2, y1 + ROW * 2)) / 2);
    }
  }

  /**
   * The beginning and the end of a long way.
   * @param {DocumentFragment} all
   * @param {{x: number, y: number}} from
   * @param {{x: number, y: number}} to
   * @param {string} names
   * @param {boolean} ends
   */
  stubs(all, from, to, names, ends) {
    const dx = Math.sign(to.x - from.x) * Math.min(24, Math.abs(to.x - from.x) * .4);
    all.append(shape("line", {x1: from.x, y1: from.y, x2: from.x + dx, y2: from.y + ROW * .8, class: `message ${names}`}));
    if (!ends) return;
    all.append(shape("line", {x1: to.x - dx, y1: to.y - ROW * .8, x2: to.x, y2: to.y, class: `message ${names}`}));
    this.head(all, to.x - dx, to.y - ROW * .8, to.x, to.y, names);
  }

  /**
   * @param {DocumentFragment} all
   * @param {number} x1
   * @param {number} y1
   * @param {number} x
   * @param {number} y
   * @param {string} names
   */
  head(all, x1, y1, x, y, names) {
    const angle = Math.atan2(y - y1, x - x1);
    const [tipX, tipY] = [x - 5 * Math.cos(angle), y - 5 * Math.sin(angle)];
    const side = (/** @type {number} */ turn) =>
      `${tipX - 7 * Math.cos(angle + turn)},${tipY - 7 * Math.sin(angle + turn)}`;
    all.append(shape("polygon", {points: `${tipX},${tipY} ${side(.45)} ${side(-.45)}`, class: `head ${names}`}));
  }

  /**
   * A message is lost.
   * @param {DocumentFragment} all
   * @param {number} x
   * @param {number} y
   */
  cross(all, x, y) {
    all.append(shape("path", {d: `M${x - 4} ${y - 4}l8 8m-8 0l8 -8`, class: "cross"}));
  }

  /**
   * A message is held back.
   * @param {DocumentFragment} all
   * @param {number} x
   * @param {number} y
   */
  bars(all, x, y) {
    all.append(shape("path", {d: `M${x - 3} ${y - 6}v12m6 -12v12`, class: "held"}));
  }

  /**
   * What happens to a server in a step, and beside it what has changed.
   * @param {DocumentFragment} all
   * @param {number} step
   */
  event(all, step) {
    const server = this.run.columns.server[step];
    const kind = this.run.kind(step);
    const y = this.y(step);
    const moved = step === 0 ? [] : [server];
    for (const one of moved.filter(id => id > 0)) {
      const state = stateAt(this.run, one, step);
      const x = this.x(one);
      if (["crash", "kill", "gave up"].includes(kind)) {
        all.append(shape("path", {d: `M${x - 6} ${y}h12`, class: "down-mark"}));
        all.append(shape("text", {x: x + 9, y: y + 4, class: "label t0"}, "down"));
      } else if (!["lost", "held", "released", "duplicated", "trouble", "repaired", "wiped"].includes(kind)) {
        const idle = this.run.changed[step] ? "" : "idle";
        all.append(shape("circle", {cx: x, cy: y, r: 4.5, class: `dot ${idle} ${termClass(state.term)}`}));
        const label = this.label(one, step);
        if (label) all.append(shape("text", {x: x + 9, y: y + 4, class: `label ${termClass(state.term)}`}, label));
      }
    }
  }

  /**
   * What has changed, in a few signs: ★t2 leads term 2, t2 a new term, +1 an entry more, ✓7 committed up to 7.
   * @param {number} server
   * @param {number} step
   */
  label(server, step) {
    const now = stateAt(this.run, server, step);
    const before = stateAt(this.run, server, step - 1);
    if (now.step !== step) return "";
    const signs = [];
    if (now.role === "leader" && (before.role !== "leader" || before.term !== now.term)) signs.push(`★t${now.term}`);
    else if (now.term !== before.term) signs.push(`t${now.term}`);
    if (now.vote && (now.vote !== before.vote || now.term !== before.term) && now.vote !== server) signs.push(`♥S${now.vote}`);
    if (now.last > before.last) signs.push(`+${now.last - before.last}`);
    if (now.last < before.last) signs.push(`−${before.last - now.last}`);
    if (now.commit > before.commit) signs.push(`✓${now.commit}`);
    return signs.slice(0, this.layout.narrow ? 1 : 2).join(" ");
  }

  /**
   * @param {DocumentFragment} all
   * @param {number} first
   * @param {number[]} shown
   * @param {number} here
   */
  words(all, first, shown, here) {
    const bad = new Set(this.run.recording.end.moments.map(moment => moment.step));
    const {words, width, gutter, narrow} = this.layout;
    const letters = Math.max(4, Math.floor((width - words - 6) / (narrow ? 6.4 : 6.3)));
    const cut = (/** @type {string} */ text) => text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
    shown.forEach((row, at) => {
      const y = at * ROW + ROW / 2 + 4;
      if (row < 0) {
        all.append(shape("text", {x: words, y, class: "caption"}, cut(this.run.recording.blocks[-1 - row].reason)));
        return;
      }
      all.append(shape("text", {x: gutter, y, class: "number"}, String(row)));
      const full = this.run.text(this.run.columns.words[row]);
      const text = full.length <= letters ? full : this.run.text(this.run.columns.short[row]);
      const names = bad.has(row) ? "bad-mark" : this.run.changed[row] || row === here ? "" : "quiet";
      all.append(shape("text", {x: words, y, class: names}, cut(`${bad.has(row) ? "✗ " : ""}${text}`)));
    });
  }
}
