/** What every server holds at the cursor, and what happens there. Everything is put into texts, never into markup. */

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node|string)} children
 */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * A value, and the one before if it has changed in this step.
 * @param {string|number} now
 * @param {string|number} before
 */
function value(now, before) {
  if (now === before) return element("td", {}, String(now));
  return element("td", {class: "changed"}, `${before} → ${now}`);
}

/**
 * @param {Run} run
 * @param {number} step
 * @param {number} chosen
 */
function serverTable(run, step, chosen) {
  const head = ["", "role", "term", "vote", "commit", "applied", "timers"];
  const table = element("table", {}, element("thead", {},
    element("tr", {}, ...head.map(name => element("th", {scope: "col"}, name)))));
  const leaders = leadersAt(run, step);
  for (let server = 1; server <= run.servers; server++) table.append(serverBody(run, server, step, chosen, leaders));
  return table;
}

/**
 * @param {Run} run
 * @param {number} step
 */
function leadersAt(run, step) {
  const leaders = [];
  for (let server = 1; server <= run.servers; server++) {
    const state = stateAt(run, server, step);
    if (state.role === "leader") leaders.push({server, term: state.term, progress: progressAt(run, server, step)});
  }
  return leaders.sort((one, other) => other.term - one.term);
}

/**
 * @param {Run} run
 * @param {number} server
 * @param {number} step
 * @param {number} chosen
 * @param {ReturnType<typeof leadersAt>} leaders
 */
function serverBody(run, server, step, chosen, leaders) {
  const now = stateAt(run, server, step);
  const before = step === 0 || now.step !== step ? now : stateAt(run, server, step - 1);
  const vote = (/** @type {ServerState} */ state) => state.vote ? `S${state.vote}` : "–";
  const names = [server === chosen ? "chosen" : "", run.columns.server[step] === server && step > 0 ? "here" : ""];
  const row = element("tr", {},
    element("th", {scope: "row"}, `S${server}`), value(now.role, before.role), value(now.term, before.term),
    value(vote(now), vote(before)), value(now.commit, before.commit), value(now.applied, before.applied),
    element("td", {}, timersAt(run, server, step).join(", ") || "–"));
  return element("tbody", {class: names.join(" ").trim(), "data-server": String(server)}, row,
    element("tr", {class: "log"}, element("td", {}), element("td", {colspan: "6"}, log(run, server, now, step),
      ...besides(run, server, now, before, step, leaders))));
}

/** So many of the last entries are shown. */
const SHOWN = 14;

/**
 * The log: committed entries are filled, a bar ends them, the others have a broken edge. Equal terms in a row are
 * one cell.
 * @param {Run} run
 * @param {number} server
 * @param {ServerState} state
 * @param {number} step
 */
function log(run, server, state, step) {
  const cells = element("span", {class: "cells"}, element("span", {class: "soft"}, "log"));
  if (state.last === 0) {
    cells.append(element("span", {class: "soft"}, "empty"));
    return cells;
  }
  const first = Math.max(1, state.last - SHOWN + 1);
  if (first > 1) cells.append(element("span", {class: "soft"}, `…${first - 1}`));
  if (state.base > 0) cells.append(element("span", {class: "soft"}, `snapshot to ${state.base}`));
  const all = entries(run, server, state.place, first, state.last);
  let at = 0;
  while (at < all.length) {
    const one = all[at];
    const committed = one.index <= state.commit;
    const like = (/** @type {typeof one} */ other) => other.term === one.term &&
      (other.index <= state.commit) === committed && (other.step === step) === (one.step === step);
    let end = at + 1;
    while (end < all.length && like(all[end])) end++;
    // From five on they are counted; fewer are shown one by one.
    const together = end - at >= 5 ? end - at : 1;
    const last = all[at + together - 1];
    const names = ["cell", committed ? "committed" : "", one.step === step && step > 0 ? "new" : "", termClass(one.term)];
    const what = together > 1 ? `entries ${one.index} to ${last.index}, term ${one.term}` :
      `entry ${one.index}, term ${one.term}: ${one.words}`;
    cells.append(element("span", {class: names.join(" "), title: `${what}${committed ? ", committed" : ""}`},
      together > 1 ? `${one.term} ×${together}` : String(one.term)));
    if (last.index === state.commit) cells.append(element("span", {class: "bar", title: `commit index ${state.commit}`}));
    at += together;
  }
  return cells;
}

