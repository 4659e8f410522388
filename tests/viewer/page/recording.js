/**
 * The recording, as `simulator::Recording` describes it.
 * @typedef {{step: number, server: number, what: string}} Moment
 * @typedef {{outcome: string, expected: string, what: string, rule: string, light: number|null, moments: Moment[],
 *   stretch: [number, number]|null}} End
 * @typedef {{version: number, title: string, source: Record<string, any>, servers: number, timed: boolean,
 *   durable: boolean, kinds: string[], fates: string[], lights: string[], texts: string[],
 *   blocks: {step: number, reason: string}[], commands: {step: number, line: number, text: string}[],
 *   columns: Record<string, number[]>, inspected_from: number|null, end: End,
 *   places: Record<string, string>}} Recording
 */

/** Columns that are written as differences. */
const GROWING = ["time", "message_sent", "fate_step", "copy_step", "hold_step", "change_step", "progress_step",
  "timer_step", "answer_step", "link_step", "disk_step", "inspect_step"];

/**
 * Reads the recordings that stand in the page.
 * @returns {Promise<Recording[]>}
 */
async function readRecordings() {
  const element = /** @type {HTMLScriptElement} */ (document.getElementById("recording"));
  let text = element.textContent ?? "";
  if (element.type === "application/gzip") {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("This browser cannot unpack the recording. Use one from 2023 or later.");
    }
    const bytes = Uint8Array.from(atob(text.trim()), letter => letter.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    text = await new Response(unpacked).text();
  }
  return unpack(JSON.parse(text));
}

/**
 * Recordings with their growing columns as they are used.
 * @param {Recording[]} all
 */
function unpack(all) {
  for (const one of all) {
    if (one.version !== 1) {
      throw new Error(`The recording has version ${one.version}, and this page reads version 1.`);
    }
    for (const name of GROWING) {
      let last = 0;
      one.columns[name] = one.columns[name].map(difference => (last += difference));
    }
  }
  return all;
}

/**
 * The place of the last number that is at most `value`; -1 if there is none. The numbers never fall.
 * @param {ArrayLike<number>} numbers
 * @param {number} value
 */
