// One call: what it was, its waterfall on the network's time, and what belongs to it.

import { make, pairs, readable, span, timeOfDay } from "./make.js";
import { pretty } from "./pretty.js";

const SOUNDS = { say: "says", play: "plays", pause: "pauses", listening: "listens for", voice: "hears", tones: "hears keys", audio: "hears sound", connected: "connected with", rings: "rings: ", status: "", ended: "" };

// Of a callback the first that is there; what comes later is in most callbacks, whatever they tell.
const EVENTS = ["StatusCallbackEvent", "TranscriptionEvent", "StreamEvent", "TranscriptionStatus", "RecordingStatus", "UnstableSpeechResult", "AnsweredBy", "MessageStatus", "CallStatus"];
const ANSWERS = ["Digits", "SpeechResult", "DialCallStatus", "QueueResult", "ReferCallStatus", "ErrorCode"];

/** Fill `place` with the call; exchanges that were open stay open. */
export function showCall(place, call) {
  const open = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.key));
  const scrolled = place.scrollTop;
  place.replaceChildren(facts(call), ...call.errors.map(trouble), waterfall(call, open), ...belongings(call));
  place.scrollTop = scrolled;
}

export function statusTag(call) {
  const kind = !call.is_over ? "tag tag--good" : call.status === "completed" ? "tag" : "tag tag--bad";
  return make("span", { class: kind }, call.status);
}

function facts(call) {
  const lasted = call.answered_ms === null ? "not answered" : `talked for ${span((call.ended_ms ?? call.now_ms) - call.answered_ms)}`;
  return make("div", {},
    make("div", { class: "facts__head" }, make("h2", {}, `${readable(call.from)} → ${readable(call.to)}`), statusTag(call)),
    make("p", { class: "facts__more" }, `${call.direction} · ${timeOfDay(call.created_ms)} · ${lasted} · ${call.sid} `,
      call.parent_call_sid ? make("a", { href: `#calls/${call.parent_call_sid}` }, "the call it belongs to") : null,
      call.left_off ? " · only the latest 500 messages are shown" : null));
}

const trouble = (error) => make("p", { class: "trouble", role: "note" }, make("b", {}, `${error.code} `), error.message, error.url ? ` (${error.url})` : "");

function waterfall(call, open) {
  const endMs = Math.max(call.ended_ms ?? call.now_ms, ...call.exchange_list.map((one) => one.at_ms + one.took_ms * call.speed));
  const axis = { fromMs: call.created_ms, lengthMs: Math.max(endMs - call.created_ms, 1), speed: call.speed };
  const beats = [...call.exchange_list.map((one, number) => [one.at_ms, exchange(one, `${one.token}/${number}`, axis, open)]),
    ...call.heard.map((one) => [one.at_ms, sound(one, axis)])];
  beats.sort((one, other) => one[0] - other[0]);
  return make("div", { class: "fall" },
    make("div", { class: "fall__axis" }, make("span", { class: "at" }, "after"), make("span", {}, "what happened"),
      make("span", { class: "fall__ends" }, make("span", {}, "0"), make("span", {}, span(axis.lengthMs)))),
    beats.map(([, beat]) => beat));
}

function exchange(one, key, axis, open) {
  const isBad = Boolean(one.error) || one.status >= 400;
  const path = one.url.replace(/^(https?|wss?):\/\/[^/]+/, "");
  const told = news(one);
  const summary = make("summary", {}, at(one, axis),
    make("span", { class: "what" }, make("b", {}, `${one.method} ${path}`), ` ${told.join(" ")} `,
      make("span", { class: isBad ? "tag tag--bad" : "tag" }, one.status ? `${one.status} · ${one.took_ms} ms` : "no answer"),
      one.marks.flatMap((mark) => [" ", make("span", { class: "tag tag--mark" }, mark)])),
    track(one.at_ms, one.took_ms * axis.speed, axis, isBad ? "bad" : one.kind));
  return make("details", { class: "beat", "data-key": key, open: open.has(key) }, summary, inside(one));
}

