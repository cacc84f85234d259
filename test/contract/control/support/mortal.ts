import type { ControlPlatform, Workshop } from "../../../../core/control/platform.ts";

export interface Mortal {
  readonly platform: ControlPlatform;
  readonly workshop: Workshop;
  /** Resolves when it dies. */
  readonly death: Promise<void>;
}

/**
 * The platform as a process sees it that is killed at its nth call of anything: that call is made or not, by `isMade`, and nothing the
 * process does afterwards has any effect.
 */
export function mortal(platform: ControlPlatform, workshop: Workshop, lifeCalls: number, isMade: boolean): Mortal {
  const { promise: death, resolve: die } = Promise.withResolvers<void>();
  let left = lifeCalls;
  const never = (): Promise<never> => new Promise(() => {});

  const guarded = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return (...args: unknown[]): unknown => {
          left -= 1;
          if (left > 0) return Reflect.apply(member, target, args);
          if (left === 0 && isMade) void Promise.resolve(Reflect.apply(member, target, args)).catch(() => {});
          die();
          return never();
        };
      },
    });

  const { store, journal, queue, artifacts, models } = platform;
  const guardedWorkshop = guarded(workshop);
  return {
    platform: {
      ...platform,
      store: guarded(store),
      journal: guarded(journal),
      queue: guarded(queue),
      artifacts: guarded(artifacts),
      models: guarded(models),
    },
    workshop: {
      ...workshop,
      teacher: async (config) => guarded(await workshop.teacher(config)),
      sandbox: async () => guarded(await workshop.sandbox()),
      exportDataset: (runId, signal) => guardedWorkshop.exportDataset(runId, signal),
      exportTrainingData: (model, signal) => guardedWorkshop.exportTrainingData(model, signal),
      jobs: async () => {
        const jobs = await workshop.jobs();
        return jobs === null ? null : guarded(jobs);
      },
    },
    death,
  };
}
