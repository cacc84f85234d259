export interface Redactor {
  /** From now on `secret` is shown nowhere. Values too short to be a secret are ignored: they would blot out ordinary text. */
  hide(secret: string | undefined): void;
  clean(text: string): string;
}

const SHORTEST = 4;
const MARK = "[redacted]";

/** The last line of defence: secrets are not put into messages in the first place. */
export function createRedactor(): Redactor {
  const hidden = new Set<string>();
  return {
    hide: (secret) => {
      if (secret === undefined || secret.length < SHORTEST) return;
      // As it stands, inside a JSON string, and inside a URL.
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())]) hidden.add(form);
    },
    clean: (text) => {
      let result = text;
      for (const secret of hidden) result = result.replaceAll(secret, MARK);
      return result;
    },
  };
}
