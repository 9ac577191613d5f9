// HTML by hand: everything is text until it is put into an element, so nothing that a call carries can become a page.

/** An element with attributes (`class`, `href`, …; `on` a click) and children, texts or elements; null is left out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "on") element.addEventListener("click", value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== ""));
  return element;
}

/** A list of names and values. */
export function pairs(entries) {
  if (!entries.length) return make("p", { class: "none" }, "none");
  return make("dl", { class: "pairs" },
    entries.map(([name, value]) => [make("dt", {}, name), make("dd", value === "" ? { class: "pairs__blank" } : {}, value === "" ? "(blank)" : value)]));
}

/** "+1 202 555 0100" for a North American number; anything else as it is. */
export function readable(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `+1 ${parts[1]} ${parts[2]} ${parts[3]}` : number || "nobody";
}

/** The time of day of a moment. */
export const timeOfDay = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

/** A span of time: "0.35 s", "12 s", "4:05". */
export function span(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