/**
 * What else there is to say of a server: what leaders know of it, its configuration, its disk.
 * @param {Run} run
 * @param {number} server
 * @param {ServerState} now
 * @param {ServerState} before
 * @param {number} step
 * @param {ReturnType<typeof leadersAt>} leaders
 */
function besides(run, server, now, before, step, leaders) {
  /** @type {HTMLElement[]} */
  const all = [];
  const say = (/** @type {string} */ text, changed = false) =>
    all.push(element("span", {class: changed ? "changed" : "soft"}, `${all.length > 0 ? "; " : ""}${text}`));
  for (const leader of leaders) {
    const known = leader.progress.get(server);
    if (known) say(`S${leader.server}: next ${known.next}, match ${known.match}`, known.step === step && step > 0);
  }
  const first = stateAt(run, server, 0);
  if (now.members !== first.members) say(`members ${now.members}`, now.members !== before.members);
  const disk = diskAt(run, server, step);
  if (run.recording.durable || disk.synced + disk.lost > 0) {
    const lost = disk.lost > 0 ? `, ${disk.lost} would be lost in a crash` : "";
    say(`disk: ${disk.synced} bytes synced${lost}`, disk.step === step && step > 0);
  }
  return all;
}

/** So many messages under way are listed. */
const LISTED = 12;

/**
 * What happens in a step: the message, the rule, the line of the script.
 * @param {Run} run
 * @param {number} step
 */
function details(run, step) {
  const all = document.createDocumentFragment();
  const add = (/** @type {string} */ name, /** @type {...(Node|string)} */ ...what) =>
    all.append(element("div", {}, element("span", {class: "soft"}, `${name} `), ...what));
  for (const moment of run.recording.end.moments.filter(one => one.step === step)) {
    all.append(element("p", {class: "changed"}, element("span", {class: "changed"}, moment.what)));
  }
  if (all.childNodes.length > 0 && run.recording.end.rule) add("rule of the paper", run.recording.end.rule);
  const then = run.text(run.columns.then[step]);
  if (then) add("then", then);
  const fate = run.fateAt[step];
  if (fate >= 0) add("message", element("code", {}, run.text(run.columns.message_words[run.columns.fate_message[fate]])));
  const row = run.text(run.columns.row[step]);
  if (row) {
    const place = run.recording.places[row];
    add("rule", element("code", {}, row), place ? ` at ${place}` : "");
  }
  const {command, block} = commandAt(run, step);
  if (command) add("script", element("code", {}, `${run.recording.source.name}:${command.line}: ${command.text}`));
  if (block?.reason) add("why", block.reason);
  const more = continuation(run, step);
  if (more) all.append(more);
  return all;
}

/**
 * Messages under way, answers, and what else has changed.
 * @param {Run} run
 * @param {number} step
 */
function more(run, step) {
  const all = document.createDocumentFragment();
  const flying = underWay(run, step);
  all.append(element("h2", {}, flying.length === 0 ? "No message is in flight" : `In flight: ${flying.length}`));
  for (const arrow of flying.slice(0, LISTED)) {
    const words = run.text(run.columns.message_words[arrow.message]);
    const copy = arrow.copy > 0 ? ` (copy ${arrow.copy})` : "";
    const held = run.isHeld(arrow, step) ? " (held back)" : "";
    all.append(element("div", {}, element("code", {}, words), `${copy}${held}`));
  }
  if (flying.length > LISTED) all.append(element("div", {class: "soft"}, `… and ${flying.length - LISTED} more`));
  all.append(...inspected(run, step));
  return all;
}

/**
 * What has changed in the server's `Debug` output.
 * @param {Run} run
 * @param {number} step
 */
function inspected(run, step) {
  const c = run.columns;
  const from = run.recording.inspected_from;
  if (from === null || step < from) {
    return [element("p", {class: "soft"}, from === null ? "" : `What else has changed is recorded from step ${from} on.`)];
  }
  const first = lastUpTo(c.inspect_step, step - 1) + 1;
  const last = lastUpTo(c.inspect_step, step);
  if (first > last) return [];
  const list = element("dl", {class: "inspect"});
  for (let at = first; at <= last; at++) {
    const [old, now] = [run.text(c.inspect_old[at]), run.text(c.inspect_new[at])];
    list.append(element("dt", {}, element("code", {}, `S${c.inspect_server[at]} ${run.text(c.inspect_path[at])}`)),
      element("dd", {}, element("code", {}, `${old || "(nothing)"} → ${now || "(nothing)"}`)));
  }
  return [element("h2", {}, "What else has changed"), list];
}
