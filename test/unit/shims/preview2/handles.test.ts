import { expect, test } from 'vitest';
import { HandleTable, JcoHandles, type JcoTable } from '../../../../shims/preview2/abi/handles.ts';
import { GuestTrap } from '../../../../src/virtual/host.ts';

const FLAG = 1 << 30;
const BAD = [0, 2, -1, 7, 0x4000_0001, -0x8000_0000, 0x7fff_ffff];

test('handles are given, found, taken back and given again', () => {
  const table = new HandleTable('pollable');
  const [a, b, c] = [{ a: 1 }, { b: 1 }, { c: 1 }];
  expect([table.add(a), table.add(b)]).toEqual([1, 2]);
  expect(table.get(1)).toBe(a);
  expect(table.remove(1)).toBe(a);
  expect(() => table.get(1)).toThrow(GuestTrap);
  expect(() => table.remove(1)).toThrow(GuestTrap);
  expect(table.add(c)).toBe(1);
  expect(table.get(2)).toBe(b);
  expect([...table.drain()]).toEqual([c, b]);
  expect(() => table.get(2)).toThrow('2 is not a handle of a pollable');
});

test.each(BAD)('%i is not a handle of a table with one entry', (handle) => {
  const table = new HandleTable('error');
  table.add({});
  expect(() => table.get(handle)).toThrow(GuestTrap);
  expect(() => table.remove(handle)).toThrow(GuestTrap);
  expect(table.add({})).toBe(2);
});

test.each(BAD)("%i is not a handle of jco's table with one entry", (handle) => {
  const handles = new JcoHandles([FLAG, 0], new HandleTable('error'));
  handles.add({});
  expect(() => handles.get(handle)).toThrow(GuestTrap);
  expect(() => handles.take(handle)).toThrow(GuestTrap);
});

test("jco's table is kept as its own code keeps it", () => {
  const table: JcoTable = Object.assign([FLAG, 0], { _createdReps: new Set<number>() });
  const reps = new HandleTable<object>('error');
  const handles = new JcoHandles(table, reps);
  const [first, second, third] = [{}, {}, {}];
  expect([handles.add(first), handles.add(second)]).toEqual([1, 2]);
  expect(table).toEqual(
    Object.assign([FLAG, 0, 0, 1 | FLAG, 0, 2 | FLAG], { _createdReps: new Set([1, 2]) }),
  );
  // What rscTableRemove of the glue does to handle 1.
  table[2] = (table[0] as number) | FLAG;
  table[0] = 1 | FLAG;
  reps.remove(1);
  expect(() => handles.get(1)).toThrow(GuestTrap);
  expect(handles.get(2)).toBe(second);
  expect(handles.add(third)).toBe(1);
  expect(handles.get(1)).toBe(third);
});

test("what is taken out of jco's table is out of it as by its own code, and what is borrowed or lent cannot be taken", () => {
  const table: JcoTable = Object.assign([FLAG, 0], { _createdReps: new Set<number>() });
  const reps = new HandleTable<object>('fields');
  const handles = new JcoHandles(table, reps);
  const [first, second, third] = [{}, {}, {}];
  handles.add(first);
  handles.add(second);
  expect(handles.take(1)).toBe(first);
  expect([...table]).toEqual([1 | FLAG, 0, FLAG, 1 | FLAG, 0, 2 | FLAG]);
  expect(() => handles.take(1)).toThrow(GuestTrap);
  expect(() => handles.get(1)).toThrow(GuestTrap);
  expect([handles.add(third), handles.get(1), handles.take(2)]).toEqual([1, third, second]);
  // An owned handle with a scope is lent, one without the flag is borrowed.
  table[2] = 5;
  expect(() => handles.take(1)).toThrow(GuestTrap);
  table[2] = 0;
  table[3] = (table[3] as number) & ~FLAG;
  expect(() => handles.take(1)).toThrow(GuestTrap);
});
