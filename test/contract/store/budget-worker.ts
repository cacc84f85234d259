import { openHome } from "../../../drivers/sqlite/index.ts";
import { SeracError } from "../../../core/errors/index.ts";

/** A process that tries ten reservations of 50 micro-dollars and prints what came of each. */
const [path = "", runId = "", owner = ""] = process.argv.slice(2);
const home = openHome(path);
for (let i = 0; i < 10; i++) {
  const outcome = await home.store.reserve(runId, `${owner}-${i}`, 50).then(
    () => "ok",
    (error: unknown) => (error instanceof SeracError ? error.code : String(error)),
  );
  process.stdout.write(`${outcome}\n`);
}
home.close();
