// What is not a call: conferences, queues, recordings, messages, errors; and misfortunes on order.

import { make, readable, timeOfDay } from "./make.js";
import { recording } from "./detail.js";

const FIGURES = { s: ["Seconds", "0.1"], status: ["Status", "1"], "%": ["Chance in %", "0.1"] };
const FIRST_TRY_S = 2;
let kinds = new Map();
const $ = (id) => document.getElementById(id);
const toCall = (sid, text = sid) => make("a", { href: `#calls/${sid}` }, text);

const CARDS = {
  conferences: ["Conferences", (one) => [`${one.name} · ${one.status} · `, one.participants.map((member) => [toCall(member.call_sid, member.label || member.call_sid.slice(0, 8)), " "])]],
  queues: ["Queues", (one) => [`${one.name} · ${one.members.length} waiting `, one.members.map((member) => [toCall(member.call_sid, `${Math.round(member.wait_s)} s`), " "])]],
  messages: ["Messages", (one) => [`${timeOfDay(one.created_ms)} · to ${readable(one.to)} · ${one.status}: ${one.body}`]],
  recordings: ["Recordings", null],
  errors: ["Errors", (one) => [make("b", {}, `${one.code} `), one.message, " ", one.call_sid ? toCall(one.call_sid, "the call") : null]],
};

export function showNetwork(network) {
  const cards = Object.entries(CARDS).map(([name, [title, show]]) => {
    const items = network[name].map((one) => (show ? make("li", {}, show(one)) : recording(one)));
    return make("section", { class: "card" }, make("h2", {}, `${title} (${items.length})`),
      items.length ? make("ul", {}, items) : make("p", { class: "none" }, "none"));
  });
  const playing = [...document.querySelectorAll("#network audio")].some((one) => !one.paused);
  if (!playing) $("network").replaceChildren(account(network), ...cards);
  showKinds(network.kinds);
  showMisfortunes(network.misfortunes, network.standing);
}

/** Fill the form's list once; what a kind takes besides an address is asked for in one field. */
function showKinds(known) {
  if (kinds.size) return;
  kinds = new Map(known.map((kind) => [kind.name, kind]));
  $("kind").replaceChildren(...known.map((kind) => make("option", {}, kind.name)));
  $("kind").value = "cut off";
  askForFigure();
}

function askForFigure() {
  const kind = kinds.get($("kind").value);
  $("figure-label").hidden = !kind.takes;
  $("times-label").hidden = kind.takes === "%";
  if (!kind.takes) return;
  const [label, step] = FIGURES[kind.takes];
  $("figure-name").textContent = label;
  $("figure").step = step;
  $("figure").value = kind.usual ?? FIRST_TRY_S;
}

function figure(kind) {
  if (!kind.takes) return "";
  return `${$("figure").value}${kind.takes === "status" ? "" : kind.takes} `;
}

function account(network) {
  const speed = network.speed === 1 ? "" : ` · time runs ${network.speed} times as fast`;
  return make("section", { class: "card" }, make("h2", {}, "Account"),
    make("p", {}, network.account_sid, speed), make("ul", {}, network.numbers.map((number) => make("li", {}, readable(number)))));
}

function showMisfortunes(open, standing) {
  const tag = (text) => make("span", { class: "tag tag--mark" }, text);
  $("misfortunes").replaceChildren(
    ...standing.map((one) => make("li", {}, tag(`at random ${+(100 * one.chance).toFixed(1)}%`), ` ${one.pattern}`)),
    ...open.map((one) => make("li", {}, tag(one.kind), ` ${one.pattern} · ${one.times} more`)));
  $("forget").hidden = !(open.length || standing.length);
}

/** Let the form order misfortunes; `refresh` shows what is open then. */
export function takeOrders(refresh) {
  $("kind").addEventListener("change", askForFigure);
  $("misfortune").addEventListener("submit", async (event) => {
    event.preventDefault();
    const kind = kinds.get($("kind").value);
    const times = kind.takes === "%" ? "" : `${$("times").value}x `;
    const order = `${times}${kind.name} ${figure(kind)}${$("pattern").value}`;
    const answer = await fetch("/inspector/misfortunes.json", { method: "POST", body: JSON.stringify({ order }) });
    $("misfortune-said").textContent = answer.ok ? `Ordered: ${order}` : await answer.text();
    void refresh();
  });
  $("forget").addEventListener("click", async () => {
    await fetch("/inspector/misfortunes.json", { method: "DELETE" });
    $("misfortune-said").textContent = "Forgotten";
    void refresh();
  });
}
