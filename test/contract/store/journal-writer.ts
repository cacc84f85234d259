import { openHome } from "../../../drivers/sqlite/index.ts";
import { requery } from "../journal/entry.ts";

/** A process that appends without end and says which entries are safe. */
const home = openHome(process.argv[2] ?? "");
for (let n = 0; ; n++) {
  await Promise.all([home.journal.append("a", n, requery(`a${n}`)), home.journal.append("b", n, requery("long ".repeat(3000)))]);
  process.stdout.write(`${n}\n`);
}
