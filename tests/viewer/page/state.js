/** What is true at a step. */

const ROLES = ["follower", "candidate", "leader", "down"];
const TIMERS = ["election", "heartbeat", "lease"];

/**
 * A server's state after a step.
 * @typedef {{role: string, term: number, vote: number, commit: number, applied: number, base: number, last: number,
 *   members: string, place: number, step: number}} ServerState
 */

/**
 * @param {Run} run
 * @param {number} server
 * @param {number} step
 * @returns {ServerState}
 */
function stateAt(run, server, step) {
  const lines = run.lines.change[server];
  const place = lastUpTo(lines.step, step);
  const c = run.columns;
  const at = lines.at[place];
  if (at === undefined) {
    return {role: "down", term: 0, vote: 0, commit: 0, applied: 0, base: 0, last: 0, members: "", place: -1, step: 0};
  }
  return {
    role: ROLES[c.change_role[at]], term: c.change_term[at], vote: c.change_vote[at], commit: c.change_commit[at],
    applied: c.change_applied[at], base: c.change_base[at], last: c.change_last[at],
    members: run.text(c.change_members[at]), place, step: lines.step[place],
  };
}

/**
 * Entries of a server's log, the oldest first. What a change has not written stands as an earlier one left it.
 * @param {Run} run
 * @param {number} server
 * @param {number} place The line of the server's changes, as `stateAt` returns it.
 * @param {number} first
 * @param {number} last
 * @returns {{index: number, term: number, words: string, step: number}[]}
 */
function entries(run, server, place, first, last) {
  const c = run.columns;
  const lines = run.lines.change[server];
  const missing = new Set();
  for (let index = first; index <= last; index++) missing.add(index);
  /** @type {{index: number, term: number, words: string, step: number}[]} */
  const found = [];
  for (; place >= 0 && missing.size > 0; place--) {
    const at = lines.at[place];
    const from = c.change_log_from[at];
    if (from === 0) continue;
    const count = c.change_log_count[at];
    for (let index = Math.max(from, first); index < from + count && index <= last; index++) {
      if (!missing.delete(index)) continue;
      const entry = run.entryStart[at] + index - from;
      found.push({index, term: c.entry_term[entry], words: run.text(c.entry_words[entry]), step: lines.step[place]});
    }
  }
  return found.sort((one, other) => one.index - other.index);
}

/**
 * What a leader knows of the others.
 * @param {Run} run
 * @param {number} server
 * @param {number} step
 * @returns {Map<number, {next: number, match: number, step: number}>}
 */
function progressAt(run, server, step) {
  const c = run.columns;
  const lines = run.lines.progress[server];
  const known = new Map();
  for (let place = lastUpTo(lines.step, step); place >= 0 && known.size < run.servers - 1; place--) {
    const at = lines.at[place];
    const of = c.progress_of[at];
    if (of === 0) break;
    if (!known.has(of)) {
      known.set(of, {next: c.progress_next[at], match: c.progress_match[at], step: lines.step[place]});
    }
  }
  return known;
}

/**
 * The timers of a server that run, with the milliseconds that are left if time passes.
 * @param {Run} run
 * @param {number} server
 * @param {number} step
 */
function timersAt(run, server, step) {
  const now = run.columns.time[step];
  return TIMERS.flatMap((name, timer) => {
    const one = run.timers[server * 3 + timer];
    const due = one.due[lastUpTo(one.step, step)];
    if (!due) return [];
    return [run.recording.timed ? `${name} ${Math.max(0, Math.round((due - 1 - now) / 1000))} ms` : name];
  });
}

/**
 * The bytes on a server's disk.
 * @param {Run} run
 * @param {number} server
 * @param {number} step
 */
function diskAt(run, server, step) {
  const lines = run.lines.disk[server];
  const place = lastUpTo(lines.step, step);
  const at = lines.at[place];
  if (at === undefined) return {synced: 0, lost: 0, step: 0};
  return {synced: run.columns.disk_synced[at], lost: run.columns.disk_lost[at], step: lines.step[place]};
}

/**
 * The links that are cut, as pairs.
 * @param {Run} run
 * @param {number} step
 * @returns {[number, number][]}
 */
function cutAt(run, step) {
  const c = run.columns;
  const at = lastUpTo(c.link_step, step);
  if (at < 0) return [];
  /** @type {[number, number][]} */
  const cut = [];
  for (let pair = run.linkStart[at]; pair < run.linkStart[at + 1]; pair++) cut.push([c.link_from[pair], c.link_to[pair]]);
  return cut;
}

/**
 * The messages that are under way after a step.
 * @param {Run} run
 * @param {number} step
 */
function underWay(run, step) {
  return run.arrowsBetween(step, step).filter(arrow =>
    arrow.start <= step && arrow.end > step && arrow.fate !== "not sent");
}

/**
 * The command of the script that a step belongs to, and its block.
 * @param {Run} run
 * @param {number} step
 */
function commandAt(run, step) {
  const {commands, blocks} = run.recording;
  const command = commands[lastUpTo(commands.map(one => one.step), step)];
  const block = blocks[lastUpTo(blocks.map(one => one.step), step)];
  return {command, block};
}

/** @param {number} term */
function termClass(term) { return term === 0 ? "t0" : `t${(term - 1) % 6 + 1}`; }
