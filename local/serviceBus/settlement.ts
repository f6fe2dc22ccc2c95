import type { ServiceBus } from 'amqp-emulator'
import { type Catalogue, entityAt } from './entities.js'
import { setApplicationProperties } from './message.js'

type Lock = ReturnType<ServiceBus['lock']>

/** Dead-letters a message after `maxDeliveryCount` deliveries, whether it was abandoned or its lock ran out. */
export function deadLetterAfterMaxDeliveries(bus: ServiceBus, known: Catalogue) {
  const settle = bus.settle.bind(bus)
  const sweep = bus.sweep.bind(bus)

  const maxDeliveryCountOf = ({ entity }: Lock) => entityAt(known, entity)?.maxDeliveryCount ?? Number.POSITIVE_INFINITY
  const isLastDelivery = (lock: Lock) => bus.stateOf(lock.message).deliveryCount + 1 >= maxDeliveryCountOf(lock)
  const deadLetter = (lock: Lock) =>
    settle(lock.key, 'suspended', {
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterDescription: `Message could not be consumed after ${maxDeliveryCountOf(lock)} delivery attempts.`,
    })

  bus.settle = (key, status, options = {}) => {
    const lock = bus.locks.get(key)
    if (lock && status === 'abandoned' && isLastDelivery(lock)) return deadLetter(lock)
    if (lock && status !== 'suspended') setApplicationProperties(lock.message, options.propertiesToModify)
    return settle(key, status, options)
  }

  bus.sweep = (now = Date.now()) => {
    for (const lock of [...bus.locks.values()]) {
      if (lock.expires > now || !isLastDelivery(lock)) continue
      lock.link = null // so that the link remembers the delivery, and answers its late settlement with MessageLockLost
      deadLetter(lock)
    }
    sweep(now)
  }
}

/** Applies the lock duration of the entity to every lock, renewed or not. */
export function applyLockDuration(bus: ServiceBus, known: Catalogue) {
  const lock = bus.lock.bind(bus)
  const renew = bus.renew.bind(bus)
  const prolong = (held: Lock): Lock => {
    const entity = entityAt(known, held.entity)
    if (entity) held.expires = Date.now() + entity.lockDurationMs
    return held
  }

  bus.lock = (...delivery) => prolong(lock(...delivery))
  bus.renew = (key) => {
    const expires = renew(key) // throws MessageLockLost
    const held = bus.locks.get(key)
    return held ? prolong(held).expires : expires
  }
}
