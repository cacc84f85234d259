import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { artifactStoreContract } from "./artifact-store-contract.ts";
import { removeFolder } from "../../folder.ts";

artifactStoreContract("files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "serac-artifacts-"));
  return { artifacts: await openFileArtifacts(join(folder, "artifacts")), close: () => removeFolder(folder) };
});
