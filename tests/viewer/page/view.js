/** What is shown, and where the cursor is. */

/**
 * @param {string} id
 * @returns {any}
 */
function part(id) { return document.getElementById(id); }

/** So many lines of the list are in the page at once. */
const LINES = 1000;

/** The view of one run. */
class View {
  /**
   * @param {Run} run
   * @param {number} number The number of the run in the page.
   */
  constructor(run, number) {
    this.run = run;
    this.number = number;
    this.step = 0;
    this.chosen = 0;
    this.folded = false;
    this.listed = false;
    this.moment = -1;
    this.painted = "";
    this.listFrom = -1;
    this.rows = rowsOf(run, false);
  }

  /** Shows the run. */
  open() {
    this.head();
    this.resize();
    this.list();
  }

  head() {
    const {recording} = this.run;
    const {end} = recording;
    part("title").textContent = recording.title;
    document.title = recording.title;
    const fine = end.outcome === "fine";
    part("end").replaceChildren(fine ? `Nothing is wrong in these ${this.run.steps} steps.` :
      end.outcome === "broken" ? `${end.expected}: ${end.what}. ` : `Expected: ${end.expected}. Happened: ${end.what}. `,
      element("span", {class: "rule"}, end.rule));
    part("end").className = fine ? "" : "bad";
    part("moments").replaceChildren(...end.moments.map((moment, at) => {
      const button = element("button", {}, `Step ${moment.step}: ${moment.what}`);
      button.addEventListener("click", () => this.toMoment(at));
      return element("li", {}, button);
    }));
    part("moments").hidden = part("moment").hidden = end.moments.length === 0;
    part("lights").replaceChildren(...recording.lights.map((name, at) => {
      const bad = end.light === at;
      const sign = bad ? "✗" : end.outcome === "broken" ? "·" : "✓";
      const says = bad ? "does not hold" : end.outcome === "broken" ? "held until the run ended" : "holds in this run";
      return element("li", {class: bad ? "bad" : end.outcome === "broken" ? "open" : "", title: `${name} ${says}`},
        `${sign} ${name}`);
    }));
  }

  resize() {
    const width = part("rows").clientWidth;
    this.layout = layoutOf(this.run, width);
    this.diagram = new Diagram(this.run, this.rows, this.layout);
    part("height").style.height = `${this.rows.rows.length * ROW + BELOW}px`;
    const names = [];
    for (let server = 1; server <= this.run.servers; server++) {
      const name = element("span", {}, `S${server}`);
      name.style.left = `${this.layout.left + (server - 1) * this.layout.pitch}px`;
      names.push(name);
    }
    const words = element("span", {class: "words"}, "what happens");
    words.style.left = `${this.layout.words}px`;
    part("lanes").replaceChildren(...names, words);
    paintOverview(part("overview"), this.run, this.rows);
    this.painted = "";
    this.scrollToCursor();
    this.paint();
  }

