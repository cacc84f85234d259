import { join } from "node:path";
import { openHome } from "../../../drivers/sqlite/index.ts";
import type { Home } from "../../../drivers/sqlite/index.ts";
import type { Clock } from "../../../core/errors/clock.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

export interface TemporaryHome extends Omit<Home, "close"> {
  close(): Promise<void>;
}

export function temporaryHome(clock?: Clock): TemporaryHome {
  const folder = temporaryFolder();
  const home = openHome(join(folder, ".serac"), clock);
  return {
    ...home,
    close: async () => {
      home.close();
      removeFolderSync(folder);
    },
  };
}
