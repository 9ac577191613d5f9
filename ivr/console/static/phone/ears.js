// The browser's microphone, where the browser recognises speech. Some browsers send the sound to their maker for that.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;

export class Ears {
  #recognition = null;

  static get exist() {
    return Recognition !== undefined;
  }

  get areOpen() {
    return this.#recognition !== null;
  }

  /** Listen for one utterance: `onWords(words, confidence)`; then `onClosed(why)`, empty when all went well. */
  open(language, onWords, onClosed) {
    this.close();
    const recognition = new Recognition();
    let why = "";
    recognition.lang = language || "en-US";
    recognition.interimResults = false;
    recognition.addEventListener("result", (event) => {
      const best = event.results[event.results.length - 1][0];
      onWords(best.transcript.trim(), best.confidence || 0.9);
    });
    recognition.addEventListener("error", (event) => {
      why = PROBLEMS[event.error] ?? `the microphone did not work (${event.error})`;
    });
    recognition.addEventListener("end", () => {
      if (this.#recognition === recognition) this.#recognition = null;
      onClosed(why);
    });
    this.#recognition = recognition;
    recognition.start();
  }

  close() {
    this.#recognition?.abort();
    this.#recognition = null;
  }
}

const PROBLEMS = {
  aborted: "",
  "no-speech": "Nothing was heard.",
  "not-allowed": "The browser does not allow this page to use the microphone; type what you say instead.",
  "audio-capture": "There is no microphone; type what you say instead.",
  network: "This browser could not recognise speech just now; type what you say instead.",
};
