import { expect, test } from "vitest";
import { reap } from "../../../core/control/reap.ts";
import { SeracError } from "../../../core/errors/index.ts";
import { controlPlace } from "./support/place.ts";

const HOUR_MS = 60 * 60_000;

test("a run that cannot be reaped does not keep the others from it, nor machines running", async () => {
  await using place = await controlPlace();
  const older = await place.running();
  await place.clock.advance(1000);
  const damaged = await place.running();
  await place.platform.queue.purge("work");
  await place.platform.artifacts.put(`runs/${damaged}/pulse.json`, Buffer.from("{"));
  let reapings = 0;
  place.sandbox.reap = () => {
    reapings += 1;
    return Promise.resolve({ machines: 1, bases: 0 });
  };
  await expect(reap(place.platform, place.workshop)).rejects.toThrow(SyntaxError);
  await place.clock.advance(HOUR_MS);
  await expect(reap(place.platform, place.workshop)).rejects.toThrow(SyntaxError);
  expect(reapings).toBe(2);
  expect(await place.platform.queue.depth("work")).toMatchObject({ waiting: 3 });
  await place.drain({}, ["work", "finish"]);
  expect(await place.run(older)).toMatchObject({ state: "finished" });
  // Machines that cannot be looked at are said to be so.
  await place.platform.artifacts.remove(`runs/${damaged}/pulse.json`);
  place.sandbox.reap = () => Promise.reject(new SeracError("cloud_throttled", "Too many requests."));
  await expect(reap(place.platform, place.workshop)).rejects.toMatchObject({ code: "cloud_throttled" });
});
