// The telephone: what the person does goes down the line, what the line says is shown, spoken and rung.
//
// States, on <body data-state>: away (no network) · idle · calling · ringing (somebody calls) · talking.

import { Ears } from "./ears.js";
import { clock, dialable, readable } from "./format.js";
import { Line } from "./line.js";
import { Sounds } from "./sounds.js";
import { Transcript } from "./transcript.js";
import { Voice } from "./voice.js";

const OWN_NUMBER = "+12025550143";
const KEYS = "0123456789*#";
const SHOWS_PRESS_MS = 130;
const TITLE = document.title;

const ENDINGS = {
  completed: "The call has ended",
  busy: "The line is busy",
  "no-answer": "Nobody answered",
  failed: "The call failed",
  canceled: "The caller gave up",
  "not-in-service": "This number is not in service",
};
const LISTENS_FOR = {
  dtmf: "Press a key",
  speech: "Say something",
  "dtmf speech": "Press a key or say something",
  recording: "Recording: speak now",
};

const $ = (id) => document.getElementById(id);
const memory = {
  get: (name, otherwise) => localStorage.getItem(`telephone.${name}`) ?? otherwise,
  set: (name, value) => localStorage.setItem(`telephone.${name}`, value),
};

const sounds = new Sounds();
const voice = new Voice(memory.get("voice", "on") === "on");
const ears = new Ears();
const transcript = new Transcript($("paper"));
const line = new Line(document.body.dataset.handset, memory.get("number", OWN_NUMBER));

const call = { peer: "", other: "The other side", language: "en-US", answeredMs: 0, wasIncoming: false, wasHungUp: false };
let ticking = 0;
let flashing = 0;

// ---- the states

const STATES = {
  away: "No connection to the telephone network; trying again",
  idle: "Ready",
  calling: "Calling",
  ringing: "Somebody is calling",
  talking: "Connected",
};
const state = () => document.body.dataset.state;
const isInCall = () => state() === "calling" || state() === "talking";

function enter(next) {
  const before = state();
  document.body.dataset.state = next;
  $("state").textContent = STATES[next];
  $("call").hidden = !(next === "idle" || next === "away");
  $("call").disabled = next === "away";
  $("hangup").hidden = !isInCall();
  $("answer").hidden = $("decline").hidden = next !== "ringing";
  $("dialler").hidden = $("offers").hidden = isInCall() || next === "ringing";
  $("peer").hidden = !$("dialler").hidden;
  $("peer").textContent = readable(call.peer);
  $("words").disabled = $("send").disabled = next !== "talking";
  $("microphone").hidden = !(isInCall() && Ears.exist);
  $("again").hidden = isInCall() && Ears.exist;
  $("again").disabled = next !== "idle" || !memory.get("last", "");
  if (next !== "talking") hearNothing();
  if (next !== before) moveFocus(next, before);
  showRinging(next === "ringing");
}

function moveFocus(next, before) {
  if (next === "ringing") $("answer").focus();
  else if (next === "calling" || next === "talking") $("keys").focus();
  else if (next === "idle" && before !== "away" && matchMedia("(hover: hover)").matches) $("number").focus();
}

// ---- what the person does

function dial(number) {
  if (state() !== "idle" || !number) return;
  sounds.stop();
  memory.set("last", number);
  Object.assign(call, { peer: number, answeredMs: 0, wasIncoming: false, wasHungUp: false, language: "en-US" });
  transcript.clear();
  transcript.note(`Calling ${readable(number)}`);
  $("number").value = readable(number);
  $("clock").hidden = true;
  enter("calling");
  line.do("dial", { to: number, from: line.number });
}

function hangUp() {
  call.wasHungUp = true;
  voice.hush();
  sounds.stop();
  line.do(state() === "ringing" ? "decline" : "hang_up");
}

function press(key) {
  sounds.key(key);
  showPress(key);
  if (state() === "talking") {
    voice.hush();
    transcript.youPressed(key);
    line.do("press", { keys: key });
  } else if (state() === "idle") {
    $("number").value += key;
    showErase();
  }
}

function speak(words, confidence = 0.9) {
  if (!words || state() !== "talking") return;
  voice.hush();
  transcript.you(words);
  line.do("speak", { words, confidence });
}

