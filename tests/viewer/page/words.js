/** The run in words, as the list shows it and as it is read aloud. */

/**
 * When a step happens, if time passes.
 * @param {Run} run
 * @param {number} step
 */
function timeOf(run, step) {
  return run.recording.timed ? `${(run.columns.time[step] / 1000).toFixed(1)} ms` : "";
}

/**
 * A step in one line. Its words were made where the failures' are.
 * @param {Run} run
 * @param {number} step
 */
function line(run, step) {
  const time = timeOf(run, step);
  const then = run.text(run.columns.then[step]);
  const words = run.text(run.columns.words[step]);
  const moments = run.recording.end.moments.filter(moment => moment.step === step);
  const marked = moments.map(moment => ` [${moment.what}]`).join("");
  return `${time ? `${time}, ` : ""}${words}${then ? `. ${then}` : ""}${marked}`;
}
