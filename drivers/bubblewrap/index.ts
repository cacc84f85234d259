export { createBareProvider } from "./bare/provider.ts";
export { detectBubblewrap, type Detection } from "./detect.ts";
export { createBubblewrapProvider, type BubblewrapOptions } from "./provider.ts";
