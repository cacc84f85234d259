import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";

console.log(JSON.stringify(await detectBubblewrap()));
