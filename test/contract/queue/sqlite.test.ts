import { temporaryHome } from "../store/sqlite-home.ts";
import { taskQueueContract } from "./task-queue-contract.ts";

taskQueueContract("sqlite", async (clock) => temporaryHome(clock));