  /** Paints the rows that can be seen, and a few around them. */
  paint() {
    const box = part("rows");
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 4);
    const last = Math.min(this.rows.rows.length - 1, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + 4);
    const key = `${first} ${last} ${this.step}`;
    if (key !== this.painted) {
      this.painted = key;
      const svg = part("diagram");
      svg.setAttribute("width", String(this.layout.width));
      svg.setAttribute("height", String((last - first + 1) * ROW + BELOW));
      svg.style.top = `${first * ROW}px`;
      svg.replaceChildren(this.diagram.paint(first, last, this.step));
    }
    const all = Math.max(1, this.rows.rows.length * ROW);
    moveWindow(part("overview"), box.scrollTop / all, (box.scrollTop + box.clientHeight) / all,
      this.rows.rowOf[this.step] * ROW / all);
  }

  /**
   * Moves the cursor.
   * @param {number} step
   */
  go(step) {
    if (step < 0) return this.tell("There is none.");
    this.step = Math.max(0, Math.min(this.run.steps - 1, step));
    if (this.folded && !this.run.changed[this.step]) this.fold();
    this.show();
  }

  /** Shows the step at the cursor everywhere. */
  show() {
    const {run, step} = this;
    this.tell("");
    part("now").textContent = `Step ${step} of ${run.steps - 1}: ${timeOf(run, step)}${run.recording.timed ? ", " : ""}${run.text(run.columns.words[step])}`;
    part("details").replaceChildren(details(run, step));
    part("servers").replaceChildren(serverTable(run, step, this.chosen));
    part("more").replaceChildren(more(run, step));
    part("previous").disabled = step === 0;
    part("next").disabled = step === run.steps - 1;
    part("sent").disabled = sending(run, step) < 0;
    part("arrives").disabled = arrival(run, step) < 0;
    history.replaceState(null, "", `#${this.number}.${step}`);
    this.scrollToCursor();
    this.paint();
    if (this.listed) this.list();
  }

  scrollToCursor() {
    const box = part("rows");
    const top = this.rows.rowOf[this.step] * ROW;
    const room = box.clientHeight;
    if (top < box.scrollTop + 2 * ROW || top > box.scrollTop + room - 4 * ROW) {
      box.scrollTop = Math.max(0, top - room / 2);
    }
  }

  /** @param {string} words */
  tell(words) { part("found").textContent = words; }

  /** @param {number} way */
  move(way) {
    let step = this.step + way;
    while (this.folded && step > 0 && step < this.run.steps - 1 && !this.run.changed[step]) step += Math.sign(way);
    this.go(Math.max(0, Math.min(this.run.steps - 1, step)));
  }

  page(way) {
    const rows = Math.max(1, Math.floor(part("rows").clientHeight / ROW) - 2) * way;
    const row = Math.max(0, Math.min(this.rows.rows.length - 1, this.rows.rowOf[this.step] + rows));
    for (let at = row; at >= 0 && at < this.rows.rows.length; at += way || 1) {
      if (this.rows.rows[at] >= 0) return this.go(this.rows.rows[at]);
    }
    this.go(way > 0 ? this.run.steps - 1 : 0);
  }

  fold() {
    this.folded = !this.folded;
    part("fold").setAttribute("aria-pressed", String(this.folded));
    while (this.folded && this.step > 0 && !this.run.changed[this.step]) this.step--;
    this.rows = rowsOf(this.run, this.folded);
    this.resize();
    this.show();
    const hidden = this.run.steps - this.rows.rows.filter(row => row >= 0).length;
    this.tell(this.folded ? `${hidden} steps that change nothing are hidden.` : "All steps are shown.");
  }

  /** @param {number} at */
  toMoment(at) {
    const {moments} = this.run.recording.end;
    if (moments.length === 0) return;
    this.moment = (at + moments.length) % moments.length;
    this.go(moments[this.moment].step);
    this.tell(moments[this.moment].what);
  }

  /** The list of text, around the cursor. */
  list() {
    part("text").hidden = !this.listed;
    part("picture").hidden = this.listed;
    part("picture").style.display = this.listed ? "none" : "";
    if (!this.listed) return;
    const from = Math.floor(this.step / LINES) * LINES;
    if (from !== this.listFrom) {
      this.listFrom = from;
      const lines = [];
      for (let step = from; step < Math.min(this.run.steps, from + LINES); step++) {
        lines.push(element("li", {value: String(step), "data-step": String(step)}, line(this.run, step)));
      }
      part("lines").replaceChildren(...lines);
      part("earlier").disabled = from === 0;
      part("later").disabled = from + LINES >= this.run.steps;
    }
    part("lines").querySelector("[aria-current]")?.removeAttribute("aria-current");
    const here = part("lines").children[this.step - from];
    here?.setAttribute("aria-current", "step");
    here?.scrollIntoView({block: "nearest"});
  }
}
