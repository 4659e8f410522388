/** Keys, buttons and the address. */

const KEYS = [
  ["↓ ↑, j k", "step"], ["← →", "previous and next step of the chosen server, or of the one that moved"],
  ["1 to 9, 0", "choose a server, or none"], ["[ ]", "to where the message was sent, and to where it arrives"],
  ["e E", "next and previous change of leader or term"], ["b", "the moments that contradict each other, in turn"],
  ["PgDn PgUp, Home End", "a page, the beginning, the end"], ["f", "hide the steps that change nothing"],
  ["/", "search; Enter goes to the next place, Shift+Enter to the one before"], ["c", "copy a link to this place"],
  ["l", "the run as a list of text"], ["?", "these keys"],
];

const SIGNS = "Thick line: leader. Broken: candidate. Thin: follower. Dotted: down. ★t2: becomes leader of term 2; t2: new " +
  "term; ♥S1: votes for S1; +1: a new entry; ✓7: committed up to index 7. Cross: the message is lost, near its sender if at sending, near " +
  "its receiver if on arrival. Two bars: held back. Broken arrow: reply. A fence between two servers: they do not " +
  "reach each other; a second edge along a server: it is cut off from half of the others or more.";

/** @param {View[]} views */
function listen(views) {
  let view = views[0];
  const open = (/** @type {number} */ number) => {
    view = views[number] ?? views[0];
    [...part("runs").children].forEach((link, at) => link.toggleAttribute("aria-current", at === view.number));
    view.listFrom = -1;
    view.open();
  };
  const fromAddress = () => {
    const [number, step] = location.hash.slice(1).split(".").map(Number);
    open(number || 0);
    const first = view.run.recording.end.moments.at(-1)?.step ?? 0;
    view.go(Number.isInteger(step) && step >= 0 ? step : first);
  };
  const find = (/** @type {1|-1} */ way) => {
    const {step, count, number} = search(view.run, view.step, part("search").value, way);
    if (step >= 0) view.go(step);
    view.tell(count === 0 ? "Not found" : `${number} of ${count}`);
  };
  const copy = () => {
    const done = () => view.tell("The link is copied.");
    const not = () => view.tell(location.href);
    navigator.clipboard ? navigator.clipboard.writeText(location.href).then(done, not) : not();
  };
  const help = () => {
    part("keys").hidden = !part("keys").hidden;
    part("help").setAttribute("aria-expanded", String(!part("keys").hidden));
    view.resize();
  };
  const list = () => {
    view.listed = !view.listed;
    part("list").setAttribute("aria-pressed", String(view.listed));
    view.listFrom = -1;
    view.list();
    if (!view.listed) view.resize();
  };
  const choose = (/** @type {number} */ server) => {
    if (server > view.run.servers) return;
    view.chosen = server;
    view.show();
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => view.move(1), ArrowUp: () => view.move(-1), j: () => view.move(1), k: () => view.move(-1),
    ArrowRight: () => view.go(stepOf(view.run, view.step, view.chosen, 1)),
    ArrowLeft: () => view.go(stepOf(view.run, view.step, view.chosen, -1)),
    "[": () => view.go(sending(view.run, view.step)), "]": () => view.go(arrival(view.run, view.step)),
    e: () => view.go(turn(view.run, view.step, 1)), E: () => view.go(turn(view.run, view.step, -1)),
    PageDown: () => view.page(1), PageUp: () => view.page(-1),
    Home: () => view.go(0), End: () => view.go(view.run.steps - 1),
    b: () => view.toMoment(view.moment + 1), f: () => view.fold(), c: copy, l: list, "?": help,
    "/": () => part("search").focus(),
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === part("search")) {
      if (event.key === "Enter") find(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") part("rows").focus();
      return;
    }
    // On the page of a world that is played, there are other places to type.
    if (/** @type {HTMLElement} */ (event.target).closest?.("input, textarea, select")) return;
    const act = /^[0-9]$/.test(event.key) ? () => choose(Number(event.key)) : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const buttons = {previous: "ArrowUp", next: "ArrowDown", election: "e", "election-back": "E", sent: "[", arrives: "]",
    moment: "b", fold: "f", copy: "c", list: "l", help: "?"};
  for (const [id, key] of Object.entries(buttons)) part(id).addEventListener("click", keys[key]);
  part("earlier").addEventListener("click", () => view.go(Math.max(0, view.step - LINES)));
  part("later").addEventListener("click", () => view.go(view.step + LINES));
  part("lines").addEventListener("click", (/** @type {any} */ event) => {
    const item = event.target.closest("[data-step]");
    if (item) view.go(Number(item.dataset.step));
  });
  part("rows").addEventListener("scroll", () => view.paint(), {passive: true});
  part("rows").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const box = part("rows").getBoundingClientRect();
    const row = view.rows.rows[Math.floor((event.clientY - box.top + part("rows").scrollTop) / ROW)];
    if (row >= 0) view.go(row);
  });
  part("overview").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const box = part("overview").getBoundingClientRect();
    const at = Math.floor((event.clientY - box.top) / box.height * view.rows.rows.length);
    for (let row = Math.min(at, view.rows.rows.length - 1); row >= 0; row--) {
      if (view.rows.rows[row] >= 0) return view.go(view.rows.rows[row]);
    }
  });
  addEventListener("resize", () => view.resize());
  addEventListener("hashchange", fromAddress);
  fromAddress();
}

/** @param {View[]} views */
function describe(views) {
  part("keys").append(element("dl", {}, ...KEYS.flatMap(([key, what]) =>
    [element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)])), element("p", {}, SIGNS));
  const again = views[0].run.recording.source.again;
  if (again) part("keys").append(element("p", {}, "This page again: ", element("code", {}, again)));
  part("runs").hidden = views.length < 2;
  part("runs").append(...views.map((view, number) =>
    element("a", {href: `#${number}`}, `${number + 1}. ${view.run.recording.title}`)));
}

readRecordings().then(recordings => {
  const views = recordings.map((recording, number) => new View(new Run(recording), number));
  describe(views);
  listen(views);
  // Only a page of a world that is played has it.
  if (typeof startLive === "function") startLive(views[0]);
  part("rows").focus();
  document.documentElement.dataset.ready = "yes";
}).catch(error => {
  document.querySelector("main")?.replaceChildren(
    element("p", {class: "big"}, `This page cannot show its recording. ${error.message} Make it again with cargo xtask replay.`));
  document.documentElement.dataset.ready = "failed";
});
