// Loaded into a process whose memory is measured: collects its garbage at a signal.
const collect = globalThis.gc;
if (!collect) throw new Error('The process needs --expose-gc');
process.on('SIGUSR2', () => void collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
