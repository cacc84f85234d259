import { startTools } from "./tools.ts";
import { startMachine } from "./machine.ts";

/**
 * What runs in a sandbox's machine. Without an argument: the first process, which prepares the workspace's base while the image is built,
 * answers the platform's hooks, and starts `tools` in a process of its own when the machine has got an owner. What is random in
 * `tools`, and its memory, is then no other machine's, though all of them begin as copies of one.
 */
const [, , part] = process.argv;
if (part === "tools") await startTools();
else await startMachine();
