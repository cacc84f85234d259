declare const SERAC_BUNDLE: boolean | undefined;

const isInstalled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;

/** How a person calls serac where this process was called: installed, or in a checkout. */
export const COMMAND = isInstalled ? "serac" : "npm run -s serac --";