function lastUpTo(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** How far apart the steps are for which it is kept which messages are under way. */
const CHECKPOINT = 512;

/**
 * A run that can be asked for its state at any step. No state is kept twice: each is found by a search in the columns.
 */
class Run {
  /** @param {Recording} recording */
  constructor(recording) {
    this.recording = recording;
    this.columns = recording.columns;
    this.steps = this.columns.kind.length;
    this.servers = recording.servers;
    this.lines = {
      change: this.byServer("change"), progress: this.byServer("progress"), disk: this.byServer("disk"),
    };
    this.timers = this.byTimer();
    this.entryStart = sums(this.columns.change_log_count);
    this.linkStart = sums(this.columns.link_count);
    this.changed = this.visibleChanges();
    this.indexMessages();
  }

  /** @param {number} number */
  text(number) { return this.recording.texts[number] ?? ""; }

  /** @param {number} step */
  kind(step) { return this.recording.kinds[this.columns.kind[step]]; }

  /**
   * For each server, the lines of a table about it and their steps.
   * @param {string} table
   */
  byServer(table) {
    const server = this.columns[`${table}_server`];
    const step = this.columns[`${table}_step`];
    const all = Array.from({length: this.servers + 1}, () => ({at: /** @type {number[]} */ ([]), step: /** @type {number[]} */ ([])}));
    server.forEach((id, at) => {
      all[id].at.push(at);
      all[id].step.push(step[at]);
    });
    return all;
  }

  byTimer() {
    const {timer_step, timer_server, timer, timer_due} = this.columns;
    const all = Array.from({length: (this.servers + 1) * 3}, () => ({due: /** @type {number[]} */ ([]), step: /** @type {number[]} */ ([])}));
    timer_step.forEach((step, at) => {
      const one = all[timer_server[at] * 3 + timer[at]];
      one.due.push(timer_due[at]);
      one.step.push(step);
    });
    return all;
  }

  /** 1 for each step that changes something that can be seen: a server's state, links, or what happens to a machine. */
  visibleChanges() {
    const changed = new Uint8Array(this.steps);
    changed[0] = 1;
    for (const step of this.columns.change_step) changed[step] = 1;
    for (const step of this.columns.link_step) changed[step] = 1;
    for (const step of this.columns.answer_step) changed[step] = 1;
    for (let step = 0; step < this.steps; step++) {
      if (["crash", "kill", "gave up", "restart", "wiped", "client"].includes(this.kind(step))) changed[step] = 1;
    }
    for (const moment of this.recording.end.moments) changed[moment.step] = 1;
    changed[this.steps - 1] = 1;
    return changed;
  }

  /** Each copy of a message is an arrow, from its sending to its end. */
  indexMessages() {
    const c = this.columns;
    this.fateAt = new Int32Array(this.steps).fill(-1);
    /** @type {Map<number, number[]>} */
    const fates = new Map();
    c.fate_message.forEach((message, at) => {
      (fates.get(message) ?? fates.set(message, []).get(message) ?? []).push(at);
      const fate = this.recording.fates[c.fate[at]];
      if (fate !== "lost at sending" && fate !== "not sent") this.fateAt[c.fate_step[at]] = at;
    });
    /** @type {Map<number, number[]>} */
    const copies = new Map();
    c.copy_message.forEach((message, at) => {
      (copies.get(message) ?? copies.set(message, []).get(message) ?? []).push(c.copy[at]);
    });
    /** @type {{message: number, copy: number, from: number, to: number, start: number, end: number, fate: string, why: string}[]} */
    this.arrows = [];
    for (let message = 0; message < c.message_from.length; message++) {
      const numbers = copies.has(message) ? [0, ...(copies.get(message) ?? [])] : [0];
      for (const copy of numbers) {
        const at = (fates.get(message) ?? []).find(line => c.fate_copy[line] === copy);
        this.arrows.push({
          message, copy, from: c.message_from[message], to: c.message_to[message], start: c.message_sent[message],
          end: at === undefined ? this.steps : c.fate_step[at],
          fate: at === undefined ? "under way" : this.recording.fates[c.fate[at]],
          why: at === undefined ? "" : this.text(c.fate_why[at]),
        });
      }
    }
    this.arrowStarts = this.arrows.map(arrow => arrow.start);
    /** @type {number[][]} */
    this.underWayAt = [];
    let active = /** @type {number[]} */ ([]);
    let next = 0;
    for (let step = 0; step <= this.steps; step += CHECKPOINT) {
      active = active.filter(arrow => this.arrows[arrow].end >= step);
      for (; next < this.arrows.length && this.arrows[next].start < step; next++) {
        if (this.arrows[next].end >= step) active.push(next);
      }
      this.underWayAt.push(active.slice());
    }
    /** @type {Map<string, {step: number, held: boolean}[]>} */
    this.holds = new Map();
    c.hold_step.forEach((step, at) => {
      const key = `${c.hold_message[at]}.${c.hold_copy[at]}`;
      const all = this.holds.get(key) ?? [];
      all.push({step, held: c.hold[at] === 1});
      this.holds.set(key, all);
    });
  }

  /**
   * The arrows that are to be seen between two steps.
   * @param {number} first
   * @param {number} last
   */
  arrowsBetween(first, last) {
    const checkpoint = Math.floor(first / CHECKPOINT);
    const seen = this.underWayAt[checkpoint].slice();
    const from = lastUpTo(this.arrowStarts, checkpoint * CHECKPOINT - 1) + 1;
    const to = lastUpTo(this.arrowStarts, last);
    for (let arrow = from; arrow <= to; arrow++) seen.push(arrow);
    return seen.map(arrow => this.arrows[arrow]).filter(arrow => arrow.end >= first && arrow.start <= last);
  }

  /**
   * Whether a copy of a message is held back at a step.
   * @param {{message: number, copy: number}} arrow
   * @param {number} step
   */
  isHeld(arrow, step) {
    const all = this.holds.get(`${arrow.message}.${arrow.copy}`);
    if (!all) return false;
    let held = false;
    for (const one of all) if (one.step <= step) held = one.held;
    return held;
  }
}

/**
 * Where the items of each line begin in a column that follows, and where the last ends.
 * @param {number[]} counts
 */
function sums(counts) {
  const all = [0];
  for (const count of counts) all.push(all[all.length - 1] + count);
  return all;
}