function listenToPerson() {
  if (ears.areOpen) return ears.close();
  voice.hush();
  $("microphone").setAttribute("aria-pressed", "true");
  ears.open(call.language, speak, (why) => {
    $("microphone").setAttribute("aria-pressed", "false");
    if (why) transcript.note(why);
  });
}

function keepOwnNumber(number) {
  memory.set("number", number);
  line.register(number);
  $("own-shown").textContent = readable(number);
}

// ---- what the line says

const HEARD = {
  status(heard) {
    if (heard.text === "ringing") return sounds.start("ringback");
    sounds.stop();
    call.answeredMs = performance.now();
    enter("talking");
    tick();
    transcript.note(call.wasIncoming ? "You answered" : "Answered");
  },
  rings(heard) {
    Object.assign(call, { peer: heard.text, answeredMs: 0, wasIncoming: true, wasHungUp: false, language: "en-US" });
    transcript.clear();
    transcript.note(`${readable(heard.text)} is calling`);
    enter("ringing");
    sounds.start("bell");
  },
  say(heard) {
    call.language = heard.language || call.language;
    hearSpeech("Speaking");
    voice.cutAudio();
    transcript.line(heard.text, heard.language, heard.seconds);
    voice.say(heard.text, heard.language, heard.seconds);
  },
  play(heard) {
    hearSpeech("Playing");
    if (/^https?:/.test(heard.text)) {
      transcript.sound(`audio, ${clock(heard.seconds)}`);
      voice.play(heard.text);
    } else {
      transcript.sound(`tones ${heard.text}`);
      sounds.keys(heard.text);
    }
  },
  pause: () => hearSpeech("One moment"),
  listening(heard) {
    call.language = heard.language || call.language;
    hearQuestion(LISTENS_FOR[heard.text] ?? "Listening");
  },
  connected(heard) {
    voice.cutAudio();
    call.other = readable(heard.text);
    hearQuestion(`Connected with ${call.other}`);
    transcript.note(`Connected with ${call.other}`);
  },
  voice(heard) {
    transcript.other(call.other, heard.text);
    voice.say(heard.text, call.language, heard.seconds || 4, true);
  },
  tones(heard) {
    transcript.otherKeys(call.other, heard.text);
    sounds.keys(heard.text);
  },
  ended(heard) {
    const wasRinging = state() === "ringing";
    sounds.stop();
    voice.cutAudio();
    ears.close();
    clearInterval(ticking);
    transcript.note(ending(heard.text, wasRinging), heard.text !== "completed" && !call.wasHungUp);
    enter("idle");
    if (heard.text === "busy") sounds.start("busy");
    else if (!wasRinging && !call.wasHungUp) sounds.start("over");
  },
  error: (heard) => transcript.note(heard.text, true),
};

function ending(status, wasRinging) {
  if (wasRinging) return call.wasHungUp ? "You declined the call" : `Missed call from ${readable(call.peer)}`;
  const lasted = call.answeredMs ? ` after ${clock((performance.now() - call.answeredMs) / 1000)}` : "";
  return `${call.wasHungUp ? "You hung up" : (ENDINGS[status] ?? status)}${lasted}`;
}

// ---- what is shown

function hearSpeech(text) {
  $("ear").hidden = false;
  $("ear").classList.add("ear--speaking");
  $("ear-text").textContent = text;
}

function hearQuestion(text) {
  hearSpeech(text);
  $("ear").classList.remove("ear--speaking");
}

function hearNothing() {
  $("ear").hidden = true;
  $("ear-text").textContent = "";
}

function tick() {
  clearInterval(ticking);
  const show = () => ($("clock").textContent = clock((performance.now() - call.answeredMs) / 1000));
  show();
  $("clock").hidden = false;
  ticking = setInterval(show, 500);
}

function showRinging(isRinging) {
  clearInterval(flashing);
  document.title = TITLE;
  if (!isRinging) return;
  const other = `☎ ${readable(call.peer)} is calling`;
  document.title = other;
  flashing = setInterval(() => (document.title = document.title === other ? TITLE : other), 1000);
}

function showPress(key) {
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  button.dataset.down = "";
  setTimeout(() => delete button.dataset.down, SHOWS_PRESS_MS);
}

