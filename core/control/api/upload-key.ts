import { UPLOADS_PREFIX } from "../../config/cloud/names.ts";

/** Where the archive of an upload lies: the format is told by the name, as in a drop. */
export function uploadKey(uploadId: string): string {
  const dot = uploadId.indexOf(".");
  return `${UPLOADS_PREFIX}${uploadId.slice(0, dot)}/repo${uploadId.slice(dot)}`;
}
