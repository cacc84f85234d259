import type { ReplySink } from "../../client/reply.ts";
import type { PathMap } from "../../paths/path-map.ts";

/** The model's words on their way to a person. */
export interface Voice {
  say(text: string): void;
  /** What is held of them goes out: nothing that comes can change it. */
  release(): void;
  /** Whether anything visible went out. */
  readonly isHeard: boolean;
  /** White space that ended the text so far, which clients keep or not. Taken once. */
  takeBlank(): string;
}

/** A run without white space is no path any more. */
const LONGEST_PATH = 4096;
/** More than any rule about the beginning of a path looks back; words need not be kept for longer, and some languages have no blanks. */
const LOOKBACK = 16;

/** Words go out as they come, paths when they are complete. `onWords` comes right before some of them go out. */
export function createVoice(sink: ReplySink, paths: PathMap, onWords: () => void): Voice {
  let blank = "";
  /** What may still become a path of the model's, from its first slash on. */
  let run = "";
  /** What stands in front of it back to the last white space: it decides whether a path may begin. It holds no slash. */
  let before = "";

  const out = (text: string): void => {
    const all = blank + text;
    const visible = all.trimEnd();
    blank = all.slice(visible.length);
    if (visible === "") return;
    onWords();
    voice.isHeard = true;
    sink.text(visible);
  };
  const translated = (text: string): string => paths.toClient(before + text).slice(before.length);
  const settle = (): void => {
    if (run === "") return;
    const text = translated(run);
    before = "";
    run = "";
    out(text);
  };

  const voice: { -readonly [K in keyof Voice]: Voice[K] } = {
    isHeard: false,
    say(text) {
      const all = run + text;
      const word = all.length - /\S*$/.exec(all)![0].length;
      const slash = all.indexOf("/", word);
      const end = slash === -1 || all.length - slash > LONGEST_PATH ? all.length : slash;
      const ready = all.slice(0, end);
      run = all.slice(end);
      if (ready === "") return;
      const told = translated(ready);
      // White space in front of the word counts, too: a sign at the start of a line is a diff's.
      before = (word === 0 ? before + ready : ready.slice(word - 1)).slice(-LOOKBACK);
      if (before.includes("/")) before = "";
      out(told);
    },
    release: settle,
    takeBlank() {
      settle();
      const taken = blank;
      blank = "";
      return taken;
    },
  };
  return voice;
}
