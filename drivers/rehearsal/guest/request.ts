import { SOURCE_EXTENSIONS } from "../source/language.ts";

/** What a person asks for in free text, as far as a script can tell. */
export interface GuestRequest {
  /** On one line, shortened: to be repeated. */
  readonly quote: string;
  /** Relative to the working directory. */
  readonly path: string | null;
  /** Of a function or another thing in the code. */
  readonly name: string | null;
  readonly asksForChange: boolean;
}

const CHANGE =
  /\b(?:fix|change|add|implement|updat|remov|renam|refactor|improv|edit|creat|delet|writ|replac|mak(?:e|ing) (?:it|the|a|this)|correct|extend|clean up|insert|append|document)\w*\b/i;
const READ_ONLY = /\b(?:do not|don't|without) (?:change|chang|edit|modify|touch|writ)\w*/i;

/** The last words of a long text are the person's own: clients put context in front of them. */
const OWN_WORDS = 1_500;
const QUOTE = 90;

const PATH = new RegExp(
  String.raw`(?<![\w/.:-])((?:/testbed/|\./)?(?:[\w@+-][\w.@+-]*/)*[\w@+-][\w.@+-]*\.(?:${SOURCE_EXTENSIONS.join("|")}|md|txt|toml))(?![\w/])`,
  "i",
);
const NAME =
  /`([A-Za-z_$][\w$.]{1,60})(?:\(\))?`|\b(?:function|method|class|variable|constant)\s+([A-Za-z_$][\w$]{1,60})\b|\b([A-Za-z_]\w{2,60})\(\)/;

export function readGuestRequest(text: string): GuestRequest {
  const own = text.slice(-OWN_WORDS).trim();
  const path =
    PATH.exec(own)?.[1]
      ?.replace(/^\/testbed\/+/, "")
      .replace(/^\.\//, "") ?? null;
  const name = NAME.exec(own);
  const line = own.replace(/\s+/g, " ");
  return {
    quote: line.length > QUOTE ? `${line.slice(0, QUOTE).toWellFormed()}…` : line,
    path: path === null || path.split("/").includes("..") ? null : path,
    name: name?.[1] ?? name?.[2] ?? name?.[3] ?? null,
    asksForChange: CHANGE.test(own) && !READ_ONLY.test(own),
  };
}

/** Where the gateway puts a person's request in the harness's first prompt. */
export const REQUEST = /<pull_request>\s*([^]*?)\s*<\/pull_request>/;

/** What a person wrote, without the frame, the reminders and the description of the machine that gateway and client put around it. */
export const ownWords = (text: string): string =>
  (REQUEST.exec(text)?.[1] ?? text)
    .replace(/<system-reminder>[^]*?<\/system-reminder>/g, "")
    .replace(/(?:^|\n)# Environment\n[^]*$/, "")
    .trim();