function showErase() {
  $("erase").hidden = !$("number").value;
}

function showVoice() {
  $("voice").setAttribute("aria-pressed", String(voice.isOn));
  $("voice").querySelector("use").setAttribute("href", voice.isOn ? "#icon-sound" : "#icon-silence");
  $("voice").querySelector("span").textContent = voice.isOn ? "Voice" : "Muted";
}

// ---- the connection

function wentAway() {
  sounds.stop();
  voice.hush();
  ears.close();
  clearInterval(ticking);
  if (isInCall() || state() === "ringing") transcript.note("The line broke off: the telephone network is gone", true);
  enter("away");
  void explainAbsence();
}

/** Say who is gone; a demo that was started again may lend its telephones elsewhere, which a new page knows. */
async function explainAbsence() {
  try {
    const page = await (await fetch(location.href, { cache: "no-store" })).text();
    const handset = /data-handset="([^"]+)"/.exec(page)?.[1];
    if (handset && handset !== document.body.dataset.handset) location.reload();
  } catch {
    if (state() === "away") $("state").textContent = "The demo has stopped; start it again and this telephone comes back";
  }
}

line.addEventListener("up", () => enter("idle"));
line.addEventListener("down", wentAway);
line.addEventListener("heard", ({ detail }) => HEARD[detail.kind]?.(detail));

// ---- the controls

$("dialler").addEventListener("submit", (event) => {
  event.preventDefault();
  dial(dialable($("number").value));
});
$("number").addEventListener("input", showErase);
$("erase").addEventListener("click", () => {
  $("number").value = $("number").value.trimEnd().slice(0, -1);
  $("number").focus();
  showErase();
});
$("offers").addEventListener("click", (event) => {
  const offer = event.target.closest("[data-dial]");
  if (offer) dial(offer.dataset.dial);
});
$("keys").addEventListener("click", (event) => {
  const button = event.target.closest("[data-key]");
  if (button) press(button.dataset.key);
});
$("call").addEventListener("click", () => dial(dialable($("number").value)));
$("again").addEventListener("click", () => dial(memory.get("last", "")));
$("hangup").addEventListener("click", hangUp);
$("decline").addEventListener("click", hangUp);
$("answer").addEventListener("click", () => line.do("answer"));
$("microphone").addEventListener("click", listenToPerson);
$("microphone").title = "Your browser does the recognising; some send the sound to their maker";
$("voice").addEventListener("click", () => {
  voice.isOn = !voice.isOn;
  memory.set("voice", voice.isOn ? "on" : "off");
  showVoice();
});
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  speak($("words").value.trim());
  $("words").value = "";
});
$("own").addEventListener("submit", (event) => {
  event.preventDefault();
  keepOwnNumber($("own-number").value);
  $("own").closest("details").open = false;
});

// ---- the keyboard: digits, Enter, Escape, and a quotation mark to speak, as in the terminal's telephone

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const isTyping = event.target.matches("input, textarea");
  if (event.key === "Escape") return escape(event);
  if (isTyping) return;
  if (event.key === '"' && state() === "talking") {
    event.preventDefault();
    $("words").focus();
  } else if (KEYS.includes(event.key) && state() === "talking") {
    if (!event.repeat) press(event.key);
  } else if (/^[0-9*#+]$/.test(event.key) && state() === "idle") {
    $("number").focus(); // the character is typed there
  } else if (event.key === "Enter" && !event.target.closest("button, a, summary")) {
    if (state() === "ringing") line.do("answer");
    else dial(dialable($("number").value));
  }
});

function escape(event) {
  if (event.target === $("words") && $("words").value) $("words").value = "";
  else if (isInCall() || state() === "ringing") hangUp();
  else if (event.target === $("number")) $("number").value = "";
  showErase();
}

// ---- begin

for (const number of document.querySelectorAll(".offer__number")) number.textContent = readable(number.textContent);
const first = document.querySelector("[data-dial]");
$("number").value = first ? readable(memory.get("last", first.dataset.dial)) : "";
$("own-number").value = line.number;
$("own-shown").textContent = readable(line.number);
showErase();
showVoice();
enter("away");
$("state").textContent = "Connecting";
line.connect();
