/** How to continue a run from one of its steps, in a world that is played. */

/**
 * Continues after a line of the script. A page that is connected to servers sets it.
 * @type {((line: number) => void)|null}
 */
let goOnAfter = null;

/**
 * How to continue from a step: after the command that it belongs to, since a script continues between two commands.
 * `null` if the run has no script.
 * @param {Run} run
 * @param {number} step
 * @returns {HTMLElement|null}
 */
function continuation(run, step) {
  const {source, commands} = run.recording;
  const {command} = commandAt(run, step);
  if (!command || source.kind !== "scenario") return null;
  if (goOnAfter) {
    if (command === commands[commands.length - 1]) return null;
    const button = element("button", {title: "Take back what the script does after this line"}, `Continue after line ${command.line}`);
    button.addEventListener("click", () => goOnAfter?.(command.line));
    return element("p", {}, button);
  }
  if (!/\/.*\.scenario$/.test(source.name)) return null;
  return element("p", {}, element("span", {class: "soft"}, `continue after line ${command.line}: `),
    element("code", {}, `cargo xtask play ${source.name} --to ${command.line}`));
}
