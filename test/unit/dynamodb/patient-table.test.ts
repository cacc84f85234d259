import { expect, test } from "vitest";
import { SeracError } from "../../../core/errors/index.ts";
import { type Table, type Transacted, Unavailable, type Write } from "../../../drivers/dynamodb/table/operations.ts";
import { patientTable } from "../../../drivers/dynamodb/table/patient-table.ts";

const named = (name: string): Error => Object.assign(new Error("said"), { name });

function patient(table: Partial<Table>) {
  const waits: number[] = [];
  const clock = {
    sleep: (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
  return { waits, table: patientTable(table as Table, { clock, random: () => 1, tableName: "t" }) };
}

test("waits grow to a bound, and patience ends with the reason", async () => {
  const throttled = patient({ get: () => Promise.reject(new Unavailable("GetItem", named("ThrottlingException"))) });
  await expect(throttled.table.get({ partition: "p", sort: "s" })).rejects.toMatchObject({
    code: "cloud_throttled",
    message: expect.stringContaining("dynamodb:GetItem"),
  });
  expect(throttled.waits).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 2000]);
  const broken = patient({ get: () => Promise.reject(new Unavailable("GetItem", named("ECONNRESET"))) });
  await expect(broken.table.get({ partition: "p", sort: "s" })).rejects.toMatchObject({ code: "cloud_failed" });
});

test("what does not pass is thrown at once", async () => {
  const denied = new SeracError("cloud_denied", "no");
  const { table, waits } = patient({ write: () => Promise.reject(denied) });
  await expect(table.write({ key: { partition: "p", sort: "s" } })).rejects.toBe(denied);
  expect(waits).toEqual([]);
});

test("each try of a transaction may go elsewhere", async () => {
  const tried: string[] = [];
  const { table } = patient({
    transact: ([write]): Promise<Transacted> => {
      tried.push(write!.key.sort);
      return tried.length < 3
        ? Promise.reject(new Unavailable("TransactWriteItems", named("TransactionConflict")))
        : Promise.resolve({ ok: true });
    },
  });
  const writes = (attempt: number): readonly Write[] => [{ key: { partition: "p", sort: `shard ${attempt}` } }];
  expect(await table.transact(writes)).toEqual({ ok: true });
  expect(tried).toEqual(["shard 0", "shard 1", "shard 2"]);
});
