import { temporaryHome } from "../store/sqlite-home.ts";
import { journalContract } from "./journal-contract.ts";

journalContract("sqlite", async () => temporaryHome());
