// What the line says, aloud: sentences by the browser's own voice, one after the other, and audio as it is.
// The network's clock runs on meanwhile; a sentence is not cut off for that, only by what the person does.

const SLOWEST = 2; // a sentence that takes this many times as long as the network thinks has got stuck

export class Voice {
  #waiting = [];
  #present = null;
  #isOn;

  constructor(isOn) {
    this.#isOn = isOn;
  }

  get isOn() {
    return this.#isOn;
  }

  set isOn(isOn) {
    this.#isOn = isOn;
    if (!isOn) this.hush();
  }

  /** Speak `text` in `language` after what is spoken already; `isOther` is somebody else's voice. */
  say(text, language, seconds, isOther = false) {
    if (this.#isOn && "speechSynthesis" in window) this.#queue(speech(text, language, seconds, isOther));
  }

  /** Play the audio at `url`, until it is over or the next thing is said or played. */
  play(url) {
    this.cutAudio();
    if (this.#isOn) this.#queue(recording(url));
  }

  /** End audio that still plays: the line has gone on. */
  cutAudio() {
    this.#waiting = this.#waiting.filter((one) => !one.isAudio);
    if (this.#present?.isAudio) this.#present.stop();
  }

  /** Be silent at once and forget what waits. */
  hush() {
    this.#waiting = [];
    this.#present?.stop();
  }

  #queue(one) {
    this.#waiting.push(one);
    if (!this.#present) void this.#run();
  }

  async #run() {
    while (this.#waiting.length) {
      this.#present = this.#waiting.shift();
      await this.#present.run();
    }
    this.#present = null;
  }
}

function speech(text, language, seconds, isOther) {
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.lang = language || "en-US";
  spoken.voice = bestVoice(spoken.lang);
  spoken.pitch = isOther ? 1.25 : 1;
  let finish = () => {};
  return {
    isAudio: false,
    stop() {
      speechSynthesis.cancel();
      finish();
    },
    run: () =>
      new Promise((done) => {
        finish = done;
        spoken.addEventListener("end", done);
        spoken.addEventListener("error", done);
        setTimeout(done, (2 + seconds * SLOWEST) * 1000);
        speechSynthesis.speak(spoken);
      }),
  };
}

function recording(url) {
  const audio = new Audio(url);
  let finish = () => {};
  return {
    isAudio: true,
    stop() {
      audio.pause();
      finish();
    },
    run: () =>
      new Promise((done) => {
        finish = done;
        audio.addEventListener("ended", done);
        audio.addEventListener("error", done);
        audio.play().catch(done);
      }),
  };
}

/** A voice for the language, one that works without a network if there is a choice; null leaves it to the browser. */
function bestVoice(language) {
  const voices = speechSynthesis.getVoices();
  const fits = (voice, wanted) => voice.lang.replace("_", "-").toLowerCase().startsWith(wanted.toLowerCase());
  const exact = voices.filter((voice) => fits(voice, language));
  const near = voices.filter((voice) => fits(voice, language.split("-")[0]));
  const found = exact.length ? exact : near;
  return found.find((voice) => voice.localService) ?? found[0] ?? null;
}
