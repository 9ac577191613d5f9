// Numbers and times as people read them, and back.

/** "+1 202 555 0100" for a North American number; anything else as it is. */
export function readable(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (parts) return `+1 ${parts[1]} ${parts[2]} ${parts[3]}`;
  return number.startsWith("client:") ? number.slice("client:".length) : number || "somebody";
}

/** What was typed as the network wants it: a plus and digits; blanks, brackets and dashes are dropped. */
export function dialable(typed) {
  const bare = typed.replace(/[\s().\-/]/g, "").replace(/^00/, "+");
  return /^\d{7,15}$/.test(bare) ? `+${bare}` : bare;
}

/** Seconds as "4:05". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
