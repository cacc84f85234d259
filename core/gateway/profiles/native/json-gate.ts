/**
 * Lets the text of a JSON object through as it comes, as long as it is the beginning of a valid one; literal control characters in
 * strings are escaped, a comma in front of a closing bracket is dropped. Held back are the object's last bracket, everything in front
 * of the first colon, commas and the beginnings of escapes: after each piece that came through, everything may still turn out well.
 */
export interface JsonGate {
  /** The text that may be passed on now. */
  push(text: string): string;
  /** What is held of an object that is complete, with its last bracket; null when it is not complete, or broken. */
  rest(): string | null;
  /** All that came through so far. */
  readonly passed: string;
}

type Expects = "start" | "key" | "first-key" | "colon" | "value" | "first-value" | "next" | "nothing";

const SPACE = /[ \t\n\r]/;
const SCALAR = /[-+.0-9a-zA-Z]/;
/** Every beginning of a number or of a name. */
const SCALAR_START =
  /^(?:-?(?:0|[1-9]\d*)?(?:(?<=\d)\.\d*)?(?:(?<=\d)[eE][-+]?\d*)?|t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:u(?:ll?)?)?)$/;

export function createJsonGate(): JsonGate {
  const open: ("{" | "[")[] = [];
  let expects: Expects = "start";
  let held = "";
  let hasColon = false;
  let commaAt = -1;
  let inString = false;
  /** After a backslash: how many more characters the escape takes; 0 outside of one. */
  let escape = 0;
  let scalar = "";
  let isBroken = false;

  const afterValue = (): void => {
    expects = open.length === 0 ? "nothing" : "next";
  };

  const takeInString = (char: string): boolean => {
    if (escape > 0) {
      const isFirst = escape === ESCAPE;
      if (isFirst ? !/["\\/bfnrtu]/.test(char) : !/[0-9a-fA-F]/.test(char)) return false;
      escape = isFirst ? (char === "u" ? 4 : 0) : escape - 1;
      held += char;
    } else if (char === '"') {
      inString = false;
      held += char;
      if (expects === "key" || expects === "first-key") expects = "colon";
      else afterValue();
    } else {
      if (char === "\\") escape = ESCAPE;
      held += char < " " ? JSON.stringify(char).slice(1, -1) : char;
    }
    return true;
  };

  const close = (char: string): boolean => {
    if (open.pop() !== (char === "}" ? "{" : "[")) return false;
    if (expects === "key" || expects === "value") held = held.slice(0, commaAt) + held.slice(commaAt + 1);
    held += char;
    afterValue();
    return true;
  };

  const canClose = (char: string): boolean => {
    if (expects === "next" || expects === (char === "}" ? "first-key" : "first-value")) return true;
    return commaAt >= 0 && expects === (char === "}" ? "key" : "value") && open.at(-1) === (char === "}" ? "{" : "[");
  };

  /** False when the text cannot be the beginning of an object any more. */
  const take = (char: string): boolean => {
    if (inString) return takeInString(char);
    if (scalar !== "" && SCALAR.test(char)) {
      scalar += char;
      held += char;
      return SCALAR_START.test(scalar);
    }
    if (scalar !== "") {
      if (!isScalar(scalar)) return false;
      scalar = "";
      afterValue();
    }
    // Brackets too many at the very end are a slip that changes nothing.
    if (expects === "nothing") return SPACE.test(char) || char === "}" || char === "]";
    if (SPACE.test(char)) {
      held += char;
      return true;
    }
    if (char === "}" || char === "]") return canClose(char) && close(char);
    return takeToken(char);
  };

  const takeToken = (char: string): boolean => {
    const isValue = expects === "value" || expects === "first-value";
    if (char === '"') {
      if (!isValue && expects !== "key" && expects !== "first-key") return false;
      inString = true;
    } else if (char === ":") {
      if (expects !== "colon") return false;
      hasColon = true;
      expects = "value";
    } else if (char === ",") {
      if (expects !== "next") return false;
      commaAt = held.length;
      expects = open.at(-1) === "{" ? "key" : "value";
      held += char;
      return true;
    } else if (char === "{" || char === "[") {
      if (expects === "start" ? char !== "{" : !isValue) return false;
      open.push(char);
      expects = char === "{" ? "first-key" : "first-value";
    } else {
      if (!isValue || !SCALAR.test(char)) return false;
      scalar = char;
      if (!SCALAR_START.test(scalar)) return false;
    }
    commaAt = -1;
    held += char;
    return true;
  };

  const isPassable = (): boolean => hasColon && expects !== "nothing" && escape === 0 && commaAt < 0;

  const gate: { -readonly [K in keyof JsonGate]: JsonGate[K] } = {
    passed: "",
    push(text) {
      let end = 0;
      for (const char of text) {
        if (isBroken) break;
        isBroken = !take(char);
        if (!isBroken && isPassable()) end = held.length;
      }
      const piece = held.slice(0, end);
      held = held.slice(end);
      if (commaAt >= 0) commaAt -= end;
      gate.passed += piece;
      return piece;
    },
    rest: () => (expects === "nothing" && !isBroken ? held : null),
  };
  return gate;
}

const ESCAPE = 5;

const isScalar = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
