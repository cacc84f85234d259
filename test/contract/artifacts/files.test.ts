import { join } from "node:path";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { artifactStoreContract } from "./artifact-store-contract.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

artifactStoreContract("files", async () => {
  const folder = temporaryFolder();
  return { artifacts: await openFileArtifacts(join(folder, "artifacts")), close: () => removeFolder(folder) };
});
