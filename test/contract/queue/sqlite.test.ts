import { temporaryHome } from "../store/sqlite-home.ts";
import { exactQueueContract } from "./exact-queue-contract.ts";
import { taskQueueContract } from "./task-queue-contract.ts";

taskQueueContract("sqlite", async (clock) => temporaryHome(clock));
exactQueueContract("sqlite", async (clock) => temporaryHome(clock));
