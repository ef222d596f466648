// What Lambda's own runtime does with a function, over IPC: load the module (INIT), then hand it one event after the
// other. Plain JavaScript, so that a measured start holds no stripping of types.
// node lambda-runtime.mjs MODULE

const { handler } = await import(process.argv[2]);

process.on('message', async (event) => {
  const before = process.cpuUsage();
  const result = await handler(event, { getRemainingTimeInMillis: () => 900_000 });
  const { user, system } = process.cpuUsage(before);
  process.send({ result, cpuMicroseconds: user + system, loadedModules: process.moduleLoadList });
});
process.send('ready');
