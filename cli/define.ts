import type { Command } from "commander";
import type { Io } from "./io.ts";

/** Adds options, help and action to the bare command of that name. */
export type Define = (command: Command, io: Io) => void;
