// The sounds of the telephone itself: keys, ringing, busy. Browsers allow them only after the person's first touch or key.

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const PAD = "123456789*0#";
const KEY_S = 0.12;
const LOUDNESS = 0.06;

// What is repeated: pairs of tones with their length, then silence (0 Hz); seconds.
const PATTERNS = {
  ringback: [[440, 480, 2], [0, 0, 4]],
  busy: [[480, 620, 0.5], [0, 0, 0.5], [480, 620, 0.5], [0, 0, 0.5], [480, 620, 0.5]],
  bell: [[880, 1109, 0.08], [988, 1245, 0.08], [880, 1109, 0.08], [988, 1245, 0.08], [880, 1109, 0.08], [988, 1245, 0.08],
    [0, 0, 0.25], [880, 1109, 0.08], [988, 1245, 0.08], [880, 1109, 0.08], [988, 1245, 0.08], [880, 1109, 0.08],
    [988, 1245, 0.25], [0, 0, 1.8]],
  over: [[480, 480, 0.12], [0, 0, 0.08], [360, 360, 0.2]],
};
const REPEATED = new Set(["ringback", "bell"]);

export class Sounds {
  #context = null;
  #playing = [];
  #again = 0;

  /** The two tones of a key. */
  key(key) {
    const place = PAD.indexOf(key);
    if (place >= 0) this.#beep(ROWS[Math.floor(place / 3)], COLUMNS[place % 3], this.#now(), KEY_S);
  }

  /** Keys one after the other, as they are heard on a line. */
  keys(text) {
    [...text].forEach((key, number) => setTimeout(() => this.key(key), number * 180));
  }

  /** Begin a pattern of PATTERNS; the one before stops. */
  start(name) {
    this.stop();
    let at = this.#now() + 0.02;
    const began = at;
    for (const [low, high, seconds] of PATTERNS[name]) {
      if (low) this.#playing.push(...this.#beep(low, high, at, seconds));
      at += seconds;
    }
    if (REPEATED.has(name)) this.#again = setTimeout(() => this.start(name), (at - began) * 1000);
  }

  stop() {
    clearTimeout(this.#again);
    for (const tone of this.#playing.splice(0)) tone.stop();
  }

  #now() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended" && navigator.userActivation?.hasBeenActive) void this.#context.resume();
    return this.#context.currentTime;
  }

  #beep(low, high, at, seconds) {
    const gain = this.#context.createGain();
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.008);
    gain.gain.setValueAtTime(LOUDNESS, at + seconds - 0.012);
    gain.gain.linearRampToValueAtTime(0, at + seconds);
    gain.connect(this.#context.destination);
    return [low, high].map((hertz) => {
      const tone = new OscillatorNode(this.#context, { frequency: hertz });
      tone.connect(gain);
      tone.start(at);
      tone.stop(at + seconds);
      return tone;
    });
  }
}
