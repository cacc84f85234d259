import { escapeJson, escapeText, unescapeJson, unescapeText } from "../../agent/reserved-literals.ts";

/** What happens to data on its way into the text and back, so that it is not taken for the frame. */
export interface Quoting {
  text(data: string): string;
  json(data: string): string;
  plainText(quoted: string): string;
  plainJson(quoted: string): string;
}

/** As docs/adr/0007 has it. For data that comes as it is. */
export const reservedQuoted: Quoting = { text: escapeText, json: escapeJson, plainText: unescapeText, plainJson: unescapeJson };

const same = (data: string): string => data;

/** For messages of a chat request, in which data is quoted already by who sends them: a chat template changes none. */
export const asGiven: Quoting = { text: same, json: same, plainText: same, plainJson: same };