/** What a callback tells, or what drives the call on. */
function news(one) {
  const given = new Map(one.parameters);
  if (one.kind === "callback") return [EVENTS.map((name) => given.get(name)).find(Boolean) ?? ""];
  return ANSWERS.map((name) => given.get(name)).filter(Boolean);
}

function inside(one) {
  return make("div", { class: "inside" },
    make("div", {}, make("h3", {}, `${one.kind} · ${one.url}`), one.error ? make("p", { class: "trouble" }, one.error) : null, pretty(one.body)),
    make("div", {}, make("h3", {}, "Parameters"), pairs(one.parameters.filter(([, value]) => value !== ""))),
    make("div", {}, make("h3", {}, "Headers"), pairs(Object.entries(one.headers))));
}

function sound(one, axis) {
  const text = one.kind === "listening" && one.text === "recording" ? "records" : `${SOUNDS[one.kind] ?? one.kind} ${one.text}`.trim();
  return make("div", { class: "sound" }, at(one, axis), make("span", { class: "what", title: one.text }, text),
    one.seconds ? track(one.at_ms, one.seconds * 1000, axis, "sound") : make("span", { class: "track" }));
}

const at = (one, axis) => make("span", { class: "at" }, span(one.at_ms - axis.fromMs));

function track(fromMs, lengthMs, axis, kind) {
  const bar = make("span", { class: `bar bar--${kind}` });
  const share = Math.min((fromMs - axis.fromMs) / axis.lengthMs, 0.99);
  bar.style.setProperty("--from", `${100 * share}%`);
  bar.style.setProperty("--long", `${Math.min(100 * (lengthMs / axis.lengthMs), 100 * (1 - share))}%`);
  return make("span", { class: "track", "aria-hidden": "true" }, bar);
}

function belongings(call) {
  const legs = call.legs.map((leg) => make("li", {}, make("a", { href: `#calls/${leg.sid}` }, `${readable(leg.to)}`), " ", statusTag(leg)));
  return [below("Legs", legs), below("Recordings", call.recordings.map(recording)), below("Streams", call.streams.map(stream)),
    below("Transcriptions", call.transcriptions.map(transcription))].filter(Boolean);
}

function stream(one) {
  const ways = one.is_bidirectional ? "both ways" : one.tracks.join(" and ");
  return make("li", {}, make("span", { class: one.status === "stopped" ? "tag" : "tag tag--good" }, one.status), ` ${named(one)}${ways} · `,
    make("span", { class: "mono" }, one.url), ` · ${span(one.updated_ms - one.began_ms)} · ${one.sent} messages sent, ${one.obeyed} received`,
    one.error ? make("p", { class: "trouble" }, one.error) : null);
}

const SIDES = { inbound_track: "said", outbound_track: "heard" };

const transcription = (one) => make("li", {}, make("span", { class: one.status === "stopped" ? "tag" : "tag tag--good" }, one.status),
  ` ${named(one)}${one.track.replace("_", " ")}`,
  make("ul", { class: "said" }, one.said.map((line) => make("li", {}, make("span", { class: "at" }, SIDES[line.track]), make("q", {}, line.text)))));

const named = (one) => (one.name ? `${one.name} · ` : "");

const below = (title, items) => items.length ? make("div", { class: "below" }, make("h3", {}, title), make("ul", {}, items)) : null;

/** A recording with its player, once there is something to play. */
export function recording(one) {
  return make("li", {}, `${one.source} · ${one.status}${one.duration_s ? ` · ${one.duration_s}\u00a0s` : ""} `, one.words.length ? make("q", {}, one.words.join(" ")) : null,
    one.status === "completed" ? make("div", {}, make("audio", { controls: true, preload: "none", src: new URL(`${one.url}.wav`).pathname })) : null);
}
