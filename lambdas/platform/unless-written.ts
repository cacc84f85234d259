import type { DatasetSink } from "../../core/dataset/index.ts";

/**
 * A sink that shows nothing once the run has its dataset: an export that came twice, and ends after the other one, would take the dataset away
 * from whoever reads it already, to put the same in its place.
 */
export function unlessWritten(sink: DatasetSink, isWritten: () => Promise<boolean>, location: string): DatasetSink {
  return {
    create: (path) => sink.create(path),
    abort: () => sink.abort(),
    commit: async () => {
      if (!(await isWritten())) return sink.commit();
      await sink.abort();
      return location;
    },
  };
}
