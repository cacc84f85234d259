import { expect, test } from "vitest";
import { setAlarm } from "../../../../core/gateway/app/alarm.ts";
import { settle, steppedClock } from "./stepped-clock.ts";

/** Rings once, at a moment that may be moved. */
function movable(at: number) {
  const clock = steppedClock(0);
  const moment = { at };
  const rung: number[] = [];
  const ring = (): void => {
    rung.push(clock.now());
    moment.at = Infinity;
  };
  return { clock, moment, rung, alarm: setAlarm(clock, [{ at: () => moment.at, ring }]) };
}

test("it rings at the earliest moment, and again when the moment has moved on", async () => {
  const clock = steppedClock(0);
  const rung: number[] = [];
  let at = 100;
  const alarm = setAlarm(clock, [{ at: () => at, ring: () => rung.push(clock.now(), (at += 100)) }]);
  await clock.pass(350);
  expect(rung.filter((_, index) => index % 2 === 0)).toEqual([100, 200, 300]);
  alarm.stop();
});

test("a moment that moves away does not ring at its old time", async () => {
  const { clock, moment, rung, alarm } = movable(100);
  await clock.pass(50);
  moment.at = 150;
  await clock.pass(200);
  expect(rung).toEqual([150]);
  alarm.stop();
});

test("a moment that comes nearer rings in time when it is told to look", async () => {
  const { clock, moment, rung, alarm } = movable(10_000);
  await settle();
  moment.at = 20;
  alarm.look();
  await clock.pass(30);
  expect(rung).toEqual([20]);
  alarm.stop();
});

test("nothing rings once it is stopped, also by another's ring", async () => {
  const clock = steppedClock(0);
  const rung: string[] = [];
  const alarm = setAlarm(clock, [
    {
      at: () => 10,
      ring: () => {
        rung.push("first");
        alarm.stop();
      },
    },
    { at: () => 10, ring: () => rung.push("second") },
  ]);
  await clock.pass(1_000);
  expect(rung).toEqual(["first"]);
});
