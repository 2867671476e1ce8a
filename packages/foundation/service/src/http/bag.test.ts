import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBag } from "./bag.ts";

test("a bag holds what was put in and not taken out, whatever the order", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined })), (steps) => {
      const bag = createBag<number>();
      const held = new Map<number, () => boolean>();
      const gone: (() => boolean)[] = [];
      let next = 0;
      for (const step of steps) {
        const [item, take] = step === undefined ? [] : ([...held][step % Math.max(1, held.size)] ?? []);
        if (item === undefined || take === undefined) {
          held.set(next, bag.add(next));
          next += 1;
        } else {
          expect(take()).toBe(true);
          held.delete(item);
          gone.push(take);
        }
      }
      expect(gone.map((take) => take())).toEqual(gone.map(() => false));
      expect(bag.items().toSorted((one, other) => one - other)).toEqual([...held.keys()]);
      expect(bag.size).toBe(held.size);
    }),
  );
});
