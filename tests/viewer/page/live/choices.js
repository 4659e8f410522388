/**
 * What can be done next, as buttons. Each choice is a line of a script. The gate makes these lines, and the page makes none,
 * except what a client says.
 * @typedef {{name: string, command: string}} Choice
 * @typedef {{server: string, role: string, commands: Choice[], is_up: boolean, expect: string}} ServerChoices
 * @typedef {{message: number, copy: number, words: string, held: boolean, commands: Choice[]}} MessageChoices
 * @typedef {{cluster: Choice[], servers: ServerChoices[], messages: MessageChoices[], links: Choice[]}} Choices
 */

/** What a client can ask for: the command, and what it needs besides the server. */
const ASKS = [
  {name: "command", command: "client", sample: "set x 1", quoted: true},
  {name: "query", command: "query", sample: "get x", quoted: true},
  {name: "register", command: "register", sample: "", quoted: false},
  {name: "change members", command: "change", sample: "S1/S2/S3/S4", quoted: false},
  {name: "transfer", command: "transfer", sample: "to=S2", quoted: false},
];

/**
 * A button that carries out a command.
 * @param {Choice} choice
 * @param {string} about
 * @param {(command: string) => void} act
 */
function choiceButton(choice, about, act) {
  const button = element("button", {title: choice.command, "data-command": choice.command,
    "aria-label": about ? `${choice.name}: ${about}` : choice.name}, choice.name);
  button.addEventListener("click", () => act(choice.command));
  return button;
}

/**
 * @param {Choices} choices
 * @param {(command: string) => void} act
 */
function choiceList(choices, act) {
  const all = document.createDocumentFragment();
  if (choices.servers.length === 0) {
    all.append(element("p", {class: "soft"}, "There are no servers. A script begins with `cluster 3`."));
    return all;
  }
  all.append(element("h2", {}, "Servers"));
  for (const server of choices.servers) {
    const row = element("div", {class: "row", role: "group", "aria-label": server.server},
      element("span", {class: "name"}, `${server.server} ${server.role}`));
    row.append(...server.commands.map(choice => choiceButton(choice, server.server, act)));
    row.append(choiceButton({name: "expect", command: server.expect}, `${server.server} as it is now`, act));
    all.append(row);
  }
  const cluster = element("div", {class: "row", role: "group", "aria-label": "The cluster"}, element("span", {class: "name"}, "all"));
  cluster.append(...choices.cluster.map(choice => choiceButton(choice, "", act)));
  all.append(cluster, asking(choices, act), linking(choices, act));
  all.append(element("h2", {}, choices.messages.length === 0 ? "No message is in flight" : "Messages in flight"));
  for (const message of choices.messages) {
    const words = `${message.words}${message.copy > 0 ? ` (copy ${message.copy})` : ""}${message.held ? " (held back)" : ""}`;
    const row = element("div", {class: "row message", role: "group", "aria-label": words, "data-message": `${message.message}.${message.copy}`},
      element("span", {class: "name"}, words));
    row.append(...message.commands.map(choice => choiceButton(choice, words, act)));
    all.append(row);
  }
  return all;
}

/**
 * @param {string} label
 * @param {string[]} names
 */
function selection(label, names) {
  const select = /** @type {HTMLSelectElement} */ (element("select", {"aria-label": label}));
  select.append(...names.map((name, at) => element("option", {value: String(at)}, name)));
  return select;
}

/** What was chosen last, since the lists are made again after each command. */
const remembered = {ask: "0", server: "S1", text: "set x 1", link: ""};

/**
 * A client asks a server.
 * @param {Choices} choices
 * @param {(command: string) => void} act
 */
function asking(choices, act) {
  const up = choices.servers.filter(server => server.is_up).map(server => server.server);
  const form = element("form", {class: "row", "aria-label": "Ask as a client"}, element("span", {class: "name"}, "client"));
  if (up.length === 0) return form;
  const kind = selection("What the client asks for", ASKS.map(ask => ask.name));
  const server = selection("The server that the client asks", up);
  const text = /** @type {HTMLInputElement} */ (element("input", {"aria-label": "What the client says", size: "14", id: "asked", spellcheck: "false", autocomplete: "off"}));
  kind.value = remembered.ask;
  server.value = String(Math.max(0, up.indexOf(remembered.server)));
  text.value = remembered.text;
  const fit = () => { text.hidden = !ASKS[Number(kind.value)].sample; };
  fit();
  kind.addEventListener("change", () => {
    text.value = ASKS[Number(kind.value)].sample;
    fit();
  });
  form.append(kind, server, text, element("button", {id: "ask"}, "ask"));
  form.addEventListener("submit", event => {
    event.preventDefault();
    Object.assign(remembered, {ask: kind.value, server: up[Number(server.value)], text: text.value});
    const ask = ASKS[Number(kind.value)];
    const said = ask.quoted ? ` ${JSON.stringify(text.value)}` : ask.sample ? ` ${text.value.trim()}` : "";
    act(`${ask.command} ${remembered.server}${said}`);
  });
  return form;
}

/**
 * Links, one way at a time.
 * @param {Choices} choices
 * @param {(command: string) => void} act
 */
function linking(choices, act) {
  const form = element("form", {class: "row", "aria-label": "Cut or heal a link"}, element("span", {class: "name"}, "link"));
  if (choices.links.length === 0) return form;
  const link = selection("The link, one way", choices.links.map(choice => choice.name));
  const ways = choices.links.map(choice => choice.command.replace(/^\w+ /, ""));
  link.value = String(Math.max(0, ways.indexOf(remembered.link)));
  form.append(link, element("button", {id: "link"}, "do it"));
  form.addEventListener("submit", event => {
    event.preventDefault();
    remembered.link = ways[Number(link.value)];
    act(choices.links[Number(link.value)].command);
  });
  return form;
}
