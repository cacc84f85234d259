import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";
import { describeSandbox } from "./sandbox-suite.ts";

// No processes: there are none to end or to leave behind. No raw paths: the simulated shell's strings are Unicode.
describeSandbox("virtual-bash", async () => createVirtualBashProvider({ threads: 2 }), { processes: false, rawPaths: false });
