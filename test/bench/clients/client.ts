// What the client bench asks of a client. Each file beside this one exports one as `client`.
export type Qos = 0 | 1 | 2

export interface BenchClient {
  name: string
  /** Messages a measurement takes: enough for a steady figure, few enough for a short run. */
  messages: number
  connect(port: number): Promise<void>
  /** Publishes, at most WINDOW at once on their way; resolves when the last is acknowledged (QoS 0: written). */
  publish(count: number, qos: Qos): Promise<void>
  /** Subscribes to the filter; resolves when so many messages came. */
  subscribe(filter: string, count: number, qos: Qos): Promise<void>
  close(): Promise<void>
}

/** Calls `publishOne` so often, with at most `window` of them not done yet. */
export const windowed = (count: number, window: number, publishOne: (done: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    let started = 0
    let finished = 0
    let filling = false
    const fill = () => {
      filling = true
      while (started < count && started - finished < window) {
        started += 1
        publishOne(done)
      }
      filling = false
    }
    const done = () => {
      finished += 1
      if (finished === count) resolve()
      else if (!filling) fill()
    }
    fill()
  })
