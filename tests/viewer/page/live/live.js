/** The page of a world that is played: it asks the program that serves it, and shows the result. */

/** How often the program is asked whether the learner's code has changed, in milliseconds. */
const LOOK = 2000;

const LIVE_KEYS = [
  ["x", "type a command"], ["a", "to what can be done next"], ["s", "to the script; Ctrl+Enter runs it, Esc leaves it"],
  ["u U", "undo, redo"], ["R", "rebuild your code and run the script on it"],
];

/** The connection to the program, and what it said last. */
class Live {
  /** @param {View} view */
  constructor(view) {
    this.view = view;
    /** @type {State} */
    this.state = JSON.parse(part("state").textContent);
    this.answered = 0;
    /** Acts wait for each other. @type {Promise<unknown>} */
    this.last = Promise.resolve();
  }

  /**
   * Asks the program to do something, and shows the result.
   * @param {string|Record<string, unknown>} what
   */
  act(what) {
    // An act that fails must not keep those after it from being carried out.
    this.last = this.last.catch(() => {}).then(async () => {
      document.documentElement.classList.add("busy");
      try {
        const state = await this.ask(what);
        if (state) this.show(state);
      } finally {
        document.documentElement.classList.remove("busy");
        document.documentElement.dataset.answered = String(++this.answered);
      }
    });
    return this.last;
  }

  /**
   * @param {string|Record<string, unknown>} what
   * @returns {Promise<any>}
   */
  async ask(what) {
    try {
      const reply = await fetch("act", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(what)});
      if (reply.ok) return await reply.json();
      this.say([element("p", {class: "head"}, await reply.text())], true);
    } catch {
      this.say([element("p", {class: "head"}, "The program that plays does not answer. If it has ended, start cargo xtask play again.")], true);
    }
    return null;
  }

  /**
   * @param {Node[]} what
   * @param {boolean} bad
   */
  say(what, bad) {
    part("said").replaceChildren(...what);
    part("said").hidden = what.length === 0;
    part("said").classList.toggle("bad", bad);
  }

  /** @param {State} state */
  show(state) {
    this.state = state;
    this.say(account(state), Boolean(state.fault));
    this.showChoices();
    const text = part("lines-of-script");
    if (text.value !== state.script) text.value = state.script;
    text.scrollTop = text.scrollHeight;
    this.showScript();
    part("leave-out").hidden = !state.fails;
    part("undo").disabled = !state.can_undo;
    part("redo").disabled = !state.can_redo;
    part("rebuild").classList.remove("changed");
    const {view} = this;
    unpack([state.recording]);
    view.run = new Run(state.recording);
    view.rows = rowsOf(view.run, view.folded);
    Object.assign(view, {moment: -1, listFrom: -1, step: 0, chosen: Math.min(view.chosen, view.run.servers)});
    view.open();
    view.go(state.recording.end.moments.at(-1)?.step ?? view.run.steps - 1);
  }

  /** Paints what can be done next. The focus stays where it was, as far as that is still there. */
  showChoices() {
    const box = part("choices");
    const focused = /** @type {HTMLElement|null} */ (document.activeElement);
    const inside = focused && box.contains(focused);
    const key = focused?.dataset.command;
    const buttons = () => /** @type {HTMLElement[]} */ ([...box.querySelectorAll("button, input, select")]);
    const at = inside ? buttons().indexOf(focused) : -1;
    const id = focused?.id;
    box.replaceChildren(choiceList(this.state.choices, command => this.act({command})));
    if (!inside) return;
    const all = buttons();
    const same = all.find(one => (key && one.dataset.command === key) || (id && one.id === id));
    (same ?? all[Math.min(at, all.length - 1)] ?? box).focus();
  }

  showScript() {
    const text = part("lines-of-script");
    paintGutter(this.state, text.value);
    part("gutter").scrollTop = text.scrollTop;
    part("script").classList.toggle("changed-script", text.value !== this.state.script);
  }

  /** Whether the learner's code has changed since it was built. */
  async look() {
    if (document.hidden) return;
    const reply = await fetch("act", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify("has_changed")}).catch(() => null);
    if (!reply?.ok) return;
    const changed = await reply.json();
    // What there is to say about the last act matters more: the button shows the change as well.
    if (changed && part("said").hidden) {
      this.say([element("p", {class: "head"}, "Your code has changed. R rebuilds it and runs the script on it.")], false);
    }
    part("rebuild").classList.toggle("changed", changed);
  }

  listen() {
    const text = part("lines-of-script");
    const runScript = () => this.act({edit: text.value});
    /** @type {Record<string, () => void>} */
    const clicks = {
      run: runScript, "leave-out": () => this.act("leave_out"), undo: () => this.act("undo"), redo: () => this.act("redo"),
      rebuild: () => this.act("rebuild"), "save-own": () => this.act("save_own"),
    };
    for (const [id, act] of Object.entries(clicks)) part(id).addEventListener("click", act);
    part("prompt").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      const command = part("command").value.trim();
      if (!command) return;
      this.act({command}).then(() => { if (!this.state.fault) part("command").value = ""; });
    });
    part("saving").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.act({save: part("file").value.trim()});
    });
    text.addEventListener("input", () => this.showScript());
    text.addEventListener("scroll", () => { part("gutter").scrollTop = text.scrollTop; });
    const focus = {x: "command", a: "choices", s: "lines-of-script"};
    document.addEventListener("keydown", event => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (target === text && event.key === "Enter" && (event.ctrlKey || event.metaKey)) return void runScript();
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select")) {
        if (event.key === "Escape") part("rows").focus();
        return;
      }
      const act = {u: "undo", U: "redo", R: "rebuild"}[event.key];
      const to = focus[/** @type {"x"|"a"|"s"} */ (event.key)];
      if (!act && !to) return;
      event.preventDefault();
      if (act) this.act(act);
      else if (to === "choices") /** @type {HTMLElement} */ (part("choices").querySelector("button") ?? part("choices")).focus();
      else part(to).focus();
    });
    goOnAfter = line => this.act({continue_after: line});
    setInterval(() => this.look(), LOOK);
  }
}

/** @param {View} view */
function startLive(view) {
  const live = new Live(view);
  part("file").value = live.state.name;
  part("save-own").hidden = !live.state.has_own;
  part("keys").querySelector("dl").append(...LIVE_KEYS.flatMap(([key, what]) =>
    [element("dt", {}, element("kbd", {}, key)), element("dd", {}, what)]));
  live.listen();
  live.show(live.state);
}
