export type { ToolAddress } from "./address.ts";
export { connectToolServer, type ConnectOptions } from "./connect.ts";
export { openOverExchange, type ExchangeBytes } from "./over-exchange.ts";
export { packRepository, unpackRepository } from "./pack.ts";
export { startToolServer, type ToolServer, type ToolServerOptions } from "./server.ts";
