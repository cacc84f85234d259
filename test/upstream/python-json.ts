/**
 * JSON text as Python's `json.dumps(json.loads(text), ensure_ascii=False)` writes it: a blank after `,` and `:`, no other space, escapes
 * only where they must be. Numbers stay as they are. Null where the text is no JSON.
 */
export function pythonJson(text: string): string | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let dumped = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|[,:]|[^\s"{}[\],:]+/g)) {
    if (token.startsWith('"')) dumped += JSON.stringify(JSON.parse(token));
    else dumped += token === "," || token === ":" ? `${token} ` : token;
  }
  return dumped;
}
