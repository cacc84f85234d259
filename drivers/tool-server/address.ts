/** Where a tool server is, and how one gets through to it. */
export interface ToolAddress {
  /** https, or http on this machine. */
  readonly url: string;
  readonly secret: string;
  /** Headers for whoever stands in front of the server. `isRefused`: the last ones were not taken. */
  headers(isRefused: boolean): Promise<Readonly<Record<string, string>>>;
  /** Why the machine is not there any more; null when it is, as far as one can tell. */
  whyGone(): Promise<string | null>;
}

/** Throws TypeError for an address at which a secret must not be told. */
export function checkAddress(text: string): URL {
  const url = new URL(/^[a-z]+:\/\//.test(text) ? text : `https://${text}`);
  const isHere = url.hostname === "127.0.0.1" || url.hostname === "localhost" || url.hostname === "[::1]";
  if (url.protocol === "https:" || (url.protocol === "http:" && isHere)) return url;
  throw new TypeError(`A tool server is reached over https, not at ${url.origin}.`);
}
