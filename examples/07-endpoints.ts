// Endpoints: values and devices that other processes read, set, lock and log, by address. The provider and
// the client may run on different machines.
import { connect, EndpointClient, isRipenError, Provider, type EndpointError } from '@ripen/store'

const store = await connect()

let volts = 2.5
const provider = new Provider(store, {
  name: 'example_lab',
  endpoints: [
    // A value that is kept by the server. Its alerts have the calibrated value, because a set answers what a
    // get gives.
    { name: 'heater', initial_value: 20, calibration: 'times2({}) + 1', get_on_set: true, log_on_set: true },
    // A device: read every 50 ms, and published when it differs by more than a tenth from what was published
    // last.
    {
      name: 'voltage',
      calibration: '{} * 1000',
      read: () => volts,
      write: (value: number) => void (volts = value),
      schedule_interval: '50ms',
      max_fractional_change: 0.1,
      commands: { discharge: (by: number) => (volts -= by) },
    },
  ],
})

const client = new EndpointClient(store)
const logged = client.alerts({ match: 'sensor_value.voltage' })
const heated = client.alerts({ match: '*.heater' })
await provider.start()

console.log('endpoints:', await client.list('example_lab'))
console.log('heater:', await client.get('heater'))
console.log('heater set:', await client.set('example_lab.heater', 25))
console.log('alert:', (await heated.next()).value?.payload)

// The log of the schedule: the first reading, and then what changed enough.
console.log('first reading:', (await logged.next()).value?.payload)
await client.set('voltage', 2.6)
console.log('discharged to:', await client.cmd('voltage', 'discharge', [1]))
console.log('next reading:', (await logged.next()).value?.payload)

// Locked, it can be read by all and set by whoever has the key.
const lockoutKey = await client.lock('heater')
try {
  await client.set('heater', 99)
} catch (error) {
  if (isRipenError(error, 'RIPEN_ENDPOINT')) console.log('refused:', (error as EndpointError).retcode, error.message)
}
console.log('with the key:', await client.set('heater', 30, { lockoutKey }))
console.log('unlocked:', await client.unlock('heater', { key: lockoutKey }), 'and again:', await client.unlock('heater'))

await logged.return?.()
await heated.return?.()
await provider.forget() // Its values, locks and schedules would stay for the next process otherwise.
await client.close()
await store.close()
