// What is not a call: conferences, queues, recordings, messages, errors; and misfortunes on order.

import { make, readable, timeOfDay } from "./make.js";
import { recording } from "./detail.js";

const TIMED = new Set(["delay", "slow"]);
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
  showMisfortunes(network.misfortunes);
}

function account(network) {
  const speed = network.speed === 1 ? "" : ` · time runs ${network.speed} times as fast`;
  return make("section", { class: "card" }, make("h2", {}, "Account"),
    make("p", {}, network.account_sid, speed), make("ul", {}, network.numbers.map((number) => make("li", {}, readable(number)))));
}

function showMisfortunes(open) {
  $("misfortunes").replaceChildren(...open.map((one) => make("li", {}, make("span", { class: "tag tag--mark" }, one.kind), ` ${one.pattern} · ${one.times} more`)));
  $("forget").hidden = !open.length;
}

/** Let the form order misfortunes; `refresh` shows what is open then. */
export function takeOrders(refresh) {
  $("kind").addEventListener("change", () => {
    $("seconds-label").hidden = !TIMED.has($("kind").value);
  });
  $("misfortune").addEventListener("submit", async (event) => {
    event.preventDefault();
    const seconds = TIMED.has($("kind").value) ? `${$("seconds").value}s ` : "";
    const order = `${$("times").value}x ${$("kind").value} ${seconds}${$("pattern").value}`;
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
