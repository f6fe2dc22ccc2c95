import { KARI, OWNER, RESOURCE, sharedJourney } from '../support/journey.js'

/** What a client in another process needs to send a file and to receive it. */
export async function travel() {
  const journey = await sharedJourney()
  await journey.configure(RESOURCE, {})
  return {
    BROKER_URL: journey.stack.urls.app,
    SENDER_TOKEN: await journey.token(OWNER, 'altinn:broker.write altinn:serviceowner'),
    RECIPIENT_TOKEN: await journey.token(KARI, 'altinn:broker.read'),
  }
}
