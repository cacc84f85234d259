import { leaseAndSpendModel } from "./lease-model.ts";
import { runStoreContract } from "./run-store-contract.ts";
import { temporaryHome } from "./sqlite-home.ts";

runStoreContract("sqlite", async (clock) => temporaryHome(clock));
leaseAndSpendModel("sqlite", async (clock) => temporaryHome(clock));
