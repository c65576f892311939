// Resources of a component's own: no limit of a policy counts their handles, which are in jco's tables, or, for a component of
// WASI 0.3, in ours; and their destructors are guest code.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { AuditLog, Engine, type Instance, MemorySink } from '../../src/index.ts';
import { watGuest } from '../guests/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Exports `make`, which gives a resource; its destructor calls the import `dropped`, then traps. */
const DESTRUCTOR = `(component
  (import "dropped" (func $dropped))
  (core func $dropped (canon lower (func $dropped)))
  (core module $destructors
    (import "host" "dropped" (func $dropped))
    (func (export "destroy") (param i32) (call $dropped) (unreachable)))
  (core instance $destructors (instantiate $destructors
    (with "host" (instance (export "dropped" (func $dropped))))))
  (type $thing (resource (rep i32) (dtor (core func $destructors "destroy"))))
  (core func $new (canon resource.new $thing))
  (core module $maker
    (import "host" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 7))))
  (core instance $maker (instantiate $maker (with "host" (instance (export "new" (func $new))))))
  (func $make (result (own $thing)) (canon lift (core func $maker "make")))
  (component $wall
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (result (own $thing))))
    (export $exported "thing" (type $thing))
    (export "make" (func $make) (func (result (own $exported)))))
  (instance $wall (instantiate $wall (with "thing" (type $thing)) (with "make" (func $make))))
  (export "test:own/things" (instance $wall)))`;

/** Makes resources without end: two types, of which one is dropped again each time. */
const FLOOD = `(component
  (type $kept (resource (rep i32)))
  (type $dropped (resource (rep i32)))
  (core func $keep (canon resource.new $kept))
  (core func $new (canon resource.new $dropped))
  (core func $drop (canon resource.drop $dropped))
  (core module $flood
    (import "host" "keep" (func $keep (param i32) (result i32)))
    (import "host" "new" (func $new (param i32) (result i32)))
    (import "host" "drop" (func $drop (param i32)))
    (func (export "keep")
      (loop $next (drop (call $keep (i32.const 1))) (br $next)))
    (func (export "drop") (local $rep i32)
      (loop $next
        (local.set $rep (i32.add (local.get $rep) (i32.const 1)))
        (call $drop (call $new (local.get $rep)))
        (br $next))))
  (core instance $flood (instantiate $flood (with "host" (instance
    (export "keep" (func $keep)) (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "keep") (canon lift (core func $flood "keep")))
  (func (export "drop") (canon lift (core func $flood "drop"))))`;

const engine = new Engine({ cache: false, audit: new AuditLog([new MemorySink()]) });

/** What makes a component one of WASI 0.3: it uses such a builtin. */
const ASYNC = '(type $stream (stream u8)) (core func (canon stream.new $stream))';

async function open({ limits, types }: Setting, wat: string, imports = {}): Promise<Instance> {
  const program = await engine.compile(await watGuest(wat.replace('(component', `(component ${types}`)));
  return program.instantiate({ policy: { version: 1, limits }, imports });
}

interface Setting {
  readonly name: string;
  readonly limits: object;
  readonly types: string;
}

const SETTINGS: readonly Setting[] = [
  { name: 'without a deadline', limits: {}, types: '' },
  { name: 'with a deadline', limits: { deadline: '20s' }, types: '' },
  { name: 'in a component of 0.3', limits: {}, types: ASYNC },
  { name: 'in a component of 0.3 with a deadline', limits: { deadline: '20s' }, types: ASYNC },
];

describe.each(SETTINGS)('own-resources $name', (setting) => {
  test('the garbage collector runs no guest code', async () => {
    let dropped = 0;
    await using instance = await open(setting, DESTRUCTOR, { dropped: () => void dropped++ });
    for (let i = 0; i < 10; i++) await instance.call('test:own/things#make');
    for (let i = 0; i < 5; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(dropped).toBe(0);
    const thing = (await instance.call('test:own/things#make')) as Disposable;
    if (setting.types === '') expect(() => thing[Symbol.dispose]()).toThrow('unreachable');
    else {
      // A guest of 0.3 is entered when none of its code runs: who drops is not told.
      thing[Symbol.dispose]();
      await expect
        .poll(() => instance.outcome)
        .toMatchObject({ kind: 'trap', reason: expect.stringContaining('unreachable') });
    }
    expect(dropped).toBe(1);
  });

  test('handles without end are a trap', async () => {
    await using instance = await open(setting, FLOOD);
    await expect(instance.call('keep')).rejects.toMatchObject({ code: 'BW_INSTANCE_TRAPPED' });
    expect(instance.outcome).toMatchObject({
      kind: 'trap',
      reason: expect.stringContaining('too many handles'),
    });
  });
});

// jco's tables give no handle twice.
test.each(SETTINGS.filter(({ types }) => types === ''))(
  'handles without end are a trap, also where each is dropped at once, $name',
  async (setting) => {
    await using instance = await open(setting, FLOOD);
    await expect(instance.call('drop')).rejects.toMatchObject({ code: 'BW_INSTANCE_TRAPPED' });
    expect(instance.outcome).toMatchObject({ reason: expect.stringContaining('too many handles') });
  },
);

test('in a component of 0.3 what is dropped makes room: it goes on to its deadline', async () => {
  await using instance = await open({ name: '', limits: { deadline: '500ms' }, types: ASYNC }, FLOOD);
  await expect(instance.call('drop')).rejects.toMatchObject({ code: 'BW_INSTANCE_LIMIT' });
  expect(instance.usage().handlesPeak).toBe(1);
});
