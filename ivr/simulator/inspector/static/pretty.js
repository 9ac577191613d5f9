// Answers as people read them: XML indented, JSON indented, all else as it came.

import { make } from "./make.js";

export function pretty(body) {
  const text = body.trim();
  if (!text) return make("p", { class: "none" }, "no body");
  if (text.startsWith("<")) return make("pre", {}, xml(text));
  return make("pre", {}, json(text) ?? body);
}

function json(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

/** Tags on lines of their own, indented; an element that holds only text stays on one line. */
function xml(text) {
  const parts = [];
  const tokens = text.match(/<!--[\s\S]*?-->|<[^>]*>|[^<]+/g) ?? [];
  let depth = 0;
  let isInline = false;
  tokens.forEach((token, at) => {
    const isClosing = token.startsWith("</");
    if (!token.startsWith("<")) {
      if (token.trim()) parts.push(isInline ? token.trim() : `\n${"  ".repeat(depth)}${token.trim()}`);
      return;
    }
    if (isClosing) depth -= 1;
    if (!(isClosing && isInline)) parts.push(at ? `\n${"  ".repeat(Math.max(depth, 0))}` : "");
    parts.push(make("span", { class: "x-tag" }, token));
    const opens = !isClosing && !token.endsWith("/>") && !/^<[?!]/.test(token);
    if (opens) depth += 1;
    const next = tokens[at + 1] ?? "";
    isInline = opens && ((!next.startsWith("<") && (tokens[at + 2] ?? "").startsWith("</")) || next.startsWith("</"));
  });
  return parts;
}
