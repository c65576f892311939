import { describe, expect, test } from 'vitest';
import { Ceiling } from '../../../../src/engine/starts/ceiling.ts';

describe('the ceiling', () => {
  test('lets in as many as there are places, the others in the order in which they came', async () => {
    const ceiling = new Ceiling({ maxInstances: 2 });
    const order: string[] = [];
    const enter = async (name: string): Promise<() => void> => {
      const leave = await ceiling.enter(1);
      order.push(name);
      return leave;
    };
    const first = await enter('a');
    const second = await enter('b');
    const others = [enter('c'), enter('d')];
    expect([order, ceiling.taken, ceiling.waiting]).toEqual([['a', 'b'], 2, 2]);
    first();
    await others[0];
    expect([order, ceiling.waiting]).toEqual([['a', 'b', 'c'], 1]);
    second();
    await others[1];
    expect([order, ceiling.taken]).toEqual([['a', 'b', 'c', 'd'], 2]);
  });

  test('a place that is given back twice is there once', async () => {
    const ceiling = new Ceiling({ maxInstances: 2 });
    const leave = await ceiling.enter(2);
    leave();
    leave();
    expect(ceiling.taken).toBe(0);
  });

  test('whoever needs many places is not overtaken by those who need few', async () => {
    const ceiling = new Ceiling({ maxInstances: 3 });
    const leave = await ceiling.enter(2);
    const order: number[] = [];
    const large = ceiling.enter(3).then((give) => (order.push(3), give));
    const small = ceiling.enter(1).then((give) => (order.push(1), give));
    leave();
    (await large)();
    (await small)();
    expect([order, ceiling.taken]).toEqual([[3, 1], 0]);
  });

  test('who waited for too long is told so, and those behind go on', async () => {
    const ceiling = new Ceiling({ maxInstances: 2, maxWait: 50 });
    await ceiling.enter(1);
    const large = ceiling.enter(2);
    const small = ceiling.enter(1);
    await expect(large).rejects.toMatchObject({
      code: 'BW_ENGINE_BUSY',
      message: 'The engine has at most 2 instances at one time; none of them ended within 50 ms.',
    });
    await small;
    expect([ceiling.taken, ceiling.waiting]).toEqual([2, 0]);
  });

  test('the wait is bounded, and what can never be is refused', async () => {
    const ceiling = new Ceiling({ maxInstances: 1, maxWaiting: 1 });
    await expect(ceiling.enter(2)).rejects.toMatchObject({ code: 'BW_ENGINE_BUSY' });
    const leave = await ceiling.enter(1);
    const waiting = ceiling.enter(1);
    await expect(ceiling.enter(1)).rejects.toMatchObject({ code: 'BW_ENGINE_BUSY' });
    leave();
    (await waiting)();
    expect(ceiling.taken).toBe(0);
  });

  test.each([{ maxInstances: 0 }, { maxWaiting: -1 }, { maxWait: 0.5 }])('%o is refused', (options) => {
    expect(() => new Ceiling(options)).toThrow(expect.objectContaining({ code: 'BW_ENGINE_OPTION' }));
  });
});
