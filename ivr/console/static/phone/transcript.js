// The conversation on paper: who said what, in order. It is a live region, so a screen reader says each new line once.

export class Transcript {
  #paper;
  #spoken = null; // the line's last sentence, while it may still be spoken
  #keys = null; // the keys pressed in a row

  constructor(paper) {
    this.#paper = paper;
  }

  clear() {
    this.#paper.replaceChildren();
    this.#spoken = this.#keys = null;
  }

  /** A sentence of the line, in its language. */
  line(text, language, seconds) {
    const said = this.#add("said said--line", text);
    if (language) said.lang = language;
    this.#spoken = { said, untilMs: performance.now() + seconds * 1000 };
  }

  sound(text) {
    this.#add("said said--line said--sound", `♪ ${text}`);
  }

  /** Somebody else in the conversation. */
  other(who, text) {
    this.#add("said said--other", text, who);
  }

  otherKeys(who, keys) {
    this.#caps(this.#add("said said--other", "", who), keys);
  }

  you(text) {
    this.#interrupt();
    this.#add("said said--you", `“${text}”`, "You said");
  }

  /** Keys in a row stand together. */
  youPressed(key) {
    this.#interrupt();
    const said = this.#keys ?? this.#add("said said--you", "", "You pressed");
    this.#keys = said;
    this.#caps(said, key);
    this.#scroll();
  }

  note(text, isBad = false) {
    this.#add(isBad ? "note note--bad" : "note", text);
  }

  /** The sentence that is being spoken is cut short. */
  #interrupt() {
    const spoken = this.#spoken;
    this.#spoken = null;
    if (!spoken || performance.now() >= spoken.untilMs) return;
    const mark = document.createElement("span");
    mark.className = "said__cut";
    mark.textContent = " — cut short";
    spoken.said.append(mark);
  }

  #add(kind, text, who = "") {
    this.#keys = null;
    const said = document.createElement("p");
    said.className = kind;
    if (who) {
      const label = document.createElement("span");
      label.className = "said__who";
      label.textContent = who;
      said.append(label);
    }
    said.append(text);
    this.#paper.append(said);
    this.#scroll();
    return said;
  }

  #caps(said, keys) {
    let row = said.querySelector(".said__keys");
    if (!row) {
      row = document.createElement("span");
      row.className = "said__keys";
      said.append(row);
    }
    for (const key of keys) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      row.append(cap);
    }
  }

  #scroll() {
    this.#paper.scrollTop = this.#paper.scrollHeight;
  }
}
