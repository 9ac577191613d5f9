// The inspector: follows the calls by asking, once a second, for what has changed since the last answer.

import { showCall } from "./detail.js";
import { make, readable, span, timeOfDay } from "./make.js";
import { showNetwork, takeOrders } from "./network.js";

const EVERY_MS = 1000;
const MOST_ROWS = 1000;
const $ = (id) => document.getElementById(id);

const rows = new Map(); // sid to the call's row, as the simulator tells it
let version = -1;
let hasMore = false;
let chosen = "";

const filter = () => `q=${encodeURIComponent($("q").value.trim())}&status=${$("status").value}`;

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

async function loadFirst() {
  rows.clear();
  version = -1;
  await take(await ask(`/inspector/calls.json?${filter()}`));
}

async function loadOlder() {
  const oldest = [...rows.values()].sort(byAge).at(-1);
  await take(await ask(`/inspector/calls.json?${filter()}&before=${oldest.sid}`), false);
}

async function loadNews() {
  const news = await ask(`/inspector/calls.json?${filter()}&since=${version}&limit=500`);
  if (news.version < version) return loadFirst(); // another simulator on the same port
  await take(news);
}

async function take(answer, isNew = true) {
  const hasChanged = answer.calls.some((call) => call.sid === chosen);
  for (const call of answer.calls) rows.set(call.sid, call);
  if (isNew) version = answer.version;
  if (answer.is_page) hasMore = answer.has_more;
  $("live").textContent = `Live · ${answer.kept} calls kept · ${timeOfDay(answer.now_ms)}`;
  if (answer.calls.length || !rows.size) showRows();
  if (hasChanged) await showChosen();
}

const byAge = (one, other) => other.created_ms - one.created_ms || (one.sid < other.sid ? 1 : -1);

function showRows() {
  const wanted = $("status").value;
  const fits = (call) => !wanted || (wanted === "live" ? !call.is_over : call.is_over && (wanted === "completed") === (call.status === "completed"));
  const shown = [...rows.values()].filter(fits).sort(byAge);
  for (const call of shown.slice(MOST_ROWS)) rows.delete(call.sid);
  const focused = document.activeElement?.closest(".row")?.dataset.sid;
  $("rows").replaceChildren(...shown.slice(0, MOST_ROWS).map(row));
  if (focused) document.querySelector(`[data-sid="${focused}"]`)?.focus();
  $("empty").hidden = shown.length > 0;
  $("empty").textContent = $("q").value || wanted ? "No call fits." : "No calls yet. They appear here as they happen.";
  $("more").hidden = !hasMore;
}

function row(call) {
  const dot = call.problems ? "row__dot row__dot--bad" : call.is_over ? "row__dot" : "row__dot row__dot--live";
  const lasted = call.is_over ? ` · ${span(call.ended_ms - call.created_ms)}` : "";
  const problems = call.problems ? ` · ${call.problems} problem${call.problems > 1 ? "s" : ""}` : "";
  return make("li", {}, make("button", { type: "button", class: "row", "data-sid": call.sid, "aria-current": call.sid === chosen ? "true" : null, on: () => (location.hash = `#calls/${call.sid}`) },
    make("span", { class: dot, "aria-hidden": "true" }),
    make("span", { class: "row__who" }, `${readable(call.from)} → ${readable(call.to)}`),
    make("span", { class: "row__what" }, `${call.direction} · ${call.status}${lasted} · ${call.exchanges} messages${problems}`),
    make("span", { class: "row__when" }, timeOfDay(call.created_ms))));
}

async function showChosen() {
  try {
    showCall($("detail"), await ask(`/inspector/calls/${chosen}.json`));
  } catch (error) {
    $("detail").replaceChildren(make("p", { class: "empty" }, String(error.message)));
  }
}

async function follow() {
  try {
    if (isNetwork()) showNetwork(await ask("/inspector/network.json"));
    await (version < 0 ? loadFirst() : loadNews());
  } catch {
    $("live").textContent = "The simulator does not answer; trying again";
  }
  setTimeout(follow, EVERY_MS);
}

const isNetwork = () => location.hash === "#network";

async function route() {
  $("view-calls").hidden = isNetwork();
  $("view-network").hidden = !isNetwork();
  for (const [id, is] of [["to-calls", !isNetwork()], ["to-network", isNetwork()]]) {
    if (is) $(id).setAttribute("aria-current", "page");
    else $(id).removeAttribute("aria-current");
  }
  if (isNetwork()) return refreshNetwork();
  chosen = /^#calls\/(CA\w+)$/.exec(location.hash)?.[1] ?? chosen;
  showRows();
  if (chosen) await showChosen();
}

const refreshNetwork = async () => showNetwork(await ask("/inspector/network.json"));

let typing = 0;
$("q").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => {
    hasMore = false;
    void loadFirst();
  }, 200);
});
$("status").addEventListener("change", () => {
  hasMore = false;
  void loadFirst();
});
$("filter").addEventListener("submit", (event) => event.preventDefault());
$("more").addEventListener("click", () => void loadOlder());
addEventListener("hashchange", () => void route());
takeOrders(refreshNetwork);
void route();
void follow();
