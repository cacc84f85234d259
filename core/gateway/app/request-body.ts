import { problem } from "./problem.ts";

/** The text of a JSON body, and what it says. Throws 413, 415 and 400 as the Messages API does. */
export async function readJsonBody(request: Request, maxBytes: number): Promise<{ readonly text: string; readonly json: unknown }> {
  // Anything else could be sent by any web page without a preflight.
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? ""))
    throw problem(415, "invalid_request_error", "The body's content-type must be application/json.");
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity")
    throw problem(
      415,
      "invalid_request_error",
      `The body is sent with content-encoding ${JSON.stringify(encoding)}; it must be sent as it is.`,
    );
  const text = await readText(request, maxBytes);
  try {
    return { text, json: JSON.parse(text) };
  } catch {
    throw problem(400, "invalid_request_error", "The body is not valid JSON.");
  }
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
    // HTTP lets nobody send more than declared, and a body in one piece is read for a third of the price.
    const text = await request.text();
    if (text.length > maxBytes) throw tooLarge(maxBytes);
    return text;
  }
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const tooLarge = (maxBytes: number) => problem(413, "request_too_large", `The request is larger than ${maxBytes} bytes.`);
