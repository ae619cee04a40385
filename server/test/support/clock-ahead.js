// Loaded before a server: sets the clock of that process ahead, as that of a machine whose time is wrong.
const aheadMs = Number(process.env['CLOCK_AHEAD_MS']);
const shiftedNow = () => RealDate.now() + aheadMs;
const RealDate = Date;

// A proxy, because mongoose knows the type by its name.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, values) => Reflect.construct(target, values.length === 0 ? [shiftedNow()] : values),
  get: (target, name) => (name === 'now' ? shiftedNow : Reflect.get(target, name)),
});
