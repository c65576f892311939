export { backpressureDec, backpressureInc, contextGet, contextSet } from './context.ts';
export {
  futureCancelRead,
  futureCancelWrite,
  futureDropReadable,
  futureDropWritable,
  futureNew,
  futureRead,
  futureWrite,
} from './future.ts';
export { resourceDrop, resourceNew, resourceRep } from './resource.ts';
export {
  streamCancelRead,
  streamCancelWrite,
  streamDropReadable,
  streamDropWritable,
  streamNew,
  streamRead,
  streamWrite,
} from './stream.ts';
export { subtaskCancel, subtaskDrop } from './subtask.ts';
export { taskCancel, taskReturn, threadYield } from './task.ts';
export {
  waitableJoin,
  waitableSetDrop,
  waitableSetNew,
  waitableSetPoll,
  waitableSetWait,
} from './waitable.ts';
