declare const SERAC_BUNDLE: boolean | undefined;

/**
 * Where a data file that ships with serac lies: beside the bundle in the published package (`assets/<name>`),
 * else inside the npm package that `specifier` names.
 */
export function assetUrl(name: string, specifier: string): URL {
  const isBundled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;
  return isBundled ? new URL(`./assets/${name}`, import.meta.url) : new URL(import.meta.resolve(specifier));
}
