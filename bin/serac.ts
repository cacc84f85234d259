#!/usr/bin/env node
import { processIo } from "../cli/io.ts";
import { restartWithServingHeap } from "../cli/gateway/serving-heap.ts";
import { main, report } from "../cli/main.ts";
import { calledCommand } from "../cli/program.ts";

const argv = process.argv.slice(2);
if (calledCommand(argv) === "gateway") restartWithServingHeap();
const io = processIo();

const endAfter = (error: unknown): void => {
  process.exitCode = report(error, io);
  process.exit();
};
process.on("uncaughtException", endAfter);
process.on("unhandledRejection", endAfter);

// Threads and sockets that are on their way out no longer keep the process alive, but commands wait for them.
const alive = setInterval(() => {}, 2 ** 30);
process.exitCode = await main(argv, io);
clearInterval(alive);
